//! Which values of a file of secrets later records do not show.

use std::fs;

use codex_ledger::record::SecretFiles;
use codex_ledger::{FileLedger, GitMode, RecordEnd, TurnBegin};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::{World, options};

const OF_TURN: &str = "backd00r-payload-77";
const OF_PERSON: &str = "of-a-p3rson-1234";

fn ledger(world: &World) -> FileLedger {
    let mut options = options();
    let file = world.root().join(".env");
    options.secret_files = SecretFiles::read_by(move || {
        fs::read(&file).map(|bytes| (".env".to_owned(), bytes)).into_iter().collect()
    });
    world.ledger_at(&world.root(), &Fate::new(Blow::None), options)
}

fn commit(world: &World, path: &str, content: &str) {
    world.write(path, content);
    world.git(&["add", path]);
    world.git(&["commit", "-q", "-m", "by a person"]);
}

/// Records a turn that writes a file of secrets and both values into another file, and says what its patch has of those.
fn patch_after(world: &World, secrets: &str) -> String {
    let mut log = ledger(world).open_turn(world.header()).unwrap();
    log.begin_turn(TurnBegin::new("deploy"));
    let turn = log.turn_id();
    world.write(".env", secrets);
    world.write("deploy.sh", format!("{turn}: {OF_PERSON} {OF_TURN}\n"));
    log.finish(RecordEnd::new()).unwrap();
    let patch = world.root().join(format!("ai/agentic-pipeline/turns/{turn}/diff.patch"));
    let patch = fs::read_to_string(patch).unwrap();
    let line = patch.lines().find_map(|line| line.strip_prefix(&format!("+{turn}: ")));
    line.unwrap_or_else(|| panic!("{patch}")).to_owned()
}

#[rstest]
fn values_that_a_turn_committed_redact_nothing(
    #[values(GitMode::Commit, GitMode::Branch)] mode: GitMode,
    #[values(true, false)] is_same_clone: bool,
) {
    let world = World::empty(mode);
    commit(&world, ".env", &format!("SERVICE_TOKEN={OF_PERSON}\n"));
    let both = format!("SERVICE_TOKEN={OF_PERSON}\nDEPLOY_TOKEN={OF_TURN}\n");
    let readable = format!("[REDACTED:dotenv] {OF_TURN}");
    assert_eq!(patch_after(&world, &both), readable);
    assert_eq!(world.line(&["show", "HEAD:.env"]), both.trim_end());
    if !is_same_clone {
        fs::remove_file(world.root().join(".git/turns/secrets-of-turns.json")).unwrap();
    }
    assert_eq!(patch_after(&world, &both), readable);
    // What a person commits on top says nothing of it.
    commit(&world, "README.md", "by a person\n");
    assert_eq!(patch_after(&world, &both), readable);
    // A person puts it there.
    commit(&world, ".env", &format!("SERVICE_TOKEN={OF_PERSON}\n"));
    commit(&world, ".env", &both);
    assert_eq!(patch_after(&world, &both), "[REDACTED:dotenv] [REDACTED:dotenv]");
}
