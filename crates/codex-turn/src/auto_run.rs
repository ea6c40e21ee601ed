//! [`AutoRun`]: turn after turn until it is right, described and not yet run.

mod auto_run_error;
mod budget;
mod calls_told;
mod check;
mod checks;
mod continue_policy;
mod engine;
mod event;
mod halt;
mod json;
mod meter;
mod outlet;
mod past_work;
mod prices;
mod report;
mod retry_policy;
mod settings;
mod stall;
mod stream;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{RunCommand, SystemCommands};
use codex_protocol::EventLine;
use tokio::runtime;
use tokio_util::sync::CancellationToken;

pub use auto_run_error::AutoRunError;
pub use budget::{Budget, BudgetEnd, BudgetKind, Spent, UnknownUsage};
pub use check::{Check, CheckContext, CheckError, CheckOutcome, CheckReport, IntoCheck, Surroundings};
pub use checks::{AllOf, AnyOf, CommandCheck, FileExists, JsonPointerCheck, Predicate};
pub use continue_policy::{ContinuePolicy, FixedPrompts, Next, Once, Progress, UntilSatisfied};
pub use event::{AutoRunEvent, StepKind};
pub use prices::{Money, Price, PriceTable};
pub use report::{AutoRunReport, StepReport, StopReason};
pub use retry_policy::{Retries, Retry, RetryPolicy};
pub use stream::{AutoRunFuture, AutoRunStream};

use crate::observe_turn::OnEvent;
use crate::{ObserveTurn, Thread, Turn};
use settings::AutoRunSettings;

/// Describes an auto-run: turn after turn on one thread until its checks pass, a limit is reached, or there is
/// a reason to stop. Inert until it is awaited, [streamed](AutoRun::stream) and polled, or run
/// [blocking](AutoRun::blocking).
///
/// After every turn that completed the checks are asked; if all pass the run is over, otherwise the
/// [policy](AutoRun::policy) says what the next turn is asked. A turn that did not complete is tried again as
/// the [retry policy](AutoRun::retry) says, and never blindly: if it had done nothing, with the same prompt;
/// if it had done something, or that cannot be known, the thread continues with a prompt that says so; if there
/// is no thread to continue, the run stops. Each turn restates all options.
///
/// `Ok` is every run that began, with all its turns: [`AutoRunReport::stop`] says why it is over. `Err` is a
/// run that did not begin.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use codex_turn::{Codex, EventStream, RunTurn, ThreadOptions, TurnLines, TurnRequest};
/// # struct Scripted;
/// # impl RunTurn for Scripted {
/// #     fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
/// #         let done = request.invocation.parts().prompt().starts_with("The check");
/// #         Box::new(EventStream::from_lines([
/// #             r#"{"type":"thread.started","thread_id":"019b7c2a-1111-7000-8000-000000000001"}"#.to_owned(),
/// #             format!(r#"{{"type":"item.completed","item":{{"id":"item_0","type":"agent_message","text":"{{\"done\":{done}}}"}}}}"#)
/// #                 .replace(r#"{"done""#, r#"{\"done\""#),
/// #             r#"{"type":"turn.completed","usage":null}"#.to_owned(),
/// #         ]))
/// #     }
/// # }
/// use codex_turn::{JsonPointerCheck, StopReason};
///
/// # let codex = Codex::builder().transport(Arc::new(Scripted)).build()?;
/// let thread = codex.start_thread(ThreadOptions::new("/my/project"));
/// let report = thread
///     .run_auto("put it right, and answer as JSON")
///     .until(JsonPointerCheck::new("/done", true)) // or a command: "cargo test"
///     .max_turns(8)
///     .await?;
/// assert!(matches!(report.stop, StopReason::Satisfied));
/// assert_eq!(report.steps.len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropping the future or the stream stops what is running, as it does for a [`Turn`]. To stop a run and keep
/// its report, [cancel](AutoRun::cancel) it.
#[must_use = "a run does nothing until it is awaited, polled as a stream, or run blocking"]
pub struct AutoRun {
    settings: AutoRunSettings,
}

impl Thread {
    /// Makes a run of turns on this thread, one after the other, until its checks pass; nothing starts before
    /// it is polled.
    pub fn run_auto(&self, prompt: impl Into<String>) -> AutoRun {
        AutoRun::new(self.clone(), prompt.into())
    }
}

impl AutoRun {
    /// How many turns a run may start, unless said otherwise.
    pub const MAX_TURNS: u32 = 10;

    /// After how many turns without progress a run stops, unless said otherwise.
    pub const STALLED_TURNS: u32 = 3;

    /// How long a check may take to end once the run is stopped: longer than a command has that was asked to stop.
    pub const CHECK_GRACE: Duration = Duration::from_secs(7);

    pub(crate) fn new(thread: Thread, prompt: String) -> Self {
        Self {
            settings: AutoRunSettings {
                thread,
                prompt,
                shapes: Vec::new(),
                observers: Vec::new(),
                checks: Vec::new(),
                policy: Box::new(UntilSatisfied),
                retry: RetryPolicy::default(),
                budgets: Vec::new(),
                unknown_usage: UnknownUsage::default(),
                max_turns: Self::MAX_TURNS,
                stalled_turns: Some(Self::STALLED_TURNS),
                commands: Arc::new(SystemCommands::new()),
                cancel: CancellationToken::new(),
                closing: CancellationToken::new(),
            },
        }
    }

    /// Adds a check; with several, all have to pass, and they are asked in order up to the first that does
    /// not. A text is a command for the shell.
    pub fn until(mut self, check: impl IntoCheck) -> Self {
        self.settings.checks.push(check.into_check());
        self
    }

    /// Says what the next turn is asked while not every check passes; [`UntilSatisfied`] by default.
    pub fn policy(mut self, policy: impl ContinuePolicy + 'static) -> Self {
        self.settings.policy = Box::new(policy);
        self
    }

    /// Says whether turns that did not complete are tried again.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.settings.retry = retry;
        self
    }

    /// Limits how many turns are started, repeated ones included; [`MAX_TURNS`](AutoRun::MAX_TURNS) by default.
    pub fn max_turns(mut self, turns: u32) -> Self {
        self.settings.max_turns = turns;
        self
    }

    /// Limits what the run may use up; of several budgets of one kind the last counts.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.settings.budgets.push(budget);
        self
    }

    /// Limits how long the run may take as a whole: a budget of wall time.
    pub fn total_limit(self, limit: Duration) -> Self {
        self.budget(Budget::wall_time(limit))
    }

    /// Says what a turn whose usage is unknown means to a budget of tokens or money.
    pub fn unknown_usage(mut self, unknown_usage: UnknownUsage) -> Self {
        self.settings.unknown_usage = unknown_usage;
        self
    }

    /// Stops the run after so many turns in a row that changed no file and after which the checks said the
    /// same; [`STALLED_TURNS`](AutoRun::STALLED_TURNS) by default.
    pub fn stop_without_progress(mut self, turns: u32) -> Self {
        self.settings.stalled_turns = Some(turns);
        self
    }

    /// Continues even without progress.
    pub fn go_on_without_progress(mut self) -> Self {
        self.settings.stalled_turns = None;
        self
    }

    /// Says what each turn is told beside its prompt: whatever a [`Turn`] can be told, observers of its own
    /// too. The closure is called once for each turn. Only the [cancel token](Turn::cancel) is that of the run.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # async fn example(thread: &codex_turn::Thread) -> Result<(), codex_turn::AutoRunError> {
    /// let run = thread.run_auto("do it").each_turn(|turn| turn.idle_limit(Duration::from_secs(300)));
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn each_turn(mut self, shape: impl Fn(Turn) -> Turn + Send + Sync + 'static) -> Self {
        self.settings.shapes.push(Box::new(shape));
        self
    }

    /// Gives the agent these functions of the caller in every turn, beside those of its thread.
    #[cfg(feature = "tools")]
    pub fn tools(self, tools: crate::ToolSet) -> Self {
        self.each_turn(move |turn| turn.tools(tools.clone()))
    }

    /// Shows every line of every turn to a closure.
    pub fn on_event(self, observer: impl FnMut(&EventLine) + Send + 'static) -> Self {
        self.observe(OnEvent::new(observer))
    }

    /// Shows the start, every line and the end of every turn to one observer.
    pub fn observe(mut self, observer: impl ObserveTurn + 'static) -> Self {
        self.settings.observers.push(Arc::new(observer));
        self
    }

    /// Cancels the run when this token is cancelled, whatever it is waiting for. The turn that runs ends
    /// politely, and is in the report.
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.settings.cancel = token;
        self
    }

    /// Runs the commands of checks through this: the sandbox of Codex, a fake, a container, another machine.
    ///
    /// Without it they have the rights of this process, and execute what the agent has just written.
    ///
    /// ```no_run
    /// # async fn checked(thread: codex_turn::Thread) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use codex_turn::{CommandSandbox, Program, SandboxedCommands};
    ///
    /// let commands = SandboxedCommands::new(Program::discover()?, CommandSandbox::new());
    /// let report = thread.run_auto("make the tests pass").until("cargo test").commands(Arc::new(commands)).await?;
    /// # drop(report);
    /// # Ok(())
    /// # }
    /// ```
    pub fn commands(mut self, commands: Arc<dyn RunCommand>) -> Self {
        self.settings.commands = commands;
        self
    }

    /// Returns the token that cancels the run: the one that it was [given](Self::cancel), or one of its own.
    pub fn cancel_token(&self) -> CancellationToken {
        self.settings.cancel.clone()
    }

    /// Returns the thread that the turns belong to.
    pub fn thread(&self) -> &Thread {
        &self.settings.thread
    }

    /// Returns what Codex would be asked in the first turn if it started now.
    ///
    /// The closures of [`each_turn`](AutoRun::each_turn) are called once for it.
    pub fn invocation(&self) -> Option<codex_exec::Invocation> {
        self.settings.turn(&self.settings.prompt).invocation()
    }

    /// Looks whether the run could begin, without starting anything of it: the limits, the budgets, and whether the
    /// checks can be asked. Call it before something is prepared for a run, such as a record.
    ///
    /// The closures of [`each_turn`](AutoRun::each_turn) are called once for it.
    ///
    /// # Errors
    ///
    /// The run would not begin.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn ready(&self) -> Result<(), AutoRunError> {
        engine::ready(&self.settings).await
    }

    /// Makes the cold stream of the run's events: nothing starts before its first poll.
    pub fn stream(self) -> AutoRunStream {
        AutoRunStream::new(self.settings)
    }

    /// Runs on this thread of the operating system, with a small runtime of its own, and waits for the end.
    ///
    /// # Errors
    ///
    /// As when awaited; and [`AutoRunError::InsideRuntime`], without running anything, where a tokio runtime
    /// drives the caller.
    pub fn blocking(self) -> Result<AutoRunReport, AutoRunError> {
        if runtime::Handle::try_current().is_ok() {
            return Err(AutoRunError::InsideRuntime);
        }
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| AutoRunError::Runtime(Arc::new(source)))?;
        runtime.block_on(self.into_future())
    }
}

impl IntoFuture for AutoRun {
    type Output = Result<AutoRunReport, AutoRunError>;
    type IntoFuture = AutoRunFuture;

    /// Runs to the end: `Ok` for every run that began.
    fn into_future(self) -> AutoRunFuture {
        self.stream().finish()
    }
}

impl fmt::Debug for AutoRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<_> = self.settings.checks.iter().map(Check::name).collect();
        f.debug_struct("AutoRun")
            .field("thread", &self.settings.thread)
            .field("checks", &checks)
            .field("max_turns", &self.settings.max_turns)
            .field("budgets", &self.settings.budgets)
            .field("retry", &self.settings.retry)
            .finish_non_exhaustive()
    }
}
