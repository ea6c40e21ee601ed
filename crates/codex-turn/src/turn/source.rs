//! [`TurnSource`]: where the lines of a turn come from.

use std::sync::Arc;
use std::time::Duration;

use codex_exec::{Invocation, Target};
use codex_protocol::{ThreadId, TurnUsage};
use tokio_util::sync::CancellationToken;

use crate::accounting::ThreadRelation;
use crate::served_tools::ServedTools;
use crate::steps::OptionSteps;
use crate::thread::{BusyThread, RunningTurn, ThreadState};
use crate::turn_span::TurnSpan;
use crate::{Resumer, RunTurn, TurnError, TurnLines, TurnRequest};

/// Where the lines of a turn come from.
pub(crate) enum TurnSource {
    /// From elsewhere.
    Lines(Box<dyn TurnLines>),
    /// From a transport, as a turn of a thread.
    Thread {
        turns: Arc<dyn RunTurn>,
        /// What holds for every thread, and for every turn of this one.
        options: Arc<[OptionSteps; 2]>,
        /// What holds for this turn alone.
        steps: OptionSteps,
        thread: Arc<ThreadState>,
        prompt: String,
    },
}

/// A turn that has begun.
pub(crate) struct Started {
    pub(crate) lines: Box<dyn TurnLines>,
    /// The thread, taken for this turn.
    pub(crate) thread: Option<RunningTurn>,
    pub(crate) tools: ServedTools,
    pub(crate) origin: ThreadRelation,
    pub(crate) span: TurnSpan,
}

impl TurnSource {
    pub(crate) fn add(&mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) {
        match self {
            // Nobody is asked for these lines, so there is nobody to tell.
            Self::Lines(_) => {}
            Self::Thread { steps, .. } => steps.push(step),
        }
    }

    #[cfg(feature = "tools")]
    pub(crate) fn add_tools(&mut self, tools: crate::ToolSet) {
        match self {
            Self::Lines(_) => {}
            Self::Thread { steps, .. } => steps.push_tools(tools),
        }
    }

    pub(crate) fn resumer(&self) -> Option<Resumer> {
        match self {
            Self::Lines(_) => None,
            Self::Thread { turns, options, .. } => Some(Resumer::new(Arc::clone(turns), (**options).clone())),
        }
    }

    pub(crate) fn invocation(&self) -> Option<Invocation> {
        match self {
            Self::Lines(_) => None,
            Self::Thread { options, steps, thread, prompt, .. } => {
                Some(invocation(prompt.clone(), options, steps, thread.target()))
            }
        }
    }

    /// Takes the thread, if the turn is one of a thread.
    pub(crate) fn take(&self) -> Result<Option<RunningTurn>, BusyThread> {
        match self {
            Self::Lines(_) => Ok(None),
            Self::Thread { thread, .. } => thread.take().map(Some),
        }
    }

    /// Begins the turn on the thread that it has taken: serves its tools, says what is asked, and asks the transport for cold
    /// lines. `wait_left` is what is left of a wait for the thread that has begun.
    pub(crate) fn start(
        self,
        running: Option<RunningTurn>,
        wait_left: Option<Duration>,
        cancel: &CancellationToken,
        say: impl FnOnce(&Invocation, Option<&ThreadId>),
    ) -> Result<Started, TurnError> {
        match (self, running) {
            (Self::Lines(lines), _) => {
                let tools = ServedTools::default();
                let span = TurnSpan::open(None);
                Ok(Started { lines, thread: None, tools, origin: ThreadRelation::Unknown, span })
            }
            (Self::Thread { .. }, None) => unreachable!("a turn of a thread has taken it"),
            (Self::Thread { turns, options, steps, prompt, .. }, Some(running)) => {
                let mut invocation = invocation(prompt, &options, &steps, running.target.clone());
                if let Some(wait) = wait_left {
                    invocation = invocation.thread_wait(wait);
                }
                let origin = origin(&running.target);
                let span = TurnSpan::open(invocation.parts().model.as_deref());
                let told = options.iter().chain([&steps]);
                // What serves the tools runs in the span of the turn.
                let started = span.span().in_scope(|| ServedTools::start(told, invocation, cancel));
                let (tools, invocation) =
                    started.inspect_err(|_| span.settle("not_started", &TurnUsage::default()))?;
                say(&invocation, resumed(&running.target));
                let lines = turns.run_turn(TurnRequest::new(invocation, cancel.clone()));
                Ok(Started { lines, thread: Some(running), tools, origin, span })
            }
        }
    }
}

/// Restates everything: what holds for all threads, for this thread, for this turn.
fn invocation(prompt: String, options: &[OptionSteps; 2], steps: &OptionSteps, target: Target) -> Invocation {
    let start = Invocation::new(prompt).target(target.clone());
    let told = options.iter().chain([steps]).fold(start, |invocation, steps| steps.apply(invocation));
    told.target(target)
}

fn resumed(target: &Target) -> Option<&ThreadId> {
    if let Target::Resume(thread) = target { Some(thread) } else { None }
}

fn origin(target: &Target) -> ThreadRelation {
    match target {
        Target::NewThread | Target::Review(_) | Target::ReviewPrompt => ThreadRelation::Fresh,
        Target::Fork(_) => ThreadRelation::Copied,
        Target::Resume(_) => ThreadRelation::Resumed,
        // A way to begin that is not known here may continue something as well.
        Target::ResumeLast | _ => ThreadRelation::Found,
    }
}
