//! Any other command under the same supervision.

use std::time::{Duration, Instant};

use codex_exec::{CommandError, CommandOutput, CommandSpec, RunCommand, SystemCommands};
use codex_protocol::{ExitKind, StopCause};
use tokio_util::sync::CancellationToken;

use crate::support::{LONG, eventually};

async fn run(command: CommandSpec) -> CommandOutput {
    SystemCommands::new().run(command, CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn both_outputs_come_in_the_order_they_were_written() {
    let done = run(CommandSpec::shell("echo one; echo two >&2; cat").stdin("three")).await;
    assert!(done.succeeded());
    let text = done.output.text().into_owned();
    assert!(text.contains("one\n") && text.contains("two\n") && text.contains("three"), "{text}");
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
    assert_eq!((done.process.exit, done.succeeded()), (Some(ExitKind::Code(3)), false));
}

#[tokio::test]
async fn a_command_that_is_not_there_is_an_error() {
    let error =
        SystemCommands::new().run(CommandSpec::argv(["no-such-program"]), CancellationToken::new()).await;
    assert!(matches!(error, Err(CommandError::Spawn { program, .. }) if program == "no-such-program"));
}

#[tokio::test]
async fn a_limit_ends_the_command_and_its_children() {
    let done = run(CommandSpec::shell("sleep 60 & sleep 60").limit(Duration::from_millis(100))).await;
    assert_eq!(done.process.stop, Some(StopCause::TotalLimit));
    assert!(!done.succeeded());
}

#[tokio::test]
async fn a_child_that_holds_the_output_does_not_hold_the_command() {
    let before = Instant::now();
    let done = run(CommandSpec::shell("setsid sleep 60 & echo started")).await;
    assert!(done.succeeded() && before.elapsed() < LONG);
    assert_eq!(done.leftovers.len(), 1);
    assert!(!codex_fixtures::alive(done.leftovers[0]));
}

#[tokio::test]
async fn dropping_the_future_kills_the_command() {
    let scratch = tempfile::tempdir().unwrap();
    let pid_file = scratch.path().join("pid");
    let script = format!("echo $$ > {0}.new; mv {0}.new {0}; exec sleep 60", pid_file.display());
    let task = tokio::spawn(run(CommandSpec::shell(script)));
    assert!(eventually(|| pid_file.exists()).await);
    let pid: u32 = std::fs::read_to_string(&pid_file).unwrap().trim().parse().unwrap();
    task.abort();
    assert!(eventually(|| !codex_fixtures::alive(pid)).await);
}
