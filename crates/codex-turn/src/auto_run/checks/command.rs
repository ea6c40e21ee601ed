//! [`CommandCheck`]: a command whose exit code 0 means that all is right.

use std::time::Duration;

use async_trait::async_trait;
use codex_exec::CommandSpec;
use codex_protocol::{ExitKind, Limit, StopCause};

use crate::auto_run::check::{Check, CheckContext, CheckError, CheckOutcome, Surroundings};

/// Is passed when a command exits with code 0; otherwise the end of its output says why not.
///
/// It runs in the directory of the thread, unless the command has a directory of its own, with the rights of this process and
/// without its secrets; [`AutoRun::commands`](crate::AutoRun::commands) puts it into the sandbox of Codex. Before the first turn it is looked whether its program is there; of one string for the shell
/// that is the first word, where that is a plain name.
///
/// ```
/// use codex_turn::{Check, CommandCheck, CommandSpec};
///
/// let check = CommandCheck::new(CommandSpec::argv(["cargo", "test"]));
/// assert_eq!(check.name(), "cargo test");
/// assert_eq!(CommandCheck::LIMIT.as_secs(), 600);
/// assert_eq!(CommandCheck::FEEDBACK_LIMIT_BYTES, 8 << 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandCheck {
    command: CommandSpec,
    feedback_limit_bytes: usize,
}

impl CommandCheck {
    /// How long a command may take that has no limit of its own.
    pub const LIMIT: Duration = Duration::from_mins(10);

    /// How many bytes of the end of its output become part of the next prompt, unless said otherwise.
    pub const FEEDBACK_LIMIT_BYTES: usize = 8 << 10;

    /// Takes the command.
    pub fn new(mut command: CommandSpec) -> Self {
        command.limit = command.limit.or(Some(Self::LIMIT));
        Self { command, feedback_limit_bytes: Self::FEEDBACK_LIMIT_BYTES }
    }

    /// Sets how many bytes of the end of its output become part of the next prompt.
    #[must_use = "builder methods return the changed value"]
    pub fn feedback_limit_bytes(mut self, bytes: usize) -> Self {
        self.feedback_limit_bytes = bytes;
        self
    }

    fn command_in(&self, surroundings: &Surroundings<'_>) -> CommandSpec {
        let mut command = self.command.clone();
        command.cwd = command.cwd.or_else(|| surroundings.directory.map(Into::into));
        command.output_limit_bytes = command.output_limit_bytes.min(self.feedback_limit_bytes);
        command
    }
}

#[async_trait]
impl Check for CommandCheck {
    fn name(&self) -> String {
        self.command.to_string()
    }

    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        if self.command.limit == Some(Duration::ZERO) {
            return Err(CheckError::other("a limit of zero seconds lets no command run"));
        }
        let Some(program) = program(&self.command)? else { return Ok(()) };
        let mut look = self.command_in(surroundings);
        look.argv = ["sh", "-c", r#"command -v "$0""#].map(Into::into).into();
        look.argv.push(program.clone().into());
        look.stdin = None;
        look.noted_in = None;
        let seen = surroundings.commands.run(look, surroundings.cancel.clone()).await?;
        if seen.succeeded() || seen.stop.is_some() {
            return Ok(());
        }
        Err(CheckError::NoProgram { program })
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        let around = &context.surroundings;
        let done = around.commands.run(self.command_in(around), around.cancel.clone()).await?;
        if done.succeeded() {
            return Ok(CheckOutcome::Passed);
        }
        let end = match (done.stop, done.exit) {
            (Some(StopCause::TotalLimit), _) => {
                format!("it was stopped after {:?}", self.command.limit.unwrap_or_default())
            }
            (Some(_), _) => "it was stopped".to_owned(),
            (None, Some(ExitKind::Code(code))) => format!("it exited with code {code}"),
            (None, Some(ExitKind::Signal(signal))) => format!("signal {signal} ended it"),
            (None, None) => format!("it did not end ({:?} limit)", Limit::Total),
        };
        let text = done.output.text();
        let cut = if done.output.dropped_bytes > 0 { "[...]\n" } else { "" };
        Ok(CheckOutcome::failed(format!("{end}\n{cut}{}", text.trim_end()).trim_end()))
    }
}

/// The program to look for; `None` where it cannot be told without being the shell.
fn program(command: &CommandSpec) -> Result<Option<String>, CheckError> {
    let empty = || CheckError::from(codex_exec::CommandError::Empty);
    let program = command.program().ok_or_else(empty)?.to_string_lossy().into_owned();
    let [_, flag, script] = &command.argv[..] else { return Ok(Some(program)) };
    if program != "sh" || flag != "-c" {
        return Ok(Some(program));
    }
    let script = script.to_string_lossy();
    let first = script.split_whitespace().next().ok_or_else(empty)?;
    Ok(is_plain(first).then(|| first.to_owned()))
}

fn is_plain(word: &str) -> bool {
    !word.starts_with('-') && word.chars().all(|c| c.is_alphanumeric() || "_./+-".contains(c))
}

/// The first characters of a text that may be long.
pub(super) fn head(text: &str) -> String {
    let mut head: String = text.chars().take(200).collect();
    if head.len() < text.len() {
        head.push_str("[...]");
    }
    head
}
