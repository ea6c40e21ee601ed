//! Turns that are recorded, and turns that are not.

use std::fs;

use codex_fixtures::{FakeCodex, FakeScript};
use serde_json::Value;

use crate::project::{LEDGER, Project, THREAD, files_below, working};

#[test]
fn a_turn_leaves_a_record_whose_numbers_are_right() {
    let project = Project::recorded();
    let head = project.git(&["rev-parse", "HEAD"]);
    let ran = project.work_turn(&["--task", "greet", "-s", "workspace-write", "--result", "../result.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "It is done.\n"), "{ran:?}");
    assert!(ran.stderr.contains(&format!("turn 1 recorded in {LEDGER}/turns/1\n")), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["task"]["name"], "greet");
    assert_eq!(manifest["task"]["parameters"]["sandbox"], "workspace-write");
    assert_eq!(manifest["actor"]["initiator"], "Ada");
    assert_eq!(manifest["actor"]["agent"], format!("codex@{}", codex_fixtures::PINNED_CODEX_VERSION));
    assert_eq!(manifest["changes"]["added"], serde_json::json!(["new.txt"]));
    assert_eq!(manifest["changes"]["modified"], serde_json::json!(["hello.txt"]));
    let metrics = &manifest["metrics"];
    assert_eq!((&metrics["filesChanged"], &metrics["linesAdded"]), (&2.into(), &2.into()));
    assert_eq!((&metrics["linesDeleted"], &metrics["testsPassed"]), (&0.into(), &Value::Null));
    assert_eq!(manifest["validation"]["testsStatus"], "not-run");
    assert_eq!(manifest["git"]["headAfter"], head.as_str());
    assert_eq!(manifest["git"]["branch"], "main");
    let ledger = &manifest["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"completed".into(), &Value::Null));
    assert_eq!(ledger["agent"]["threadId"], THREAD);
    assert_eq!(ledger["usage"]["inputTokens"], 10);
    assert_eq!(ledger["turns"][0]["finalMessage"], "It is done.");
    assert!(ledger["tool"].as_str().unwrap().starts_with("codex-turns@"));
    assert!(project.artifact(1, "logs/llm_prompt.txt").contains("do it"));
    assert!(project.artifact(1, "diff.patch").contains("+world"));
    assert!(project.artifact(1, "session_context_values.md").contains("CODEX_SANDBOX"));
    assert!(!project.has(&format!("{LEDGER}/turns/1/logs/events.jsonl")), "only where it is asked for");
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    let record = &result["record"];
    assert_eq!((&record["turnId"], &record["state"]), (&1.into(), &"completed".into()));
    assert_eq!(record["uid"], ledger["uid"]);
    assert_eq!(project.rows().len(), 1);
    project.assert_verified(&["--git"]);
}

#[test]
fn where_recording_is_off_nothing_is_written_and_that_is_said_once() {
    let project = Project::new();
    let before = files_below(&project.path("work"));
    let said = "turns are not recorded here; `codex-turns ledger init` switches that on\n";
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["--result", "../result.json", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stderr.matches(said).count(), 1, "{ran:?}");
    assert_eq!(files_below(&project.path("work")), before, "not even below .git");
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!(result["record"], Value::Null);
    assert!(!project.run(&fake, &["do it"]).stderr.contains("recorded"), "the second time nothing is said");
}

#[test]
fn quiet_turns_and_programs_are_told_nothing() {
    for flag in ["--quiet", "--json"] {
        let project = Project::new();
        let ran = project.run(&FakeCodex::new(FakeScript::completed_turn("done")), &[flag, "do it"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    }
}

#[test]
fn a_flag_without_a_ledger_is_warned_of() {
    let project = Project::new();
    let ran = project.work_turn(&["--git", "commit"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr
            .contains("warning: turns are not recorded here, so --task, --git and --report say nothing"),
        "{ran:?}"
    );
}

#[test]
fn a_required_ledger_is_made() {
    let project = Project::new();
    let ran = project.work_turn(&["--require-ledger"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.manifest(1)["task"]["name"], "do it", "the prompt names the task");
    project.assert_verified(&[]);
}

#[test]
fn no_ledger_records_nothing() {
    let project = Project::recorded();
    let ran = project.work_turn(&["--no-ledger"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("record"), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns/1")));
}

#[test]
fn a_failed_turn_is_recorded_as_one() {
    let project = Project::recorded();
    let script = FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(r#"{"type":"turn.failed","error":{"message":"no idea"}}"#)
        .exit(1);
    let ran = project.run(&FakeCodex::new(script), &["do it"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("turn 1 recorded as failed"), "{ran:?}");
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["turns"][0]["verdict"]), (&"failed".into(), &"failed".into()));
    project.assert_verified(&["--git"]);
}

#[test]
fn a_codex_that_does_not_start_leaves_a_record_that_says_so() {
    let project = Project::recorded();
    let script = FakeScript::new().read_stdin().stderr("Error: no login\n").exit(1);
    let ran = project.run(&FakeCodex::new(script), &["do it"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &"not-started".into()));
    project.assert_verified(&["--git"]);
}

#[test]
fn what_is_wrong_with_a_call_takes_no_number() {
    let project = Project::recorded();
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &["--image", "nowhere.png", "do it"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns")), "{:?}", files_below(&project.work(LEDGER)));
    assert_eq!(project.git(&["for-each-ref", "refs/turns"]), "");
}

#[test]
fn an_agent_that_writes_into_the_ledger_fails_its_record() {
    let project = Project::recorded();
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let old = project.artifact(1, "adr.md");
    let script = FakeScript::new()
        .write_file(format!("{LEDGER}/turns/1/adr.md"), "nothing happened\n")
        .then(FakeScript::completed_turn("done"));
    let ran = project.run(&FakeCodex::new(script), &["do it"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("error: the agent wrote below ai/agentic-pipeline"), "{ran:?}");
    let ledger = &project.manifest(2)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &"ledger-touched".into()));
    assert_eq!(ledger["turns"][0]["verdict"], "completed", "the verdict stays Codex's");
    assert_eq!(project.artifact(1, "adr.md"), old, "the old content is kept");
    project.assert_verified(&["--git"]);
}

#[test]
fn secrets_of_the_environment_and_of_dotenv_files_stay_out() {
    let project = Project::recorded();
    project.write(".env", "DB_PASSWORD=correct-horse-battery\n");
    project.trusted_settings("[ledger.redact]\nvariables = [\"DSN\"]\n");
    let fake = FakeCodex::new(FakeScript::completed_turn("it is correct-horse-battery and dsn-dsn-dsn-dsn"));
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("API_TOKEN", "tok-tok-tok-tok").env("DSN", "dsn-dsn-dsn-dsn");
    let output = command.args(["run", "say tok-tok-tok-tok"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for file in files_below(&project.work(&format!("{LEDGER}/turns/1"))) {
        let text = project.artifact(1, &file);
        for secret in ["correct-horse", "tok-tok", "dsn-dsn"] {
            assert!(!text.contains(secret), "{file} has {secret}");
        }
    }
    project.assert_verified(&[]);
}

#[test]
fn records_are_chained() {
    let project = Project::recorded();
    for _ in 0..3 {
        assert_eq!(project.work_turn(&[]).code, Some(0));
    }
    assert_eq!(project.manifest(3)["ledger"]["parents"][0]["turnId"], 2);
    assert_eq!(project.rows().len(), 3);
    project.assert_verified(&["--git"]);
}
