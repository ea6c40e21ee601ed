//! Ledgers that cannot do it, and what becomes of the turn.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use codex_fixtures::{FakeCodex, FakeScript};
use rustix::process::{Pid, Signal, kill_process};

use crate::project::{LEDGER, Project, Ran, SOON, begun, working};

#[test]
fn another_turn_in_the_worktree_is_waited_for_with_wait_alone() {
    let project = Project::recorded();
    let first = FakeCodex::new(begun().wait_for_gate("go").then(FakeScript::completed_turn("first")));
    let mut command = project.command();
    command.env("CODEX_PATH", first.path()).args(["run", "do it"]).stderr(Stdio::piped());
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    assert!(first.wait_until_reached("begun", SOON));
    let second = FakeCodex::new(working());
    let ran = project.run(&second, &["do it"]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains("hint: another turn runs in this worktree"), "{ran:?}");
    assert!(second.calls().is_empty(), "nothing ran");
    let verified = project.turns(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(0), "a turn that runs is no fault: {verified:?}");
    let ran = project.run(&second, &["--wait", "1s", "do it"]);
    assert_eq!((ran.code, second.calls().len()), (Some(75), 0), "{ran:?}");
    let mut command = project.command();
    command.env("CODEX_PATH", second.path()).args(["run", "--wait", "5m", "do it"]);
    let waits = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    first.open_gate("go");
    for child in [child, waits] {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert_eq!(second.calls().len(), 1);
    project.assert_verified(&["--git"]);
}

#[test]
fn a_remote_that_is_gone_is_tried_again_later() {
    let project = Project::recorded();
    project.trusted_settings("[ledger]\nclaim = \"remote\"\nremote = \"origin\"\n");
    project.git(&["remote", "add", "origin", "/nowhere/at/all.git"]);
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(fake.calls().is_empty(), "nothing ran");
    assert!(ran.stderr.contains("error: no turn id could be claimed"), "{ran:?}");
}

/// A project whose numbers are claimed on a remote that takes calls and never answers.
fn deaf_remote(limit: &str) -> (Project, TcpListener) {
    let project = Project::recorded();
    let remote = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/repository.git", remote.local_addr().unwrap());
    project.git(&["remote", "add", "origin", &url]);
    let settings =
        format!("[ledger]\nclaim = \"remote\"\nremote = \"origin\"\nlimits.remote = \"{limit}\"\n");
    project.trusted_settings(&settings);
    (project, remote)
}

#[test]
fn a_remote_that_never_answers_is_given_up_within_the_limit() {
    let (project, _remote) = deaf_remote("500ms");
    let started = Instant::now();
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert!(ran.stderr.contains("hint: nothing ran: look at the remote"), "{ran:?}");
    assert!(fake.calls().is_empty(), "nothing ran");
}

#[test]
fn a_second_signal_does_not_wait_for_a_remote() {
    let (project, remote) = deaf_remote("5m");
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["run", "do it"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let _call = remote.accept().unwrap();
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let told = said.next().unwrap();
    assert!(told.starts_with("numbers are claimed on origin (git://127.0.0.1:"), "{told}");
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(said.next().unwrap(), "cancelling: waiting for the ledger; again to give up");
    let second = Instant::now();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(second.elapsed().as_secs() < 10, "{:?}", second.elapsed());
    assert!(fake.calls().is_empty(), "nothing ran");
}

#[test]
fn numbers_are_claimed_on_a_remote_where_one_is_named() {
    let project = Project::recorded();
    let remote = project.path("remote.git").display().to_string();
    project.git(&["init", "-q", "--bare", &remote]);
    project.git(&["remote", "add", "origin", &remote]);
    project.trusted_settings("[ledger]\nclaim = \"remote\"\nremote = \"origin\"\n");
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.manifest(1)["ledger"]["claim"]["scope"], "remote");
    assert!(project.git(&["ls-remote", "origin"]).contains("refs/turns/1"));
    project.assert_verified(&["--remote"]);
}

/// A ledger that cannot be written to.
fn broken() -> Project {
    let project = Project::recorded();
    fs::remove_dir_all(project.work(".git/turns")).ok();
    project.write(".git/turns", "in the way\n");
    project
}

#[test]
fn a_ledger_that_fails_does_not_cost_the_turn() {
    let project = broken();
    let ran = project.work_turn(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "It is done.\n"), "{ran:?}");
    assert_eq!(ran.stderr.matches("warning: this turn is not recorded: ").count(), 1, "{ran:?}");
}

#[test]
fn a_git_that_was_never_set_up_well_is_a_warning() {
    let project = Project::recorded();
    let own = project.work(".git/config");
    let text = fs::read_to_string(&own).unwrap();
    fs::write(&own, format!("{text}[alias\n")).unwrap();
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stderr.matches("warning: this turn is not recorded: ").count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("fatal: bad config line"), "{ran:?}");
}

#[test]
fn a_required_ledger_that_fails_stops_the_turn_before_it_starts() {
    let project = broken();
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &["--require-ledger", "--result", "../result.json", "do it"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(fake.calls().is_empty(), "nothing ran");
    let result: serde_json::Value =
        serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!((&result["verdict"], &result["exitCode"]), (&"notStarted".into(), &6.into()));
}

#[test]
fn a_required_ledger_that_fails_after_the_turn_says_so_with_its_code() {
    for (flag, code) in [(None, 0), (Some("--quiet"), 0), (Some("--require-ledger"), 6)] {
        let project = Project::recorded();
        let script =
            FakeScript::new().then(begun()).wait_for_gate("go").then(FakeScript::completed_turn("done"));
        let fake = FakeCodex::new(script);
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path()).arg("run").args(flag).arg("do it");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        assert!(fake.wait_until_reached("begun", SOON));
        let journals = project.work(".git/turns");
        let away = project.path("journals");
        fs::rename(&journals, &away).unwrap();
        fs::write(&journals, "in the way\n").unwrap();
        fake.open_gate("go");
        let ran = Ran::from(child.wait_with_output().unwrap());
        fs::remove_file(&journals).unwrap();
        fs::rename(&away, &journals).unwrap();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), "done\n"), "{ran:?}");
        assert!(ran.stderr.contains("the turn is not recorded: "), "{ran:?}");
        assert!(ran.stderr.contains("`codex-turns ledger recover`"), "{ran:?}");
        let recovered = project.turns(&["ledger", "recover"]);
        assert_eq!(recovered.code, Some(0), "{recovered:?}");
        assert!(project.has(&format!("{LEDGER}/turns/1/manifest.json")));
        project.assert_verified(&["--git"]);
    }
}

#[test]
fn without_a_repository_a_required_ledger_fails_and_another_does_not() {
    let project = Project::new();
    fs::remove_dir_all(project.work(".git")).unwrap();
    let fake = FakeCodex::new(working());
    assert_eq!(project.run(&fake, &["--skip-git-repo-check", "do it"]).code, Some(0));
    let ran = project.run(&fake, &["--skip-git-repo-check", "--require-ledger", "do it"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
}

#[test]
fn a_setting_that_is_wrong_stops_everything_before_it_starts() {
    let project = Project::recorded();
    project.write("codex-turns.toml", "[ledger]\ntsk = \"a\"\n");
    let fake = FakeCodex::new(working());
    for ran in
        [project.run(&fake, &["do it"]), project.turns(&["ledger", "list"]), project.turns(&["config"])]
    {
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("codex-turns.toml:2: there is no setting `ledger.tsk`"), "{ran:?}");
        assert!(ran.stderr.contains("the nearest is `ledger.task`"), "{ran:?}");
    }
    assert!(fake.calls().is_empty(), "nothing ran");
}
