//! Tests, linters and coverage after a turn.

use std::time::{Duration, SystemTime};

use codex_fixtures::{FakeCodex, FakeScript, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::project::{LEDGER, Project, Ran, SOON, working};

const JUNIT: &str = r#"<testsuites><testsuite name="a"><testcase name="x"/><testcase name="y"/><testcase name="z"><failure/></testcase><testcase name="s"><skipped/></testcase></testsuite></testsuites>"#;
const GREEN: &str = r#"<testsuite name="a"><testcase name="x"/><testcase name="y"/></testsuite>"#;

/// A project with settings, and reports that no git sees.
fn project(settings: &str) -> Project {
    let project = Project::recorded();
    project.write(".gitignore", "out/\n");
    std::fs::create_dir(project.work("out")).unwrap();
    project.write("junit.src", JUNIT);
    project.write("green.src", GREEN);
    project.write("lcov.src", "SF:a\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nend_of_record\n");
    project.trusted_settings(settings);
    project.commit("set up");
    project
}

#[test]
fn reports_become_numbers() {
    let project = project(
        "[tests]\ncommand = \"cp junit.src out/a.xml; cp green.src out/b.xml; exit 1\"\nreport = \"out/*.xml\"\n\
         [lint]\ncommand = [\"true\"]\n\
         [coverage]\ncommand = \"cp lcov.src out/lcov.info\"\nreport = \"out/lcov.info\"\n",
    );
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "tests that fail are no failure of the turn: {ran:?}");
    assert!(ran.stderr.contains("✗ tests: cp junit.src"), "{ran:?}");
    assert!(ran.stderr.contains("✓ lint: true"), "{ran:?}");
    let manifest = project.manifest(1);
    let metrics = &manifest["metrics"];
    assert_eq!((&metrics["testsPassed"], &metrics["testsFailed"]), (&4.into(), &1.into()));
    assert_eq!(metrics["filesChanged"], 2, "the reports are not the turn's work");
    assert_eq!(metrics["coverageDeltaPct"], Value::Null, "there is nothing to compare with");
    let validation = &manifest["validation"];
    assert_eq!((&validation["testsStatus"], &validation["lintStatus"]), (&"failed".into(), &"passed".into()));
    let coverage = &manifest["ledger"]["coverage"];
    assert_eq!((&coverage["after"], &coverage["kind"]), (&json!(75.0), &"lcov-lines".into()));
    assert!(project.artifact(1, "reports/tests.xml").contains("testcase"));
    assert_eq!(manifest["ledger"]["state"], "completed");
    project.write("lcov.src", "SF:a\nDA:1,1\nDA:2,1\nDA:3,0\nDA:4,0\nend_of_record\n");
    // The command names the file, so that its new bytes are to be trusted again.
    project.trust();
    assert_eq!(project.work_turn(&[]).code, Some(0));
    assert_eq!(project.manifest(2)["metrics"]["coverageDeltaPct"], json!(-25.0));
    project.assert_verified(&["--git"]);
}

#[test]
fn what_a_check_writes_is_not_the_turns_work() {
    let project = project("[tests]\ncommand = \"cp green.src junit.xml\"\nreport = \"junit.xml\"\n");
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let manifest = project.manifest(1);
    assert_eq!(manifest["changes"]["added"], json!(["new.txt"]));
    assert_eq!(
        (&manifest["metrics"]["filesChanged"], &manifest["metrics"]["testsPassed"]),
        (&2.into(), &2.into())
    );
    project.assert_verified(&["--git"]);
}

#[test]
fn coverage_may_come_from_the_tests() {
    let project =
        project("[tests]\ncommand = \"cp lcov.src out/lcov.info\"\n[coverage]\nreport = \"out/lcov.info\"\n");
    assert_eq!(project.work_turn(&[]).code, Some(0));
    assert_eq!(project.manifest(1)["ledger"]["coverage"]["after"], 75.0);
}

#[test]
fn an_old_report_does_not_count() {
    let project = project("[tests]\ncommand = \"true\"\nreport = \"out/*.xml\"\n");
    project.write("out/a.xml", JUNIT);
    let file = std::fs::File::options().write(true).open(project.work("out/a.xml")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let manifest = project.manifest(1);
    assert_eq!(manifest["metrics"]["testsPassed"], Value::Null);
    assert_eq!(manifest["validation"]["testsStatus"], "passed", "the command ended well");
}

#[test]
fn a_report_of_the_agents_does_not_stand_for_tests_that_did_not_run() {
    let project = project("[tests]\ncommand = \"exit 2\"\nreport = \"out/*.xml\"\n");
    let script =
        FakeScript::new().write_file("out/a.xml", GREEN).then(FakeScript::completed_turn("all green"));
    // The report is older than the command by more than clocks are apart.
    let script = script.sleep(Duration::from_millis(200));
    assert_eq!(project.run(&FakeCodex::new(script), &["do it"]).code, Some(0));
    let manifest = project.manifest(1);
    assert_eq!(manifest["metrics"]["testsPassed"], Value::Null);
    assert_eq!(manifest["validation"]["testsStatus"], "failed");
}

#[test]
fn a_gate_fails_the_record_and_the_command() {
    let project = project("[tests]\ncommand = \"echo broken; exit 3\"\ngate = true\n");
    let ran = project.work_turn(&["--result", "../result.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "It is done.\n"), "{ran:?}");
    assert!(ran.stderr.contains("  | broken\n"), "{ran:?}");
    assert!(
        ran.stderr.contains("error: tests did not pass, and the project requires it (codex-turns.toml:3)"),
        "{ran:?}"
    );
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &"tests-failed".into()));
    let result: Value = serde_json::from_slice(&std::fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!((&result["verdict"], &result["exitCode"]), (&"completed".into(), &1.into()));
    project.assert_verified(&["--git"]);
}

#[test]
fn a_gate_holds_where_only_the_report_has_failures_and_where_nothing_is_recorded() {
    let project =
        project("[tests]\ncommand = \"cp junit.src out/a.xml\"\nreport = \"out/a.xml\"\ngate = true\n");
    let ran = project.work_turn(&["--no-ledger"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("→ its report has failures"), "{ran:?}");
    assert_eq!(project.work_turn(&["--no-checks"]).code, Some(0));
    assert_eq!(project.manifest(1)["validation"]["testsStatus"], "not-run");
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let project = project(
        "[tests]\ncommand = \"no-such-program\"\n[lint]\ncommand = [\"no-such-program\"]\n\
         [coverage]\ncommand = \"sleep 30\"\nlimit = \"200ms\"\n",
    );
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("exit 127, not started"), "{ran:?}");
    assert!(ran.stderr.contains("could not start"), "{ran:?}");
    assert!(ran.stderr.contains("took too long"), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["validation"]["testsStatus"], "error");
    assert_eq!(manifest["validation"]["lintStatus"], "error");
}

#[test]
fn checks_are_not_run_after_a_turn_that_did_not_complete() {
    let project = project("[tests]\ncommand = \"touch out/ran\"\ngate = true\n");
    let ran = project.run(&FakeCodex::new(FakeScript::new().read_stdin().exit(1)), &["do it"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(!project.has("out/ran"));
    assert_eq!(project.manifest(1)["validation"]["testsStatus"], "not-run");
}

#[test]
fn the_settings_are_those_from_before_the_turn() {
    let project = project("[tests]\ncommand = \"touch out/mine\"\n");
    let script = FakeScript::new()
        .write_file("codex-turns.toml", "[tests]\ncommand = \"touch out/theirs\"\n")
        .then(FakeScript::completed_turn("done"));
    let ran = project.run(&FakeCodex::new(script), &["do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("warning: codex-turns.toml was changed during the turn"), "{ran:?}");
    assert!(project.has("out/mine") && !project.has("out/theirs"));
}

#[test]
fn ctrl_c_during_a_check_ends_it_and_keeps_the_record() {
    let project = project("[tests]\ncommand = \"touch out/began; sleep 60\"\ngate = true\n");
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["run", "do it"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    assert!(wait_until(SOON, || project.has("out/began")));
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stderr.contains("cancelling: waiting for the check to stop"), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["validation"]["testsStatus"], "not-run");
    assert_eq!(manifest["ledger"]["state"], "aborted", "its gate was not judged");
    assert!(project.has(&format!("{LEDGER}/turns/1/diff.patch")));
    project.assert_verified(&["--git"]);
}
