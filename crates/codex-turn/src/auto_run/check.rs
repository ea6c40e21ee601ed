//! [`Check`]: whether what the agent did is right, asked after every turn.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use codex_exec::{CommandError, CommandSpec, RunCommand};
use tokio_util::sync::CancellationToken;

use super::checks::CommandCheck;
use crate::TurnResult;

/// Says whether what the agent did is right; asked after every turn that completed.
///
/// ```
/// use codex_turn::{Check, CheckContext, CheckError, CheckOutcome};
///
/// struct Short;
///
/// #[async_trait::async_trait]
/// impl Check for Short {
///     fn name(&self) -> String {
///         "the answer is short".to_owned()
///     }
///
///     async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
///         let answer = context.turn.final_response().unwrap_or_default();
///         Ok(if answer.len() < 100 { CheckOutcome::Passed } else { CheckOutcome::failed("too long") })
///     }
/// }
/// assert_eq!(Short.name(), "the answer is short");
/// ```
///
/// # Cancel safety
///
/// When the run is cancelled, or its time is over, the token of its [`Surroundings`] is cancelled. A check that has not
/// ended [`AutoRun::CHECK_GRACE`](crate::AutoRun::CHECK_GRACE) later is dropped; what it says then is not heard.
#[async_trait]
pub trait Check: Send + Sync {
    /// What it is called, to people and to the agent.
    fn name(&self) -> String;

    /// Looks, before the first turn, whether it can be asked at all; by default it can.
    ///
    /// # Errors
    ///
    /// It cannot, and the run does not begin.
    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        let _ = surroundings;
        Ok(())
    }

    /// Asks it.
    ///
    /// # Errors
    ///
    /// It could not be asked, and the run stops. What is not right yet is no error but
    /// [`CheckOutcome::Failed`].
    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError>;
}

#[async_trait]
impl<C: Check + ?Sized> Check for Box<C> {
    fn name(&self) -> String {
        (**self).name()
    }

    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        (**self).prepare(surroundings).await
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        (**self).check(context).await
    }
}

#[async_trait]
impl<C: Check + ?Sized> Check for Arc<C> {
    fn name(&self) -> String {
        (**self).name()
    }

    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        (**self).prepare(surroundings).await
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        (**self).check(context).await
    }
}

/// Where a check is asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct Surroundings<'a> {
    /// The working directory of the thread.
    pub directory: Option<&'a Path>,
    /// Runs commands.
    pub commands: &'a dyn RunCommand,
    /// Is cancelled when the run is.
    pub cancel: CancellationToken,
}

/// What a check is asked about.
///
/// A test of a check makes one; the turn comes from recorded lines, or from a fake of the transport.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_turn::{Check, CheckContext, CheckOutcome, EventStream, Predicate, Surroundings, SystemCommands, Turn};
///
/// let turn = Turn::over(EventStream::from_lines([r#"{"type":"turn.completed","usage":null}"#])).await?;
/// let commands = SystemCommands::new();
/// let context = CheckContext::new(&turn, Surroundings::new(&commands));
/// let answered = Predicate::new("there is an answer", |turn| turn.final_response().is_some());
/// assert!(matches!(answered.check(&context).await?, CheckOutcome::Failed { .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct CheckContext<'a> {
    /// The turn that has just completed.
    pub turn: &'a TurnResult,
    /// Where it is asked.
    pub surroundings: Surroundings<'a>,
}

impl<'a> Surroundings<'a> {
    /// Runs commands through this, without a directory and with a token that is never cancelled; what is left is set by the methods below.
    pub fn new(commands: &'a dyn RunCommand) -> Self {
        Self { directory: None, commands, cancel: CancellationToken::new() }
    }

    /// Sets the working directory of the thread.
    #[must_use = "builder methods return the changed value"]
    pub fn directory(mut self, directory: &'a Path) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Sets the token that is cancelled when the run is.
    #[must_use = "builder methods return the changed value"]
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }
}

impl<'a> CheckContext<'a> {
    /// Asks about this turn.
    pub fn new(turn: &'a TurnResult, surroundings: Surroundings<'a>) -> Self {
        Self { turn, surroundings }
    }
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckContext").field("surroundings", &self.surroundings).finish_non_exhaustive()
    }
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// It is right.
    Passed,
    /// It is not right yet.
    #[non_exhaustive]
    Failed {
        /// Why, in words that are of use to the agent; bounded by the check that made them.
        output: String,
    },
}

impl CheckOutcome {
    /// Says that it is not right yet, and why.
    pub fn failed(output: impl Into<String>) -> Self {
        Self::Failed { output: output.into() }
    }

    /// Whether it is right.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

/// A check that was asked.
///
/// Serialised it is one object: `name`, `passed`, `output` (`null` where it passed) and `elapsedMs`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Its name.
    pub name: String,
    /// What it said.
    pub outcome: CheckOutcome,
    /// How long it took.
    pub elapsed: Duration,
}

impl CheckReport {
    /// Reports a check, for tests of policies.
    pub fn new(name: impl Into<String>, outcome: CheckOutcome, elapsed: Duration) -> Self {
        Self { name: name.into(), outcome, elapsed }
    }
}

/// Why a check could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The command names a program that is not there.
    #[error("there is no program {program:?}")]
    #[non_exhaustive]
    NoProgram {
        /// The program.
        program: String,
    },
    /// The command could not be started.
    #[error("the command of the check could not be run")]
    Command(#[source] Arc<CommandError>),
    /// A JSON pointer that is none: it is neither empty nor begins with a slash, or a tilde in it stands for nothing.
    #[error(
        "{pointer:?} is no json pointer: it has to begin with a slash, or be empty, and `~` is written `~0`"
    )]
    #[non_exhaustive]
    Pointer {
        /// The text.
        pointer: String,
    },
    /// A combination of no checks at all.
    #[error("a combination of no checks says nothing: name at least one")]
    Empty,
    /// Anything else that a check of the caller's says.
    #[error("{message}")]
    #[non_exhaustive]
    Other {
        /// What it says.
        message: String,
    },
}

impl CheckError {
    /// Makes an error of a check of the caller's.
    pub fn other(message: impl Into<String>) -> Self {
        Self::Other { message: message.into() }
    }
}

impl From<CommandError> for CheckError {
    fn from(error: CommandError) -> Self {
        Self::Command(Arc::new(error))
    }
}

/// What can stand for a check: a check, or a command for [`CommandCheck`].
pub trait IntoCheck {
    /// Makes the check.
    fn into_check(self) -> Box<dyn Check>;
}

impl<C: Check + 'static> IntoCheck for C {
    fn into_check(self) -> Box<dyn Check> {
        Box::new(self)
    }
}

impl IntoCheck for &str {
    fn into_check(self) -> Box<dyn Check> {
        Box::new(CommandCheck::new(CommandSpec::shell(self)))
    }
}

impl IntoCheck for String {
    fn into_check(self) -> Box<dyn Check> {
        Box::new(CommandCheck::new(CommandSpec::shell(self)))
    }
}

impl IntoCheck for CommandSpec {
    fn into_check(self) -> Box<dyn Check> {
        Box::new(CommandCheck::new(self))
    }
}
