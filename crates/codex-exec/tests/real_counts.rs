//! Many turns of the real Codex in a row leave nothing: alone in its process, because it counts file descriptors.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

use std::path::Path;
use std::time::Duration;

use codex_exec::{
    ApiKey, CodexEnvironment, CodexExec, Exec, ExecOptions, Invocation, ParentDeath, Program, StateDir,
};
use codex_fixtures::{ModelServer, Reply, Script, open_fds, pinned_codex, wait_until};
use codex_protocol::{TurnSummary, Verdict};
use tokio_util::sync::CancellationToken;

const TURNS: usize = 200;
const LONG: Duration = Duration::from_mins(1);

#[test]
fn two_hundred_turns_leave_processes_descriptors_and_tasks_as_at_the_start() {
    let scratch = tempfile::tempdir().unwrap();
    let server = ModelServer::start(Script::new([Reply::new().message("done").always()])).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options = ExecOptions::default()
        .state_dir(StateDir::at(scratch.path().join("state")))
        .parent_death(ParentDeath::Interrupt);
    let exec =
        CodexExec::new(Program::at(pinned_codex().unwrap_or_else(|missing| panic!("{missing}"))).unwrap())
            .options(options);
    // The first turn opens what stays open: the runtime's own, the spawner's.
    turn(&runtime, &exec, &server, scratch.path());
    let counts = || (children(), open_fds(), runtime.metrics().num_alive_tasks());
    let settled = || counts().0 == 0 && counts().2 == 0;
    assert!(wait_until(LONG, settled), "{:?}", counts());
    let (_, fds, _) = counts();
    for _ in 1..TURNS {
        turn(&runtime, &exec, &server, scratch.path());
    }
    assert!(wait_until(LONG, settled), "{:?}", counts());
    // The server's connections end in its own time.
    assert!(wait_until(LONG, || open_fds() <= fds), "{} descriptors, {fds} at the start", open_fds());
    for folder in ["state/starts", "state/threads"] {
        assert_eq!(std::fs::read_dir(scratch.path().join(folder)).unwrap().count(), 0, "{folder}");
    }
    assert_eq!(server.requests().len(), TURNS);
}

fn turn(runtime: &tokio::runtime::Runtime, exec: &CodexExec, server: &ModelServer, scratch: &Path) {
    let home = scratch.join("home");
    std::fs::create_dir_all(&home).unwrap();
    let invocation = Invocation::new("go")
        .cwd(scratch)
        .skip_git_repo_check()
        .codex_home(home)
        .base_url(server.base_url())
        .api_key(ApiKey::new("scripted-key"))
        .model(server.settings().model)
        .disable("plugins")
        .environment(CodexEnvironment::inherit().set("HOME", scratch));
    let mut stream = exec.exec(invocation, CancellationToken::new());
    let mut summary = TurnSummary::new();
    runtime.block_on(async {
        while let Some(line) = stream.next_line().await {
            summary.observe(&line.unwrap());
        }
    });
    assert_eq!(Verdict::decide(&summary, &stream.end().unwrap().end), Verdict::Completed);
}

/// How many processes this one has started and not yet reaped.
fn children() -> usize {
    assert!(Path::new("/proc/thread-self/children").exists(), "this kernel lists no children");
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    children.map(|line| line.split_whitespace().count()).sum()
}
