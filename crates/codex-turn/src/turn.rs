//! [`Turn`]: one prompt, described and not yet run.

mod source;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codex_exec::{Invocation, OutputSchema};
use codex_protocol::{DecodePolicy, EventLine};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub(crate) use source::TurnSource;

use crate::observe_turn::OnEvent;
use crate::{BudgetKind, Keep, ObserveTurn, Resumer, RolloutReading, Thread, TurnLines, steps::OptionSteps};

/// Describes one turn: inert until it is awaited, [streamed](Turn::stream) and polled, or run
/// [blocking](Turn::blocking).
///
/// The three ways give the same result. What a turn is told here holds for it alone, and comes after the
/// options of its thread.
///
/// ```no_run
/// # async fn example(thread: codex_turn::Thread) -> Result<(), codex_turn::TurnError> {
/// use std::time::Duration;
///
/// let turn = thread
///     .run("look into the flaky test")
///     .image("screenshot.png")
///     .idle_limit(Duration::from_secs(300))
///     .on_event(|line| eprintln!("line {}", line.number()));
/// let result = turn.await?;
/// assert!(result.verdict.is_completed());
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropping the future or the stream stops the turn: Codex is asked to stop by the task that supervises it,
/// and the drop does not wait for that. Until it has stopped, half a second as a rule, another turn of the
/// thread is [busy](crate::TurnError::Busy). The work until then is lost to the caller but not to the thread, which
/// can be resumed. To stop a turn and keep its result, [cancel](Turn::cancel) it, or [close](crate::TurnStream::close) its
/// stream.
#[must_use = "a turn does nothing until it is awaited, polled as a stream, or run blocking"]
pub struct Turn {
    pub(crate) source: TurnSource,
    pub(crate) settings: TurnSettings,
    pub(crate) observers: Vec<Box<dyn ObserveTurn>>,
}

/// What a turn was told about itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct TurnSettings {
    pub(crate) cancel: CancellationToken,
    pub(crate) keep: Keep,
    pub(crate) decode_policy: DecodePolicy,
    pub(crate) rollout: RolloutReading,
    /// The budget that cancelled the turn, if one did.
    pub(crate) budget: Arc<OnceLock<BudgetKind>>,
}

impl Thread {
    /// Makes one turn of this thread; nothing starts before it is polled.
    ///
    /// The first turn of a new thread begins it, each later one resumes it: which of the two is decided at
    /// the first poll, so turns may be made ahead.
    pub fn run(&self, prompt: impl Into<String>) -> Turn {
        Turn::new(TurnSource::Thread {
            turns: Arc::clone(&self.turns),
            options: Arc::clone(&self.options),
            steps: OptionSteps::default(),
            thread: Arc::clone(&self.state),
            prompt: prompt.into(),
        })
    }
}

impl Turn {
    /// Makes a turn of lines that come from elsewhere: a recording, a fake, another transport.
    ///
    /// They go through the same fold, verdict and errors. Options that Codex would be told have no effect;
    /// the lines end when they end, also after a cancel, unless their maker listens to the same token. Whether
    /// their turn began its thread they do not say, so what the turn alone used is unknown unless a rollout
    /// tells.
    pub fn over(lines: impl TurnLines + 'static) -> Self {
        Self::new(TurnSource::Lines(Box::new(lines)))
    }

    fn new(source: TurnSource) -> Self {
        Self { source, settings: TurnSettings::default(), observers: Vec::new() }
    }

    /// Sends a picture with the prompt.
    pub fn image(self, file: impl Into<PathBuf>) -> Self {
        let file = crate::steps::absolute(file);
        self.with(move |invocation| invocation.image(file.clone()))
    }

    /// Asks for a final response that is JSON of this schema; read it with [`TurnResult::json`](crate::TurnResult::json).
    ///
    /// The service wants strict schemas: every object closed and every property required. Codex passes the
    /// schema on and does not check the response.
    pub fn output_schema(self, schema: Value) -> Self {
        self.with(move |invocation| invocation.output_schema(OutputSchema::Inline(schema.clone())))
    }

    /// Asks for a final response that is JSON of this type; read it with [`TurnResult::json`](crate::TurnResult::json).
    ///
    /// The schema of the type is made strict, as the service wants it: objects closed, every property
    /// required. The type must be a struct; maps with free keys cannot be said.
    ///
    /// ```
    /// # use codex_turn::Thread;
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Review {
    ///     verdict: String,
    ///     notes: Option<Vec<String>>,
    /// }
    ///
    /// async fn review(thread: &Thread) -> Result<Review, codex_turn::TurnError> {
    ///     let result = thread.run("review the last commit").output_type::<Review>().await?;
    ///     Ok(result.json()?)
    /// }
    /// ```
    #[cfg(feature = "schemars")]
    pub fn output_type<T: schemars::JsonSchema>(self) -> Self {
        self.output_schema(crate::output_schema::strict(schemars::schema_for!(T).to_value()))
    }

    /// Gives the agent these functions of the caller for this turn, beside those of its thread.
    ///
    /// They are served from the first poll to the end of the turn. Lines that come
    /// [from elsewhere](Turn::over) call none.
    #[cfg(feature = "tools")]
    pub fn tools(mut self, tools: crate::ToolSet) -> Self {
        self.source.add_tools(tools);
        self
    }

    /// Cancels the turn when this token is cancelled: Codex is asked to stop, its commands end with it, and
    /// the result says [`Verdict::Cancelled`](codex_protocol::Verdict::Cancelled), unless the turn had ended
    /// already.
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.settings.cancel = token;
        self
    }

    /// Says that a cancel of the turn is for a budget, if one has been named by then.
    pub(crate) fn stopped_by_budget(mut self, budget: Arc<OnceLock<BudgetKind>>) -> Self {
        self.settings.budget = budget;
        self
    }

    /// Limits the turn as a whole, instead of
    /// [`ExecOptions::total_limit`](codex_exec::ExecOptions::total_limit).
    pub fn total_limit(self, limit: Duration) -> Self {
        self.with(move |invocation| invocation.total_limit(limit))
    }

    /// Limits how long the turn may print nothing, instead of
    /// [`ExecOptions::idle_limit`](codex_exec::ExecOptions::idle_limit). Codex is silent while a command runs
    /// and while the model thinks.
    pub fn idle_limit(self, limit: Duration) -> Self {
        self.with(move |invocation| invocation.idle_limit(limit))
    }

    /// Says which lines the result holds; all by default.
    pub fn keep(mut self, keep: Keep) -> Self {
        self.settings.keep = keep;
        self
    }

    /// Says what becomes of the turn when a line cannot be understood; by default the turn continues and the
    /// summary counts such lines.
    ///
    /// With [`DecodePolicy::Fail`] the first one cancels the turn: the lines that Codex still writes are
    /// delivered, then comes [`TurnError::Undecodable`](crate::TurnError::Undecodable).
    pub fn decode_policy(mut self, policy: DecodePolicy) -> Self {
        self.settings.decode_policy = policy;
        self
    }

    /// Says whether Codex's own record of the thread is read after the turn; by default only when the stream
    /// does not suffice.
    pub fn read_rollout(mut self, reading: impl Into<RolloutReading>) -> Self {
        self.settings.rollout = reading.into();
        self
    }

    /// Shows every line to a closure before the consumer gets it.
    pub fn on_event(self, observer: impl FnMut(&EventLine) + Send + 'static) -> Self {
        self.observe(OnEvent::new(observer))
    }

    /// Shows what Codex is asked, every line, and the end, to an observer; several are called in the order in which they were
    /// added.
    pub fn observe(mut self, observer: impl ObserveTurn + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Sets anything else that an [`Invocation`] can say, for this turn alone. The closure is called when the
    /// turn starts; a target that it sets is overruled.
    pub fn with(mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) -> Self {
        self.source.add(step);
        self
    }

    /// What Codex would be asked if the turn started now; `None` if the lines come from elsewhere.
    pub fn invocation(&self) -> Option<Invocation> {
        self.source.invocation()
    }

    /// Returns the token that cancels the turn: the one that it was [given](Self::cancel), or one of its own.
    pub fn cancel_token(&self) -> CancellationToken {
        self.settings.cancel.clone()
    }

    /// Returns what resumes threads with the options of this turn's thread; `None` if the lines come from elsewhere.
    pub fn resumer(&self) -> Option<Resumer> {
        self.source.resumer()
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("invocation", &self.invocation())
            .field("settings", &self.settings)
            .field("observers", &self.observers.len())
            .finish_non_exhaustive()
    }
}
