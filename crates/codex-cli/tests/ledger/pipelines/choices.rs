//! What may be chosen: which tasks, on which thread, and what becomes of the rest after one that failed.

use std::collections::BTreeSet;
use std::fs;

use codex_fixtures::{ModelServer, Reply, Script};
use rstest::rstest;
use serde_json::{Value, json};

use super::{decision, patch, pipeline, report, shop};
use crate::project::{LEDGER, Ran};

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
    assert!(ran.stderr.contains("hint: allow more turns with --max-turns\n"), "{ran:?}");
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
fn a_program_is_told_of_tasks_steps_and_the_end() {
    let project = shop();
    let server = ModelServer::start(Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        report("Made the store.", &decision()),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run", "--json", "--only", "1"]).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let told: Vec<&str> = types.iter().copied().filter(|of| *of != "line").collect();
    assert_eq!(
        told,
        [
            "pipeline_started",
            "task_started",
            "step_started",
            "step_ended",
            "stopped",
            "task_ended",
            "pipeline_ended"
        ]
    );
    assert!(types.contains(&"line"), "{types:?}");
    let task = &events[events.len() - 2];
    assert_eq!((&task["verdict"], &task["report"]["decisions"]), (&json!("completed"), &json!(1)));
    assert_eq!((&task["spent"]["tokens"], &task["report"]["tokens"]), (&json!(240), &json!(120)));
    let end = &events[events.len() - 1];
    assert_eq!((&end["exitCode"], &end["record"]["turnId"]), (&json!(0), &json!(1)));
    assert_eq!(end["tasks"][0]["taskId"], "TASK 01 - Store.task.md");
}
