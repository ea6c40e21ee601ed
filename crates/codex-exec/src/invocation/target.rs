//! [`Target`]: which thread an invocation works on.

use codex_protocol::ThreadId;

/// Says which thread a turn belongs to.
///
/// Codex remembers no option of a thread: an invocation that resumes one states sandbox, model and folders
/// anew, or gets Codex's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// A thread of its own.
    #[default]
    NewThread,
    /// The thread of this id.
    Resume(ThreadId),
    /// The newest thread of the working directory; where there is none, Codex opens a new one without a word.
    ResumeLast,
    /// A copy of the thread of this id, under an id of its own. Releases up to 0.142 have no such thing.
    Fork(ThreadId),
    /// A code review of the working directory's repository. It takes no prompt.
    Review(ReviewTarget),
    /// A code review of what the prompt says.
    ReviewPrompt,
}

/// Says what a code review looks at that needs no prompt; [`Target::ReviewPrompt`] is the one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReviewTarget {
    /// Everything that is not committed.
    Uncommitted,
    /// What lies between this branch and the working directory.
    Base(String),
    /// One commit.
    Commit(String),
}

impl Target {
    /// The id of the thread that an answer must carry to be one: that of the thread to resume.
    pub fn resumed_thread(&self) -> Option<&ThreadId> {
        match self {
            Self::Resume(thread) => Some(thread),
            Self::NewThread | Self::ResumeLast | Self::Fork(_) | Self::Review(_) | Self::ReviewPrompt => None,
        }
    }

    /// Whether the invocation needs a prompt.
    pub fn takes_prompt(&self) -> bool {
        match self {
            Self::NewThread | Self::Resume(_) | Self::ResumeLast | Self::Fork(_) | Self::ReviewPrompt => true,
            Self::Review(_) => false,
        }
    }

    /// Whether the invocation is a code review.
    pub fn is_review(&self) -> bool {
        matches!(self, Self::Review(_) | Self::ReviewPrompt)
    }
}
