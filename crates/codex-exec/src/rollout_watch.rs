//! [`RolloutWatch`]: which part of a thread's rollout a turn will have written, from before it starts.

use codex_protocol::ThreadId;

use crate::{CodexHome, HomeEnvironment, Invocation, Persistence, RolloutRef, Target};

/// What is known of the thread's rollout. Its methods look at files, and block for that.
#[derive(Debug)]
pub(crate) enum RolloutWatch {
    /// There is none: the thread is not kept, or nobody knows where.
    None,
    /// That of this thread, from where the turn begins.
    Known(RolloutRef),
    /// That of a thread that the turn opens, in this Codex home.
    OfNewThread(CodexHome),
    /// That of a thread that is older than the turn and has yet to be named.
    OfUnnamedThread(CodexHome),
}

impl RolloutWatch {
    pub(crate) fn before(invocation: &Invocation) -> Self {
        let parts = invocation.parts();
        let Some(home) = CodexHome::of(parts, &HomeEnvironment::from_process()) else { return Self::None };
        match &parts.target {
            _ if parts.persistence == Persistence::Ephemeral => Self::None,
            Target::Resume(thread) => Self::Known(RolloutRef::locate(home.path(), thread)),
            Target::ResumeLast => Self::OfUnnamedThread(home),
            Target::NewThread | Target::Fork(_) | Target::Review(_) | Target::ReviewPrompt => {
                Self::OfNewThread(home)
            }
        }
    }

    /// The thread has told its name.
    pub(crate) fn named(self, thread: &ThreadId) -> Self {
        match self {
            Self::OfNewThread(home) => Self::Known(RolloutRef::of_new_thread(home.path(), thread)),
            Self::OfUnnamedThread(home) => Self::Known(RolloutRef::locate(home.path(), thread)),
            Self::None | Self::Known(_) => self,
        }
    }

    /// The turn is over: what is written from now on is not its own.
    pub(crate) fn ended(self) -> Option<RolloutRef> {
        match self {
            Self::Known(rollout) => Some(rollout.ended()),
            Self::None | Self::OfNewThread(_) | Self::OfUnnamedThread(_) => None,
        }
    }
}
