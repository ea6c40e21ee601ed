//! A pipeline that was killed: one that goes on, one that cannot, one that is given up.

use std::fs;
use std::process::Stdio;

use codex_fixtures::{ModelServer, Reply, Script, wait_until};
use serde_json::{Value, json};

use super::restated::change_journal;
use super::{PATTERN, decision, patch, pipeline, report, shop};
use crate::project::{LEDGER, Project, Ran, SOON};

/// The answers of a pipeline whose second task hangs in a command.
fn hanging() -> Script {
    Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        report("Made the store.", &decision()),
        Reply::new().message("I begin.").exec("echo half > report.txt; touch running; sleep 120"),
    ])
}

/// A pipeline that was killed in its second task.
fn killed() -> Project {
    let project = shop();
    let server = ModelServer::start(hanging()).unwrap();
    let mut child =
        pipeline(&project, &server, &["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(wait_until(SOON, || project.has("running")), "the command of the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(project.work("running")).unwrap();
    project
}

#[test]
fn a_pipeline_that_was_killed_goes_on_where_it_was() {
    let project = killed();
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(7));
    let said = "turn 1 (pipeline shop) was cut off; `codex-turns pipeline resume 1` continues it\n";
    let ran = project.turns(&["ledger", "recover"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), said), "it is not closed by the way: {ran:?}");
    let server = ModelServer::start(Script::new([
        Reply::new().message("The report is whole."),
        report("Wrote the report.", &json!([])),
        Reply::new().message("It is decided."),
        report("Decided.", &json!([])),
    ]))
    .unwrap();
    // Everything but the address of the service is what was meant before.
    rewire(&project, &server);
    let context = format!("{PATTERN}/pattern_context.md");
    project.write(&context, "# Shop\n\n## Constraints\n\n- Keep it smaller.\n");
    let ran = Ran::from(pipeline(&project, &server, &["resume", "1"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    let said = "is not what it was when the pipeline began; tasks that are left take it as it is\n";
    assert!(ran.stderr.contains(&format!("warning: {context} {said}")), "{ran:?}");
    assert_eq!(ran.stderr.matches(said).count(), 1, "the others are what they were: {ran:?}");
    assert!(ran.stderr.contains("pipeline shop continues: 3 tasks, turn 1\n"), "{ran:?}");
    assert!(!ran.stderr.contains("task 1 of 3"), "it is not run again: {ran:?}");
    let asked = server.requests();
    assert!(asked[0].prompt().unwrap().contains("was cut off"), "{:?}", asked[0].prompt());
    assert!(
        asked[0].user_texts().iter().any(|text| text.contains("# Task: Report")),
        "it is the same thread"
    );
    assert_eq!(project.rows().len(), 1, "one record");
    let manifest = project.manifest(1);
    assert_eq!(manifest["ledger"]["state"], "completed");
    let verdicts: Vec<&Value> = (0..3).map(|task| &manifest["tasks"][task]["verdict"]).collect();
    assert_eq!(verdicts, ["completed", "completed", "completed"]);
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 7, "two of the first task, three of the second, two of the third");
    assert_eq!(turns[2]["verdict"], Value::Null, "nobody saw its end");
    assert_eq!(turns[2]["threadId"], turns[3]["threadId"]);
    assert_eq!(manifest["changes"]["added"], json!(["report.txt", "src/store.txt"]));
    let changelog = project.artifact(1, "changelog.md");
    assert!(changelog.contains("Made the store.") && changelog.contains("Wrote the report."), "{changelog}");
    assert!(
        project.artifact(1, "adr.md").contains("Keep orders in a file"),
        "what was said before the crash counts"
    );
    project.assert_verified(&["--git"]);
    let again = project.turns(&["pipeline", "resume", "1"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.stderr.contains("error: turn 1 is no pipeline that was cut off"), "{again:?}");
}

/// Lets the work that is kept of the pipeline name another service.
fn rewire(project: &Project, server: &ModelServer) {
    change_journal(project, |continuation| {
        let settings = server.settings();
        continuation["work"]["work"]["codex"]["config"] = json!(settings.config);
    });
}

#[test]
fn a_task_that_was_changed_meanwhile_stops_the_resumption() {
    let project = killed();
    project.write(&format!("{PATTERN}/tasks/TASK 03 - Choose.task.md"), "# Choose\n\nSomething else.\n");
    let ran = project.turns(&["pipeline", "resume", "1"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains(
            "error: task 3 (TASK 03 - Choose.task.md) is not what it was when the pipeline began\n"
        ),
        "{ran:?}"
    );
    let ran = project.turns(&["ledger", "recover", "--close", "1"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.manifest(1)["ledger"]["state"], "interrupted");
    assert_eq!(project.manifest(1)["tasks"][0]["verdict"], "completed");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_next_turn_leaves_a_pipeline_alone_and_says_so() {
    let project = killed();
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("`codex-turns pipeline resume 1` continues it\n"), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns/1")));
    project.assert_verified_but_unfinished();
}

impl Project {
    fn assert_verified_but_unfinished(&self) {
        let ran = self.turns(&["ledger", "verify", "--git"]);
        assert_eq!(ran.code, Some(7), "{ran:?}");
    }
}
