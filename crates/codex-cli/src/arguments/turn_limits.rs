//! [`TurnLimitFlags`]: how long a turn may take.

use std::time::Duration;

use clap::Args;
use codex_turn::Turn;

use super::values;

/// How long a turn may take.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct TurnLimitFlags {
    /// End a turn after this time, such as 90s, 5m or 1h30m.
    #[arg(long, value_name = "TIME", value_parser = values::limit)]
    pub(crate) timeout: Option<Duration>,
    /// End a turn when it prints nothing for this time. Codex is silent while a command runs.
    #[arg(long, value_name = "TIME", value_parser = values::limit)]
    pub(crate) idle_timeout: Option<Duration>,
    /// Wait up to this time for another turn of the thread, or in the worktree, instead of failing.
    #[arg(long, value_name = "TIME", value_parser = values::limit)]
    pub(crate) wait: Option<Duration>,
    /// Try to reach the service for ever, instead of failing after about half a minute.
    #[arg(long)]
    pub(crate) wait_for_network: bool,
}

impl TurnLimitFlags {
    /// Sets the times of a turn.
    pub(crate) fn apply(&self, mut turn: Turn) -> Turn {
        if let Some(limit) = self.timeout {
            turn = turn.total_limit(limit);
        }
        if let Some(limit) = self.idle_timeout {
            turn = turn.idle_limit(limit);
        }
        turn
    }
}
