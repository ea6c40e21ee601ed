//! [`SandboxedCommands`]: runs commands in Codex's sandbox.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use codex_protocol::absolute_path_entries;
use rustix::fs::{Access, access};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::command_sandbox::CommandSandbox;
use super::sandbox_folders::SandboxFolders;
use super::{CommandError, CommandOutput, CommandSpec, RunCommand, SystemCommands};
use crate::{Program, RuntimeError, StateDir};

/// How much is quoted of what Codex says of a sandbox that cannot be made.
const SAID_CHARACTERS: usize = 400;

/// Runs in the sandbox: says that it has begun, sets the variables that were Codex's own while it started, and becomes the command.
const BEGIN: &str = r#": > "$1" || exit 125; TMPDIR="$2"; export TMPDIR; shift 2; "#;

/// Runs commands as [`SystemCommands`] does, in the sandbox of Codex: what a check executes was written by an agent a moment ago.
///
/// A command reads everything, writes to its working directory, to a temporary folder that is removed afterwards, and to what the
/// [`CommandSandbox`] adds, and has no network unless that allows it. `TMPDIR` names the temporary folder. The user's configuration
/// of Codex, that of the project and `CODEX_HOME` neither loosen nor tighten it.
///
/// Three things differ from a command without a sandbox: a signal that ends it shows as an exit code (130 for SIGINT), stopping it
/// kills it at once with all that it started, and what it left running ends with it. If the sandbox cannot be made, nothing runs,
/// and the error is [`CommandError::Sandbox`].
///
/// ```no_run
/// # async fn checked() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_exec::{CommandSandbox, CommandSpec, Program, RunCommand, SandboxedCommands};
///
/// let commands = SandboxedCommands::new(Program::discover()?, CommandSandbox::new());
/// let done = commands.run(CommandSpec::shell("touch /usr/planted").cwd("/my/project"), Default::default()).await?;
/// assert!(!done.succeeded());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until a command is run"]
pub struct SandboxedCommands {
    program: Program,
    sandbox: CommandSandbox,
    state: StateDir,
}

impl SandboxedCommands {
    /// Takes the Codex that makes the sandbox.
    pub fn new(program: Program, sandbox: CommandSandbox) -> Self {
        Self { program, sandbox, state: StateDir::for_user() }
    }

    /// Sets where the private folders of commands are made; an agent must not be able to write there.
    pub fn state_dir(mut self, state: StateDir) -> Self {
        self.state = state;
        self
    }

    fn wrapped(&self, command: &CommandSpec, folders: &SandboxFolders) -> CommandSpec {
        let mut begin = OsString::from(BEGIN);
        let mut variables = Vec::new();
        // Codex puts programs of its own in front of PATH, and has had an empty home.
        for name in ["PATH", "CODEX_HOME"] {
            match variable(command, name) {
                Some(value) => {
                    begin.push(format!("{name}=\"$1\"; shift; "));
                    variables.push(if name == "PATH" { absolute_path_entries(&value) } else { value });
                }
                None if name == "PATH" => {}
                None => begin.push(format!("unset {name}; ")),
            }
        }
        begin.push(r#"exec "$@""#);
        let mut argv = vec![self.program.path().into()];
        argv.extend(self.sandbox.arguments(&folders.writable()));
        argv.extend(["/bin/sh".into(), "-c".into(), begin, "sh".into()]);
        argv.extend([folders.started().into_os_string(), folders.temporary().into_os_string()]);
        argv.extend(variables);
        argv.extend(command.argv.iter().cloned());
        let mut wrapped = command.clone();
        wrapped.argv = argv;
        wrapped.env("CODEX_HOME", folders.home()).env("TMPDIR", folders.of_codex())
    }
}

#[async_trait]
impl RunCommand for SandboxedCommands {
    async fn run(
        &self,
        command: CommandSpec,
        cancel: CancellationToken,
    ) -> Result<CommandOutput, CommandError> {
        let program = command.program().ok_or(CommandError::Empty)?.to_owned();
        look_for(&program, &command)?;
        RuntimeError::check()
            .map_err(|lack| CommandError::Spawn { program: program.clone(), source: lack.into() })?;
        let state = self.state.clone();
        let made = spawn_blocking(move || SandboxFolders::make(&state)).await;
        let folders = made
            .unwrap_or_else(|gone| Err(io::Error::other(gone)))
            .map_err(|source| CommandError::Note { path: self.state.path().to_owned(), source })?;
        let done = SystemCommands::new().run(self.wrapped(&command, &folders), cancel).await;
        let is_started = folders.has_started();
        drop(spawn_blocking(move || drop(folders)).await);
        let done = done?;
        if is_started || done.stop.is_some() {
            return Ok(done);
        }
        Err(CommandError::Sandbox { said: said(&done.output.text()) })
    }
}

/// The value that a variable has for a command.
fn variable(command: &CommandSpec, name: &str) -> Option<OsString> {
    let set = command.env.iter().rfind(|(set, _)| set == name).map(|(_, value)| value.clone());
    let is_removed = command.env_removed.iter().any(|removed| removed == name);
    set.or_else(|| env::var_os(name).filter(|_| !is_removed))
}

/// Looks for what could not be told from a failure of the command any more once Codex has started it.
fn look_for(program: &OsStr, command: &CommandSpec) -> Result<(), CommandError> {
    if let Some(cwd) = command.cwd.as_ref().filter(|cwd| !cwd.is_dir()) {
        return Err(CommandError::Directory { path: cwd.clone() });
    }
    let is_there = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    let found = if program.as_encoded_bytes().contains(&b'/') {
        let path = PathBuf::from(program);
        is_there(&command.cwd.as_ref().map_or(path.clone(), |cwd| cwd.join(path)))
    } else {
        let folders = absolute_path_entries(&variable(command, "PATH").unwrap_or_default());
        env::split_paths(&folders).any(|folder| is_there(&folder.join(program)))
    };
    if found {
        return Ok(());
    }
    Err(CommandError::Spawn { program: program.to_owned(), source: io::ErrorKind::NotFound.into() })
}

/// What Codex said, on one line.
fn said(output: &str) -> String {
    let lines: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = if lines.is_empty() { "codex said nothing".to_owned() } else { lines.join("; ") };
    text.chars().take(SAID_CHARACTERS).collect()
}
