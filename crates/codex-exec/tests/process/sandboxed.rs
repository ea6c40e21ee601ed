//! Commands in the sandbox of a Codex that is played: what it is asked, and what comes back.

use std::path::Path;

use codex_exec::{
    CommandError, CommandOutput, CommandSandbox, CommandSpec, Program, RunCommand, SandboxedCommands,
    StateDir,
};
use codex_fixtures::{FakeCodex, FakeScript};
use codex_protocol::ExitKind;
use tokio_util::sync::CancellationToken;

struct Sandboxed {
    fake: FakeCodex,
    scratch: tempfile::TempDir,
}

impl Sandboxed {
    fn new() -> Self {
        Self::with(FakeCodex::builder().log_value_of("CODEX_HOME").log_value_of("TMPDIR").build())
    }

    fn with(fake: FakeCodex) -> Self {
        Self { fake, scratch: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> StateDir {
        StateDir::at(self.scratch.path().join("state"))
    }

    async fn run(&self, command: CommandSpec) -> Result<CommandOutput, CommandError> {
        let program = Program::at(self.fake.path()).unwrap();
        let commands = SandboxedCommands::new(program, CommandSandbox::new()).state_dir(self.state());
        commands.run(command.cwd(self.scratch.path()), CancellationToken::new()).await
    }
}

#[tokio::test]
async fn a_command_has_its_own_environment_and_codex_a_home_that_is_empty() {
    let sandboxed = Sandboxed::new();
    let script = "echo $TMPDIR; echo ${CODEX_HOME-unset}; echo $PATH; cat; touch $TMPDIR/x && exit 7";
    let command =
        CommandSpec::shell(script).stdin("read").env("CODEX_HOME", "/mine").env("PATH", "/bin:.:/usr/bin");
    let done = sandboxed.run(command).await.unwrap();
    assert_eq!(done.exit, Some(ExitKind::Code(7)));
    let text = done.output.text().into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1..], ["/mine", "/bin:/usr/bin", "read"], "{text}");
    let call = &sandboxed.fake.sandbox_calls()[0];
    let of_codex = [call.variable("CODEX_HOME").unwrap(), call.variable("TMPDIR").unwrap()];
    assert!(!of_codex.contains(&lines[0]) && !of_codex.contains(&"/mine"), "{of_codex:?} {lines:?}");
    let state = std::fs::canonicalize(sandboxed.state().path()).unwrap();
    for folder in [lines[0]].into_iter().chain(of_codex) {
        assert!(Path::new(folder).starts_with(&state) && !Path::new(folder).exists(), "{folder}");
    }
}

#[tokio::test]
async fn words_reach_the_command_as_they_are() {
    let sandboxed = Sandboxed::new();
    let words = ["printf", "%s|", "", "a  b", "$HOME", "'", "\"", "--", "-c", "a=b", "\n", "ä"];
    let done = sandboxed.run(CommandSpec::argv(words)).await.unwrap();
    assert_eq!(done.output.text(), "|a  b|$HOME|'|\"|--|-c|a=b|\n|ä|");
}

#[tokio::test]
async fn a_home_of_codex_that_is_not_set_stays_unset() {
    let sandboxed = Sandboxed::new();
    let command = CommandSpec::shell("echo ${CODEX_HOME-unset}").env_remove("CODEX_HOME");
    assert_eq!(sandboxed.run(command).await.unwrap().output.text(), "unset\n");
}

#[tokio::test]
async fn a_sandbox_that_cannot_be_made_is_an_error_and_nothing_runs() {
    let why = "bwrap: Creating new namespace failed";
    let fake = FakeCodex::builder().start(FakeScript::new()).sandbox_failure(why).build();
    let sandboxed = Sandboxed::with(fake);
    let error = sandboxed.run(CommandSpec::shell("touch ran")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("codex could not make its sandbox: {why}"));
    assert!(!sandboxed.scratch.path().join("ran").exists());
}

#[tokio::test]
async fn what_is_not_there_is_an_error_before_codex_is_started() {
    let sandboxed = Sandboxed::new();
    for program in ["no-such-program", "./no-such-program"] {
        let error = sandboxed.run(CommandSpec::argv([program])).await;
        assert!(matches!(error, Err(CommandError::Spawn { program: ref named, .. }) if named == program));
    }
    std::fs::write(sandboxed.scratch.path().join("plain.txt"), "").unwrap();
    let error = sandboxed.run(CommandSpec::argv(["./plain.txt"])).await;
    assert!(matches!(error, Err(CommandError::Spawn { .. })), "{error:?}");
    assert!(sandboxed.fake.sandbox_calls().is_empty());
}

#[tokio::test]
async fn a_cancelled_command_leaves_no_folder() {
    let sandboxed = Sandboxed::new();
    let program = Program::at(sandboxed.fake.path()).unwrap();
    let commands = SandboxedCommands::new(program, CommandSandbox::new()).state_dir(sandboxed.state());
    let cancel = CancellationToken::new();
    let command = CommandSpec::shell("touch began; sleep 60").cwd(sandboxed.scratch.path());
    let began = sandboxed.scratch.path().join("began");
    let (done, ()) = tokio::join!(commands.run(command, cancel.clone()), async {
        assert!(crate::support::eventually(|| began.exists()).await);
        cancel.cancel();
    });
    assert!(done.unwrap().stop.is_some());
    assert_eq!(std::fs::read_dir(sandboxed.state().commands().unwrap()).unwrap().count(), 0);
}
