//! Any other command under the same supervision.

use std::time::Duration;

use codex_exec::{CommandError, CommandOutput, CommandSpec, RunCommand, SystemCommands};
use codex_protocol::{ExitKind, StopCause};
use tokio_util::sync::CancellationToken;

use crate::support::eventually;

async fn run(command: CommandSpec) -> CommandOutput {
    SystemCommands::new().run(command, CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn both_outputs_are_kept() {
    let done = run(CommandSpec::shell("echo one; echo two >&2; cat").stdin("three")).await;
    assert!(done.succeeded());
    let text = done.output.text().into_owned();
    assert!(text.contains("one\n") && text.contains("two\n") && text.contains("three"), "{text}");
}

#[tokio::test]
async fn both_outputs_are_in_the_order_in_which_they_were_written() {
    let done = run(CommandSpec::shell("for n in $(seq 500); do echo out $n; echo err $n >&2; done")).await;
    let expected: String = (1..=500).flat_map(|n| [format!("out {n}\n"), format!("err {n}\n")]).collect();
    assert_eq!(done.output.text(), expected);
}

#[tokio::test]
async fn an_argument_is_not_read_by_a_shell() {
    let done = run(CommandSpec::argv(["printf", "%s", "$HOME; echo no"])).await;
    assert_eq!(done.output.text(), "$HOME; echo no");
}

#[tokio::test]
async fn only_the_end_of_a_long_output_is_kept() {
    let done = run(CommandSpec::shell("yes | head -c 300000; echo end").output_limit_bytes(1000)).await;
    assert_eq!(done.output.bytes.len(), 1000);
    assert_eq!(done.output.dropped_bytes, 300_004 - 1000);
    assert!(done.output.text().ends_with("end\n"));
}

#[tokio::test]
async fn a_failure_is_no_error() {
    let done = run(CommandSpec::shell("exit 3")).await;
    assert_eq!((done.exit, done.succeeded()), (Some(ExitKind::Code(3)), false));
}

#[tokio::test]
async fn a_command_that_is_not_there_is_an_error() {
    let error =
        SystemCommands::new().run(CommandSpec::argv(["no-such-program"]), CancellationToken::new()).await;
    assert!(matches!(error, Err(CommandError::Spawn { program, .. }) if program == "no-such-program"));
    let elsewhere = CommandSpec::shell("true").cwd("/nowhere/at/all");
    let error = SystemCommands::new().run(elsewhere, CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "the working directory /nowhere/at/all is not a directory");
}

/// A command with a child, both of which tell their ids in a file.
struct Pair {
    scratch: tempfile::TempDir,
}

impl Pair {
    fn new() -> Self {
        Self { scratch: tempfile::tempdir().unwrap() }
    }

    fn command(&self) -> CommandSpec {
        CommandSpec::shell("sleep 60 & echo $$ $! > pids.new; mv pids.new pids; wait")
            .cwd(self.scratch.path())
    }

    async fn pids(&self) -> Vec<u32> {
        let pids = self.scratch.path().join("pids");
        assert!(eventually(|| pids.exists()).await);
        let told = std::fs::read_to_string(pids).unwrap();
        told.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
    }

    async fn is_gone(&self) -> bool {
        let pids = self.pids().await;
        assert_eq!(pids.len(), 2);
        eventually(|| !pids.iter().any(|pid| codex_fixtures::alive(*pid))).await
    }
}

#[tokio::test]
async fn a_limit_ends_the_command_and_its_children() {
    let pair = Pair::new();
    let done = run(pair.command().limit(Duration::from_millis(300))).await;
    assert_eq!(done.stop, Some(StopCause::TotalLimit));
    assert!(!done.succeeded());
    assert!(pair.is_gone().await);
}

#[tokio::test]
async fn a_cancelled_command_says_so_and_leaves_nothing() {
    let (pair, cancel) = (Pair::new(), CancellationToken::new());
    let commands = SystemCommands::new();
    let running = commands.run(pair.command(), cancel.clone());
    let (done, ()) = tokio::join!(running, async {
        pair.pids().await;
        cancel.cancel();
    });
    let done = done.unwrap();
    assert_eq!((done.exit, done.stop), (Some(ExitKind::Signal(2)), Some(StopCause::Cancelled)));
    assert!(!done.succeeded());
    assert!(pair.is_gone().await);
}

#[tokio::test]
async fn a_command_that_is_cancelled_before_it_starts_is_not_started() {
    let (pair, cancel) = (Pair::new(), CancellationToken::new());
    cancel.cancel();
    let done = SystemCommands::new().run(pair.command(), cancel).await.unwrap();
    assert_eq!((done.exit, done.stop), (None, Some(StopCause::Cancelled)));
    assert_eq!(done.elapsed, Duration::ZERO);
    assert!(!done.succeeded() && std::fs::read_dir(pair.scratch.path()).unwrap().next().is_none());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_that_holds_the_output_does_not_hold_the_command() {
    let done = run(CommandSpec::shell("setsid sleep 60 & echo started")).await;
    assert!(done.succeeded() && done.elapsed < Duration::from_secs(50), "{:?}", done.elapsed);
    assert_eq!(done.leftovers.len(), 1);
    assert!(!codex_fixtures::alive(done.leftovers[0]));
}

#[tokio::test]
async fn dropping_the_future_kills_the_command_and_its_children() {
    let pair = Pair::new();
    let task = tokio::spawn(run(pair.command()));
    pair.pids().await;
    task.abort();
    assert!(pair.is_gone().await);
}
