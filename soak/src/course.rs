//! [`Course`]: the course that a turn takes, and what has to come of it.

use codex_fixtures::{Reply, Script, Tokens};
use codex_ledger::manifest::RecordState;
use codex_protocol::Verdict;

/// The file that the second turn of two makes, and which ends their run.
pub(crate) const SECOND_TURN: &str = "second-turn.txt";

/// The course that a turn takes, and what has to come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Course {
    /// A command, an answer.
    Success,
    /// A second turn on the thread of the first, in the same record.
    FollowUp,
    /// A command leaves a process in a session of its own, and the turn completes.
    Leftover,
    /// The model refuses.
    Failure,
    /// The caller cancels while a command runs.
    Cancel,
    /// The caller kills the turn while a command runs, and records that.
    Drop,
    /// The caller drops the stream with its open record.
    Abandon,
    /// Codex gets SIGKILL while a command runs.
    Kill,
    /// The time of the turn is over while a command runs.
    Limit,
    /// The process that runs and records the turn gets SIGKILL, at any moment.
    HostKill,
}

impl Course {
    /// All of them, each as often as it is dealt in one round.
    pub(crate) const ROUND: [(Self, usize); 10] = [
        (Self::Success, 4),
        (Self::FollowUp, 2),
        (Self::Leftover, 1),
        (Self::Failure, 2),
        (Self::Cancel, 3),
        (Self::Drop, 2),
        (Self::Abandon, 1),
        (Self::Kill, 2),
        (Self::Limit, 1),
        (Self::HostKill, 2),
    ];

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::FollowUp => "follow-up",
            Self::Leftover => "leftover",
            Self::Failure => "failure",
            Self::Cancel => "cancel",
            Self::Drop => "drop",
            Self::Abandon => "abandon",
            Self::Kill => "kill Codex",
            Self::Limit => "time limit",
            Self::HostKill => "kill the host",
        }
    }

    /// The state of its record, where it is certain that there is one.
    pub(crate) fn state(self) -> Option<RecordState> {
        match self {
            Self::Success | Self::FollowUp | Self::Leftover => Some(RecordState::Completed),
            Self::Failure | Self::Kill | Self::Limit => Some(RecordState::Failed),
            Self::Cancel | Self::Drop => Some(RecordState::Aborted),
            Self::Abandon => Some(RecordState::Interrupted),
            // It may die before it has a number.
            Self::HostKill => None,
        }
    }

    /// Whether the turn has to end so, where somebody sees its end.
    pub(crate) fn expects(self, verdict: &Verdict) -> bool {
        match self {
            Self::Success | Self::FollowUp | Self::Leftover => verdict.is_completed(),
            Self::Failure => matches!(verdict, Verdict::Failed(_)),
            Self::Cancel => *verdict == Verdict::Cancelled,
            Self::Kill => matches!(verdict, Verdict::Killed { signal: 9, .. }),
            Self::Limit => matches!(verdict, Verdict::TimedOut { .. }),
            Self::Drop | Self::Abandon | Self::HostKill => false,
        }
    }

    /// What the model answers.
    pub(crate) fn script(self, number: u64) -> Script {
        let answer = || Reply::new().message("done").usage(Tokens::new(100, 10));
        let work = Reply::new().exec(&format!("echo turn {number} >> notes-{}.txt", number % 16));
        let forever = || Reply::new().exec("sleep 600");
        match self {
            Self::Success => Script::new([work, answer()]),
            Self::FollowUp => {
                let first = Reply::new().exec(&format!("rm -f {SECOND_TURN}"));
                let second = Reply::new().exec(&format!("touch {SECOND_TURN}"));
                Script::new([first, answer(), second, answer()])
            }
            Self::Leftover => {
                let stays = "setsid sleep 600 < /dev/null > /dev/null 2>&1 & echo $! > last-process.txt";
                Script::new([Reply::new().exec(stays), answer()])
            }
            Self::Failure => {
                let body = r#"{"error":{"message":"refused","type":"invalid_request_error"}}"#;
                Script::new([Reply::status(400).body(body)])
            }
            Self::Cancel | Self::Drop | Self::Abandon | Self::Kill | Self::Limit | Self::HostKill => {
                Script::new([forever()])
            }
        }
    }
}
