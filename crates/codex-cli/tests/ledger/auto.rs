//! Runs of several turns: one record for all of them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use codex_fixtures::{ChildProcess, FakeCodex, FakeCodexBuilder, FakeScript, alive, wait_until};
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::project::{LEDGER, Project, Ran, SOON, THREAD, begun, files_below, working};

/// Passes once the agent has written `world`.
const CHECK: &str = "grep -q world hello.txt || { echo 'no world'; exit 1; }";

fn turns(scripts: impl IntoIterator<Item = FakeScript>) -> FakeCodex {
    scripts.into_iter().fold(FakeCodex::builder(), FakeCodexBuilder::start).build()
}

fn red() -> FakeScript {
    FakeScript::completed_turn("I think so.")
}

fn command(project: &Project, fake: &FakeCodex, arguments: &[&str]) -> Command {
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).arg("auto").args(arguments);
    command
}

fn auto(project: &Project, fake: &FakeCodex, arguments: &[&str]) -> Ran {
    Ran::from(command(project, fake, arguments).output().unwrap())
}

/// The ledger's part of a manifest, without what differs from run to run.
fn stable(manifest: &Value) -> Value {
    let ledger = &manifest["ledger"];
    let mut turns = ledger["turns"].clone();
    for turn in turns.as_array_mut().unwrap() {
        let turn = turn.as_object_mut().unwrap();
        for name in ["startedAt", "elapsedMs", "promptSha256", "rolloutPath"] {
            turn.remove(name);
        }
    }
    json!({
        "task": manifest["task"],
        "changes": manifest["changes"],
        "state": ledger["state"],
        "reason": ledger["reason"],
        "usage": ledger["usage"],
        "turns": turns,
        "violations": ledger["violations"],
    })
}

#[test]
fn a_run_is_one_record_with_all_its_turns() {
    let project = Project::recorded();
    let fake = turns([red(), working()]);
    let flags = ["-s", "workspace-write", "--max-turns", "4", "--budget-time", "5m"];
    let ran = auto(
        &project,
        &fake,
        &[&flags[..], &["--result", "../result.json", "--until", CHECK, "greet"]].concat(),
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "It is done.\n"), "{ran:?}");
    assert!(ran.stderr.contains(&format!("turn 1 recorded in {LEDGER}/turns/1\n")), "{ran:?}");
    insta::assert_json_snapshot!(stable(&project.manifest(1)));
    assert_eq!(project.rows().len(), 1);
    let shown = project.turns(&["ledger", "show", "1"]).stdout;
    assert!(
        shown.contains("turns     1: completed, ") && shown.contains("\n          2: completed, "),
        "{shown}"
    );
    let prompts = project.artifact(1, "logs/llm_prompt.txt");
    assert!(prompts.contains("greet") && prompts.contains("no world"), "{prompts}");
    let result: Value = serde_json::from_slice(&std::fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!((&result["record"]["turnId"], &result["record"]["state"]), (&1.into(), &"completed".into()));
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::turn_limit(&["--max-turns", "2"], 5, "turn-limit")]
#[case::no_progress(&["--stalled-turns", "1"], 5, "no-progress")]
#[case::tokens(&["--budget-tokens", "1"], 5, "budget")]
fn a_run_that_was_stopped_has_not_completed(#[case] flags: &[&str], #[case] code: i32, #[case] reason: &str) {
    let project = Project::recorded();
    let fake = turns([red(), red(), working()]);
    let ran = auto(&project, &fake, &[flags, &["--until", CHECK, "do it"]].concat());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(&format!("turn 1 recorded as failed ({reason})")), "{ran:?}");
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &reason.into()));
    assert_eq!(ledger["turns"][0]["verdict"], "completed", "the verdict on a turn stays Codex's");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_turn_that_failed_and_the_one_that_tried_again_are_both_in_the_record() {
    let project = Project::recorded();
    let message = "Rate limit reached. Please try again in 20ms.";
    let limited =
        begun().line(format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#)).exit(1);
    let ran = auto(&project, &turns([limited, working()]), &["--until", CHECK, "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ledger = &project.manifest(1)["ledger"];
    let verdicts: Vec<_> = ledger["turns"].as_array().unwrap().iter().map(|turn| &turn["verdict"]).collect();
    assert_eq!(verdicts, ["failed", "completed"]);
    assert_eq!(ledger["usage"]["inputTokens"], Value::Null, "of a turn nobody knows");
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::no_such_program(&["--until", "no-such-program"])]
#[case::no_such_second_program(&["--until", "true", "--until", "./no.sh"])]
#[case::zero_turns(&["--until", CHECK, "--max-turns", "0"])]
#[case::zero_tokens(&["--until", CHECK, "--budget-tokens", "0"])]
#[case::zero_time(&["--until", CHECK, "--budget-time", "0s"])]
#[case::zero_turns_without_progress(&["--until", CHECK, "--stalled-turns", "0"])]
#[case::no_pointer(&["--until-json", "done=true"])]
fn what_is_refused_writes_nothing(#[case] flags: &[&str]) {
    let project = Project::recorded();
    let fake = turns([working()]);
    let before = files_below(&project.path(""));
    let ran = auto(&project, &fake, &[flags, &["do it"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(fake.calls().is_empty());
    assert_eq!(files_below(&project.path("")), before);
}

#[test]
fn the_checks_of_the_project_run_once_after_the_run_and_their_gate_holds() {
    let project = Project::recorded();
    project.write(".gitignore", "runs\n");
    project.trusted_settings("[tests]\ncommand = \"echo run >> runs; exit 1\"\ngate = true\n");
    project.commit("set up");
    let ran = auto(&project, &turns([red(), working()]), &["--until", CHECK, "do it"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "It is done.\n"), "{ran:?}");
    assert_eq!(project.read("runs"), "run\n");
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &"tests-failed".into()));
    let ran = auto(&project, &turns([red()]), &["--max-turns", "1", "--until", "false", "do it"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert_eq!(project.read("runs"), "run\n", "not after a run that is not satisfied");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_work_of_all_turns_is_committed_where_that_is_asked_for() {
    let project = Project::recorded();
    project.commit("the ledger");
    let first = FakeScript::new().write_file("first.txt", "1\n").then(red());
    let flags = ["--git", "branch", "--task", "greet", "--require-ledger"];
    let ran =
        auto(&project, &turns([first, working()]), &[&flags[..], &["--until", CHECK, "do it"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("push: git push REMOTE refs/heads/turn/1"), "{ran:?}");
    let files = project.git(&["ls-tree", "--name-only", "turn/1"]);
    assert!(files.contains("first.txt") && files.contains("new.txt"), "{files}");
    project.assert_verified(&["--git"]);
}

/// Sends SIGINT to a run that got so far, and waits for its end.
fn interrupted(mut command: Command, is_there: impl Fn() -> bool) -> Ran {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(wait_until(SOON, is_there));
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

/// The record of a run that was cancelled, of which nothing is left.
fn assert_aborted(project: &Project, fake: &FakeCodex, verdict: &str) {
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"aborted".into(), &"cancelled".into()));
    assert_eq!((ledger["turns"].as_array().unwrap().len(), project.rows().len()), (1, 1));
    assert_eq!(ledger["turns"][0]["verdict"], verdict, "the verdict on a turn stays Codex's");
    assert_eq!(project.git(&["for-each-ref", "--format=%(refname)", "refs/turns-seal"]), "refs/turns-seal/1");
    assert!(wait_until(SOON, || fake.living().is_empty()), "{:?}", fake.living());
    for folder in ["state/codex-turns/starts", "state/codex-turns/threads", "work/.git/turns/journal", "tmp"]
    {
        assert_eq!(files_below(&project.path(folder)), [""; 0], "{folder}");
    }
    project.assert_verified(&["--git"]);
}

#[test]
fn a_run_that_is_cancelled_in_a_turn_is_aborted() {
    let project = Project::recorded();
    let child = ChildProcess::new().own_session();
    let polite = FakeScript::new().exit(1);
    let fake = FakeCodex::new(
        begun().on_signal(codex_fixtures::Signal::Interrupt, polite).spawn(child).reach("busy").hang(),
    );
    let ran = interrupted(command(&project, &fake, &["--until", CHECK, "do it"]), || fake.reached("busy"));
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_aborted(&project, &fake, "cancelled");
}

#[test]
fn a_run_that_is_cancelled_in_a_check_is_aborted() {
    let project = Project::recorded();
    project.write(".gitignore", "asked\n");
    project.commit("set up");
    let fake = turns([working()]);
    let check = "sleep 600 & echo $! > pid; mv pid asked; wait";
    let command = command(&project, &fake, &["--until", check, "do it"]);
    let ran = interrupted(command, || project.has("asked"));
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let pid: u32 = project.read("asked").trim().parse().unwrap();
    assert!(wait_until(SOON, || !alive(pid)), "process {pid} of the check lives");
    assert_eq!(project.manifest(1)["changes"]["added"], json!(["new.txt"]), "what was done is kept");
    assert_aborted(&project, &fake, "completed");
}

#[test]
fn a_run_that_is_cancelled_in_a_wait_is_aborted() {
    let project = Project::recorded();
    let message = "Rate limit reached. Please try again in 600s.";
    let limited =
        begun().line(format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#)).exit(1);
    let fake = turns([limited]);
    let mut command = command(&project, &fake, &["--until", CHECK, "do it"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.starts_with("! retry 1 in ")), "it waits");
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let rest: Vec<_> = said.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert_aborted(&project, &fake, "failed");
}

#[test]
fn a_run_that_is_killed_is_recovered_with_all_its_turns() {
    let project = Project::recorded();
    let fake = turns([red(), begun().hang()]);
    let mut child = command(&project, &fake, &["--until", CHECK, "do it"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(fake.wait_until_reached("begun", SOON));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(7));
    assert_eq!(project.turns(&["ledger", "recover"]).code, Some(0));
    let ledger = &project.manifest(1)["ledger"];
    assert_eq!(ledger["state"], "interrupted");
    let threads: Vec<_> = ledger["turns"].as_array().unwrap().iter().map(|turn| &turn["threadId"]).collect();
    assert_eq!(threads, [THREAD, THREAD]);
    assert_eq!(ledger["turns"][0]["verdict"], "completed");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_account_of_the_agent_is_asked_for_once_and_is_no_event_of_the_run() {
    let project = Project::recorded();
    let account = r#"{"statementOfWork":"Greeted the world.","decisions":[]}"#;
    let fake = turns([red(), working(), FakeScript::completed_turn(account)]);
    let flags = ["--json", "--report", "agent", "--until", CHECK, "do it"];
    let ran = auto(&project, &fake, &flags);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.last().unwrap()["stop"], "satisfied", "nothing comes after the stop");
    let manifest = project.manifest(1);
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    assert_eq!((turns.len(), &turns[2]["purpose"]), (3, &json!("report")));
    assert!(project.artifact(1, "changelog.md").contains("Greeted the world."));
    project.assert_verified(&["--git"]);
}
