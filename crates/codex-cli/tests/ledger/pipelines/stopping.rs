//! A pipeline that does not come to its end: a signal, a limit, a turn that fails, a gate.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::process::{Command, Stdio};

use codex_fixtures::{FakeCodex, FakeScript, Signal};
use rstest::rstest;
use rustix::process::{Pid, Signal as Posix, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::{Value, json};

use super::shop;
use crate::project::{Project, Ran, SOON, THREAD, begun, working};

fn failing() -> FakeScript {
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(r#"{"type":"turn.failed","error":{"message":"no idea"}}"#)
        .exit(1)
}

/// The shop with all that its tasks need.
fn stocked() -> Project {
    let project = shop();
    project.write("src/store.txt", "one\n");
    project
}

fn run(project: &Project, fake: &FakeCodex, words: &[&str]) -> Command {
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "run", "--report", "derived"]).args(words);
    command
}

fn verdicts(manifest: &Value) -> Vec<&str> {
    let tasks = manifest["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["verdict"].as_str().unwrap()).collect()
}

#[test]
fn a_terminal_shows_which_task_of_how_many_runs() {
    let project = stocked();
    let fake = FakeCodex::new(begun().wait_for_gate("seen").then(working()));
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let screen = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    tcsetwinsize(&screen, Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = run(&project, &fake, &["--only", "2", "--timeout", "20s"]);
    command.env("TERM", "xterm-256color").stdout(Stdio::null()).stderr(screen);
    let mut child = command.spawn().unwrap();
    // Its copy of the terminal's end goes with it: then the reader below ends with the child.
    drop(command);
    let (mut master, mut bytes, mut chunk) = (File::from(master), Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = master.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..count]);
        let seen = anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string();
        if seen.contains("task 2 of 3 · step 1 of 10 · ") {
            fake.open_gate("seen");
        }
    }
    assert!(child.wait().unwrap().success(), "the line was seen, or the gate would still be shut");
}

#[rstest]
#[case::ctrl_c(Posix::INT, 130)]
#[case::from_a_scheduler(Posix::TERM, 143)]
fn a_signal_ends_the_task_that_runs_and_the_pipeline(#[case] signal: Posix, #[case] code: i32) {
    let project = stocked();
    let polite = FakeScript::new().exit(1);
    let hanging = begun().reach("second").on_signal(Signal::Interrupt, polite).hang();
    let fake = FakeCodex::builder().start(working()).start(hanging).build();
    let child = run(&project, &fake, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(fake.wait_until_reached("second", SOON), "the second task runs");
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), signal).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains("tasks: 1 completed, 1 cancelled, 1 not run"), "{ran:?}");
    assert!(ran.stderr.contains("hint: `codex-turns pipeline run --from 2` begins there"), "{ran:?}");
    assert_eq!(fake.calls().len(), 2, "the third task is not begun");
    let manifest = project.manifest(1);
    let ledger = &manifest["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&json!("aborted"), &json!("cancelled")));
    assert_eq!(verdicts(&manifest), ["completed", "cancelled"]);
    let ran = project.turns(&["pipeline", "resume", "1"]);
    assert_eq!(ran.code, Some(2), "who has ended it does not go on: {ran:?}");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_turn_that_fails_fails_its_task_and_says_why() {
    let project = stocked();
    let fake = FakeCodex::builder().start(working()).start(failing()).start(working()).build();
    let ran =
        Ran::from(run(&project, &fake, &["--retry", "0", "--on-failure", "continue"]).output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("error: task 2 (TASK 02 - Report.task.md) failed: "), "{ran:?}");
    assert!(ran.stderr.contains("no idea"), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(verdicts(&manifest), ["completed", "failed", "completed"]);
    assert!(manifest["tasks"][1]["reason"].as_str().unwrap().contains("no idea"), "{manifest}");
    assert_eq!(manifest["ledger"]["reason"], "task-failed");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_gate_that_closes_fails_the_record_of_tasks_that_completed() {
    let project = stocked();
    project.trusted_settings("[lint]\ncommand = \"false\"\ngate = true\n");
    let fake = FakeCodex::new(working());
    let ran = Ran::from(run(&project, &fake, &[]).output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(verdicts(&manifest), ["completed"; 3]);
    assert_eq!(manifest["ledger"]["state"], "failed");
    assert_eq!(manifest["validation"]["lintStatus"], "failed");
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::codex_is_not_there("/no/such/codex", 3)]
#[case::it_is_another_program("/bin/true", 3)]
fn without_codex_no_number_is_taken(#[case] program: &str, #[case] code: i32) {
    let project = stocked();
    let mut command = project.command();
    let ran = Ran::from(command.args(["pipeline", "run", "--codex", program]).output().unwrap());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert_eq!(project.git(&["for-each-ref", "refs/turns"]), "");
}

#[test]
fn a_pipeline_may_commit_its_work_and_its_record() {
    let project = stocked();
    project.commit("stock");
    let fake = FakeCodex::new(working());
    let ran = Ran::from(run(&project, &fake, &["--git", "commit"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    let work = manifest["git"]["headAfter"].as_str().unwrap();
    assert_eq!(project.git(&["rev-parse", "HEAD~1"]), work);
    assert_eq!(project.git(&["show", "--name-only", "--format=", work]), "hello.txt\nnew.txt");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_pipeline_that_was_killed_still_commits_when_it_goes_on() {
    let project = stocked();
    project.commit("stock");
    let hanging = begun().write_file("half.txt", "half\n").reach("second");
    let hanging = hanging.on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang();
    let fake = FakeCodex::builder().start(working()).start(hanging).start(working()).build();
    let words = ["--git", "commit", "--thread", "shared"];
    let mut child = run(&project, &fake, &words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("second", SOON), "the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut command = project.command();
    let ran =
        Ran::from(command.env("CODEX_PATH", fake.path()).args(["pipeline", "resume", "1"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let calls = fake.calls();
    assert_eq!(calls.len(), 4, "one of the first task, two of the second, one of the third");
    assert!(calls[2].stdin_text().contains("was cut off"), "{}", calls[2].stdin_text());
    for call in &calls[1..] {
        assert!(
            call.arguments().iter().any(|word| word == THREAD),
            "all on one thread: {:?}",
            call.arguments()
        );
    }
    assert_eq!(project.git(&["show", "--name-only", "--format=", "HEAD~1"]), "half.txt\nhello.txt\nnew.txt");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_pipeline_goes_on_after_a_turn_that_came_in_between() {
    let project = stocked();
    let hanging = begun().reach("second").on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang();
    let fake = FakeCodex::builder().start(working()).start(hanging).start(working()).build();
    let mut child = run(&project, &fake, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("second", SOON), "the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    let between =
        FakeScript::new().write_file("between.txt", "x\n").then(FakeScript::completed_turn("Done."));
    assert_eq!(project.run(&FakeCodex::new(between), &["do it"]).code, Some(0));
    let mut resume = project.command();
    let ran =
        Ran::from(resume.env("CODEX_PATH", fake.path()).args(["pipeline", "resume", "1"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = project.rows();
    let numbers: Vec<&str> = rows.iter().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(numbers, ["2", "1"], "in the order in which they were recorded");
    let manifest = project.manifest(1);
    assert_eq!(verdicts(&manifest), ["completed"; 3]);
    assert!(
        manifest["ledger"]["violations"].to_string().contains('2'),
        "{}",
        manifest["ledger"]["violations"]
    );
    project.assert_verified(&["--git"]);
}
