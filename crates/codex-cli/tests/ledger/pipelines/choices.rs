//! What may be chosen: which tasks, on which thread, and what becomes of the rest after one that failed.

use std::collections::BTreeSet;
use std::fs;

use codex_fixtures::{ModelServer, Reply, Script};
use rstest::rstest;
use serde_json::{Value, json};

use super::{decision, patch, pipeline, report, shop};
use crate::project::{LEDGER, Project, Ran};

#[rstest]
#[case("stop", ["failed", "notRun", "notRun"])]
#[case("continue", ["failed", "failed", "completed"])]
fn a_failed_task_stops_the_pipeline_or_not(#[case] on_failure: &str, #[case] verdicts: [&str; 3]) {
    let project = shop();
    // Nothing is right the first time. The second task does not even begin, for want of its input.
    project.write("check.sh", "test -e .git/asked && exit 0; touch .git/asked; exit 1\n");
    let server = ModelServer::start(Script::new([
        Reply::new().message("I do nothing."),
        Reply::new().message("It is decided."),
    ]))
    .unwrap();
    let mut command = pipeline(&project, &server, &["run", "--report", "derived", "--max-turns", "1"]);
    command.args(["--until", "sh check.sh", "--on-failure", on_failure, "--result", "../result.json"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(5), "the limit of turns passed: {ran:?}");
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    let found: Vec<&Value> = (0..3).map(|task| &result["tasks"][task]["verdict"]).collect();
    assert_eq!(found, verdicts, "{ran:?}");
    let manifest = project.manifest(1);
    let ledger = &manifest["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&json!("failed"), &json!("task-failed")));
    assert_eq!(manifest["tasks"][0]["validations"][0]["status"], "fail");
    assert!(!project.has(&format!("{LEDGER}/turns/1/project-files.md")), "only what completed has one");
    project.assert_verified(&["--git"]);
}

#[test]
fn tasks_may_share_a_thread_and_one_report() {
    let project = shop();
    let server = ModelServer::start(Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        Reply::new().message("The report is there."),
        Reply::new().message("It is decided."),
        report("All of it.", &decision()),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run", "--thread", "shared"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    let manifest = project.manifest(1);
    let threads: BTreeSet<&str> = manifest["ledger"]["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["threadId"].as_str().unwrap())
        .collect();
    assert_eq!(threads.len(), 1);
    assert_eq!(
        manifest["ledger"]["decisions"],
        json!([{ "title": "Keep orders in a file", "status": "Accepted" }])
    );
    project.assert_verified(&["--git"]);
}

#[test]
fn one_task_or_the_rest_may_be_chosen() {
    let project = shop();
    project.write("src/store.txt", "one\n");
    let server = ModelServer::start(Script::new([Reply::new().message("The report is there.")])).unwrap();
    let ran = Ran::from(
        pipeline(&project, &server, &["run", "--only", "report", "--report", "derived"]).output().unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["task"]["parameters"]["tasks"], json!(["TASK 02 - Report.task.md"]));
    assert!(project.artifact(1, "adr.md").contains("Rationale stated for pipeline shop"), "derived");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_starter_runs_at_once() {
    let project = Project::recorded();
    assert_eq!(project.turns(&["init"]).code, Some(0));
    assert_eq!(project.turns(&["pipeline", "check"]).code, Some(0));
    let server = ModelServer::start(Script::new([
        patch("*** Add File: docs/overview.md\n+# work\n"),
        Reply::new().message("It is described."),
        report("Described the project.", &json!([])),
        Reply::new().message("It is so."),
        report("Looked at it.", &json!([])),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    assert_eq!(project.manifest(1)["tasks"][0]["outputs"][0]["path"], "docs/overview.md");
    project.assert_verified(&["--git"]);
}
