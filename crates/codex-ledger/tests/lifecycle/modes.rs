//! Nothing is committed, the work is, or it is on a branch of its own; and repositories of all kinds.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use codex_ledger::manifest::RecordState;
use codex_ledger::record::DirtyWorktree;
use codex_ledger::{GitMode, LedgerError, RecordEnd};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::{World, options};

#[test]
fn recording_changes_neither_branch_nor_index_and_guards_the_record() {
    let world = World::empty(GitMode::Record);
    let (head, index) =
        (world.line(&["rev-parse", "HEAD"]), fs::read(world.root().join(".git/index")).unwrap());
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.refs, ["refs/turns-seal/1"]);
    assert_eq!(world.line(&["rev-parse", "HEAD"]), head);
    assert_eq!(fs::read(world.root().join(".git/index")).unwrap(), index);
    let seal = world.line(&["log", "-1", "--format=%B", "refs/turns-seal/1"]);
    assert!(seal.contains(&format!("Turn-Manifest-Sha256: {}", recorded.manifest_sha256)), "{seal}");
    world.git(&["gc", "-q", "--prune=now"]);
    world.verify("after git gc");
    let manifest = world.manifest(1);
    let trees = &manifest["ledger"]["trees"];
    for tree in [&trees["before"], &trees["after"]] {
        assert_eq!(world.line(&["cat-file", "-t", tree.as_str().unwrap()]), "tree");
    }
    assert_eq!(trees["dirtyBefore"], false);
    assert_eq!(manifest["git"]["tag"], serde_json::Value::Null);
}

#[test]
fn no_other_user_can_hold_the_locks() {
    let world = World::new(GitMode::Record);
    for name in ["lock", "common.lock"] {
        let found = fs::metadata(world.root().join(".git/turns").join(name)).unwrap();
        assert_eq!(found.mode() & 0o007, 0, "{name}");
        assert_ne!(found.mode() & 0o070, 0o040, "{name}: a group that only reads could hold it");
    }
}

#[test]
fn committing_puts_the_record_on_top_of_the_work_and_tags_it() {
    let world = World::empty(GitMode::Commit);
    world.git(&["add", "-A"]);
    let first = world.line(&["rev-parse", "HEAD"]);
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    assert_eq!(recorded.refs, ["refs/heads/main", "refs/tags/turn/1"]);
    world.verify("committed");
    let manifest = world.manifest(1);
    let work = manifest["git"]["headAfter"].as_str().unwrap();
    assert_eq!(world.line(&["rev-parse", "refs/tags/turn/1^{commit}"]), world.line(&["rev-parse", "HEAD"]));
    assert_eq!(world.line(&["rev-parse", "HEAD^"]), work);
    assert_eq!(world.line(&["rev-parse", "HEAD^^"]), first);
    let work_files = "M\tREADME.md\nA\tsrc/new_1.rs\nD\tsrc/old.rs";
    assert_eq!(world.line(&["diff-tree", "-r", "--no-commit-id", "--name-status", work]), work_files);
    let ledger_files = world.line(&["diff-tree", "-r", "--no-commit-id", "--name-only", "HEAD"]);
    assert!(ledger_files.lines().all(|path| path.starts_with("ai/agentic-pipeline/")), "{ledger_files}");
    assert_eq!(world.line(&["status", "--porcelain"]), "");
    let message = world.line(&["log", "-1", "--format=%B", work]);
    assert_eq!(message, "turn: 1 make-tests-pass\n\nTurn-Id: 1\nTurn-Task: make-tests-pass");
    let trailers = world.line(&["log", "-1", "--format=%(trailers:only)", "HEAD"]);
    let expected = format!(
        "Turn-Id: 1\nTurn-Task: make-tests-pass\nTurn-Manifest-Sha256: {}\n\
         Turn-Metrics-FilesChanged: 3\nTurn-Metrics-TestsPassed: 2",
        recorded.manifest_sha256
    );
    assert_eq!(trailers.trim_end(), expected);
}

#[test]
fn a_turn_without_changes_is_one_commit() {
    let world = World::new(GitMode::Commit);
    let head = world.line(&["rev-parse", "HEAD"]);
    let log = world.ledger().open_turn(world.header()).unwrap();
    let recorded = log.finish(RecordEnd::new().state(RecordState::Completed, "")).unwrap();
    assert_eq!(recorded.reason, None);
    assert_eq!(world.line(&["rev-parse", "HEAD^"]), head);
    let manifest = world.manifest(2);
    assert_eq!(
        (&manifest["git"]["headBefore"], &manifest["git"]["headAfter"]),
        (&head.clone().into(), &head.into())
    );
}

#[test]
fn the_branch_of_a_turn_is_made_where_head_was_and_head_goes_there() {
    let world = World::empty(GitMode::Branch);
    let first = world.line(&["rev-parse", "HEAD"]);
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.refs, ["refs/heads/turn/1", "refs/tags/turn/1"]);
    world.verify("on its branch");
    assert_eq!(world.line(&["symbolic-ref", "HEAD"]), "refs/heads/turn/1");
    assert_eq!(world.line(&["rev-parse", "refs/heads/main"]), first);
    assert_eq!(world.manifest(1)["git"]["branch"], "turn/1");
    let index = String::from_utf8(world.files()["turns_index.csv"].clone()).unwrap();
    assert!(index.contains(",turn/1,turn/1,"), "{index}");
    assert_eq!(world.line(&["status", "--porcelain"]), "");
}

#[rstest]
fn a_repository_without_a_commit_is_recorded(
    #[values(GitMode::Record, GitMode::Commit, GitMode::Branch)] mode: GitMode,
) {
    let world = World::unborn(mode);
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    let manifest = world.manifest(1);
    assert_eq!(manifest["git"]["headBefore"], serde_json::Value::Null);
    assert_eq!(manifest["metrics"]["filesChanged"], 2);
    assert_eq!(manifest["git"]["headAfter"].is_string(), mode.commits());
    world.verify("unborn");
    if mode.commits() {
        assert_eq!(world.line(&["rev-list", "--count", "HEAD"]), "2");
        assert_eq!(world.line(&["status", "--porcelain"]), "");
    }
}

#[rstest]
fn a_detached_head_moves_without_a_branch(#[values(GitMode::Record, GitMode::Commit)] mode: GitMode) {
    let world = World::empty(mode);
    world.git(&["checkout", "-q", "--detach"]);
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    assert_eq!(world.manifest(1)["git"]["branch"], serde_json::Value::Null);
    let ahead = world.line(&["rev-list", "--count", "main..HEAD"]);
    assert_eq!(ahead, if mode.commits() { "2" } else { "0" });
}

#[test]
fn linked_worktrees_share_the_numbers_and_nothing_else() {
    let world = World::new(GitMode::Record);
    let linked = world.beside("linked");
    world.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    let ledger = world.ledger_at(&linked, &Fate::new(Blow::None), options());
    ledger.init().unwrap();
    let here = world.ledger().open_turn(world.header()).unwrap();
    let there = ledger.open_turn(world.header()).unwrap();
    assert_eq!((here.turn_id().get(), there.turn_id().get()), (2, 3));
    let recorded = there.finish(RecordEnd::new()).unwrap();
    assert!(recorded.directory.starts_with(linked.canonicalize().unwrap()));
    here.finish(RecordEnd::new()).unwrap();
    assert!(!world.files().contains_key("turns/3/manifest.json"));
    assert_eq!(world.ledger().recover().unwrap(), [], "the other worktree's record is nobody's orphan");
}

#[test]
fn a_worktree_with_changes_of_its_own_is_not_committed() {
    let world = World::new(GitMode::Commit);
    world.write("README.md", "mine\n");
    let refs = world.refs();
    let refused = world.ledger().open_turn(world.header()).err().unwrap();
    assert!(matches!(refused, LedgerError::Refused { .. }), "{refused}");
    assert_eq!(world.refs(), refs, "no number was taken");
    assert_eq!(world.leftovers(), Vec::<std::path::PathBuf>::new());
    let mut options = options();
    options.dirty = DirtyWorktree::RecordOnly;
    let recorded = world.turn(&world.ledger_at(&world.root(), &Fate::new(Blow::None), options), 2).unwrap();
    assert_eq!(recorded.warnings, ["the worktree had changes of its own, so nothing is committed"]);
    assert_eq!(world.manifest(2)["ledger"]["trees"]["dirtyBefore"], true);
}

#[test]
fn a_branch_that_the_agent_moved_stays_where_it_is() {
    let world = World::new(GitMode::Commit);
    let recorded = world
        .turn_with(&world.ledger(), 2, |world| {
            world.git(&["add", "-A"]);
            world.git(&["commit", "-q", "-m", "the agent's own"]);
        })
        .unwrap();
    let theirs = world.line(&["rev-parse", "HEAD"]);
    assert_eq!(world.line(&["log", "-1", "--format=%s"]), "the agent's own");
    let manifest = world.manifest(2);
    assert_eq!(manifest["ledger"]["violations"][0]["kind"], "branch-moved");
    let work = manifest["git"]["headAfter"].as_str().unwrap();
    assert_ne!(work, theirs);
    assert_eq!(world.line(&["rev-parse", "refs/tags/turn/2^{commit}^"]), work);
    assert_eq!(recorded.refs, ["refs/tags/turn/2"]);
    assert_eq!(world.ledger().recover().unwrap(), []);
}

#[test]
fn without_a_ledger_nothing_is_written() {
    let world = World::empty(GitMode::Record);
    fs::remove_dir_all(world.root().join("ai")).unwrap();
    let ledger = world.ledger();
    assert!(!ledger.is_initialised());
    assert!(matches!(ledger.open_turn(world.header()), Err(LedgerError::NotInitialised { .. })));
    assert!(!world.root().join("ai").exists());
}
