//! Turns that a crash has cut off.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use codex_fixtures::{FakeCodex, FakeScript, Signal, wait_until};
use rustix::process::{Pid, Signal as Posix, kill_process};

use crate::project::{LEDGER, Project, Ran, SOON, THREAD, begun, working};

fn start(project: &Project, fake: &FakeCodex) -> Child {
    let mut command = project.command();
    command
        .env("CODEX_PATH", fake.path())
        .args(["run", "do it"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    assert!(fake.wait_until_reached("begun", SOON));
    child
}

/// A turn whose command is killed in its middle, and what is left of it.
fn killed() -> Project {
    let project = Project::recorded();
    let polite = FakeScript::new().exit(1);
    let script =
        FakeScript::new().write_file("new.txt", "new\n").then(begun()).on_signal(Signal::Interrupt, polite);
    let fake = FakeCodex::new(script.hang());
    let mut child = start(&project, &fake);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(wait_until(SOON, || fake.living().is_empty()), "codex does not go on without us");
    project
}

#[test]
fn a_turn_that_was_killed_is_recovered_as_interrupted() {
    let project = killed();
    let verified = project.turns(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(7), "{verified:?}");
    let listed = project.turns(&["ledger", "list"]);
    assert!(listed.stderr.contains("waits for `codex-turns ledger recover`"), "{listed:?}");
    let ran = project.turns(&["ledger", "recover"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout, "turn 1 was left unfinished and is recorded now: interrupted\n");
    let manifest = project.manifest(1);
    let ledger = &manifest["ledger"];
    assert_eq!(ledger["state"], "interrupted");
    assert_eq!(manifest["task"]["name"], "do it");
    assert!(project.artifact(1, "logs/llm_prompt.txt").contains("do it"));
    project.assert_verified(&["--git"]);
    let again = project.turns(&["ledger", "recover"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "✓ nothing is unfinished\n"), "{again:?}");
    assert_eq!(project.rows().len(), 1);
}

#[test]
fn a_git_that_the_ledger_waits_for_dies_with_us() {
    let project = Project::recorded();
    let (programs, pid) = (project.path("programs"), project.path("pid"));
    fs::create_dir(&programs).unwrap();
    let git = programs.join("git");
    let text =
        format!("#!/bin/sh\necho $$ > '{0}.new' && mv '{0}.new' '{0}'\nexec sleep 600\n", pid.display());
    fs::write(&git, text).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = project.command();
    command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()));
    let mut child = command.args(["ledger", "recover"]).spawn().unwrap();
    assert!(wait_until(SOON, || pid.exists()), "git was not started");
    let stat = format!("/proc/{}/stat", fs::read_to_string(&pid).unwrap().trim());
    // A process that nobody has asked how it ended is gone, too.
    let has_ended = || {
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        stat.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with('Z'))
    };
    assert!(!has_ended(), "git hangs");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(wait_until(SOON, has_ended), "git goes on without us");
}

/// Else it could go on to change the worktree that is being recorded.
#[test]
fn what_a_killed_turn_has_left_running_is_swept_before_it_is_recovered() {
    let project = Project::recorded();
    let fake = FakeCodex::new(begun().ignore(Signal::Interrupt).reach("deaf").hang());
    let mut child = start(&project, &fake);
    assert!(fake.wait_until_reached("deaf", SOON));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(wait_until(SOON, || !fake.calls()[0].signals().is_empty()), "the kernel asks it to end");
    assert!(!fake.living().is_empty(), "it is deaf");
    let ran = project.turns(&["ledger", "recover"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(fake.living().is_empty(), "nothing writes any more");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_next_turn_recovers_what_the_last_one_left_and_says_so() {
    let project = killed();
    let ran = project.run(&FakeCodex::new(working()), &["go on"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let said = "turn 1 was left unfinished and is recorded now: interrupted\n";
    assert_eq!(ran.stderr.matches(said).count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("turn 2 recorded in "), "{ran:?}");
    assert_eq!(project.manifest(2)["ledger"]["parents"][0]["turnId"], 1);
    project.assert_verified(&["--git"]);
}

#[test]
fn a_cancelled_turn_is_recorded_as_aborted() {
    let project = Project::recorded();
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang());
    let child = start(&project, &fake);
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Posix::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["ledger"]["state"], "aborted");
    assert_eq!(manifest["ledger"]["agent"]["threadId"], THREAD);
    project.assert_verified(&["--git"]);
}

#[test]
fn a_turn_that_a_second_signal_kills_is_recorded_too() {
    let project = Project::recorded();
    let fake = FakeCodex::new(begun().ignore(Signal::Interrupt).reach("deaf").hang());
    let child = start(&project, &fake);
    assert!(fake.wait_until_reached("deaf", SOON));
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, Posix::INT).unwrap();
    assert!(wait_until(SOON, || !fake.calls()[0].signals().is_empty()));
    kill_process(pid, Posix::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(project.manifest(1)["ledger"]["state"], "aborted");
    assert!(project.has(&format!("{LEDGER}/turns/1/changelog.md")));
    project.assert_verified(&["--git"]);
}
