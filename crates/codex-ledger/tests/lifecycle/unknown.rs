//! Turns of which little is known.

use std::path::Path;
use std::sync::Arc;

use codex_ledger::git::{Refs as _, Signing, WriteObjects as _};
use codex_ledger::record::{RolloutSource, Stage};
use codex_ledger::{FileLedger, GitMode, TurnBegin};
use codex_protocol::{EventLine, RolloutSummary, ThreadId};

use crate::world::{LINES, World, git_cli, options, rules};

struct Rollouts;

impl RolloutSource for Rollouts {
    fn rollout(&self, thread: &ThreadId, _file: Option<&Path>) -> Option<RolloutSummary> {
        assert_eq!(thread.as_str(), "0199a213-81c0-7800-8aa1-bbab2a035a53");
        let mut rollout = RolloutSummary::new();
        for line in [
            r#"{"timestamp":"2025-09-05T17:42:11Z","type":"event_msg","payload":{"type":"task_started"}}"#,
            r#"{"timestamp":"2025-09-05T17:42:11Z","type":"turn_context","payload":{"model":"gpt-5.5"}}"#,
            r#"{"timestamp":"2025-09-05T17:42:12Z","type":"response_item","payload":{"type":"function_call","name":"shell_command","arguments":"{\"command\":\"rm -rf /\"}","call_id":"c1"}}"#,
            r#"{"timestamp":"2025-09-05T17:42:13Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"half way"}]}}"#,
        ] {
            rollout.observe(line.as_bytes());
        }
        Some(rollout)
    }
}

fn with_rollouts(world: &World) -> FileLedger {
    let mut options = options();
    options.sign = Signing::Never;
    FileLedger::builder(world.root(), rules())
        .vcs(Arc::new(git_cli(&world.root())))
        .rollouts(Arc::new(Rollouts))
        .options(options)
        .open()
        .unwrap()
}

/// A turn whose process dies after its third line.
fn killed(world: &World) {
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    log.begin_turn(TurnBegin::new("Delete everything."));
    world.write("src/half.rs", "fn half() {}\n");
    for (number, line) in (1..).zip(&LINES[..3]) {
        log.record(&EventLine::new(number, line.as_bytes()));
    }
}

#[test]
fn an_interrupted_turn_has_what_its_lines_and_its_rollout_have() {
    let world = World::new(GitMode::Record);
    killed(&world);
    let recovered = with_rollouts(&world).recover().unwrap();
    assert_eq!(recovered[0].found, Stage::Open);
    let manifest = world.manifest(2);
    assert_eq!(manifest["ledger"]["state"], "interrupted");
    assert_eq!(manifest["ledger"]["reason"], "crash");
    let turn = &manifest["ledger"]["turns"][0];
    assert_eq!(turn["threadId"], "0199a213-81c0-7800-8aa1-bbab2a035a53");
    assert_eq!(turn["verdict"], serde_json::Value::Null);
    assert_eq!(turn["finalMessage"], "half way");
    assert_eq!(manifest["ledger"]["agent"]["model"], "gpt-5.5", "nobody named a model, and Codex took one");
    assert_eq!(manifest["provenance"]["tools"], serde_json::json!(["shell", "shell_command"]));
    assert_eq!(manifest["changes"]["added"], serde_json::json!(["src/half.rs"]), "nothing was changed since");
    let log = String::from_utf8(world.files()["turns/2/logs/task.log"].clone()).unwrap();
    assert!(
        log.contains("not completed") && log.contains("rm -rf /") && log.contains("interrupted"),
        "{log}"
    );
}

#[test]
fn changes_that_may_be_somebody_elses_are_unknown() {
    let world = World::new(GitMode::Record);
    killed(&world);
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::open(world.root().join("src/half.rs")).unwrap().set_modified(later).unwrap();
    world.ledger().recover().unwrap();
    let manifest = world.manifest(2);
    assert_eq!(manifest["ledger"]["trees"]["after"], serde_json::Value::Null);
    assert_eq!(manifest["metrics"]["filesChanged"], serde_json::Value::Null);
    assert_eq!(manifest["artifacts"]["diff"], serde_json::Value::Null);
    let index = String::from_utf8(world.files()["turns_index.csv"].clone()).unwrap();
    assert!(index.lines().any(|line| line.starts_with("2,")), "{index}");
}

#[test]
fn a_claim_that_nobody_knows_of_becomes_a_record() {
    let world = World::new(GitMode::Record);
    let claim = br#"{"v":1,"turnId":2,"uid":"00000000-0000-7000-8000-00000000abcd","startedUtc":"2025-09-05T17:50:00Z","nonce":"00"}"#;
    let vcs = git_cli(&world.root());
    let blob = vcs.write_blob(claim).unwrap();
    vcs.create_ref("refs/turns/2", &blob, &[]).unwrap();
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered[0].found, Stage::Claimed);
    let manifest = world.manifest(2);
    assert_eq!(manifest["ledger"]["uid"], "00000000-0000-7000-8000-00000000abcd");
    assert_eq!(manifest["timestampUtc"], "2025-09-05T17:50:00Z");
    let (changelog, adr) = (&world.files()["turns/2/changelog.md"], &world.files()["turns/2/adr.md"]);
    assert!(String::from_utf8_lossy(changelog).contains("State: interrupted"));
    assert!(String::from_utf8_lossy(adr).contains("No decision recorded"));
    assert_eq!(world.ledger().recover().unwrap(), []);
}
