//! [`Work`]: what turns in a project are meant to do, in types that can be kept and restated.

mod codex_choices;
mod kept_settings;
mod pipeline_work;
mod setting_change;

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_exec::ConnectionRetries;
use codex_turn::{Keep, ReadRollout, ThreadOptions, Turn};
use serde::{Deserialize, Serialize};

use crate::settings::CheckSandbox;

pub use codex_choices::CodexChoices;
pub use kept_settings::KeptSettings;
pub use pipeline_work::{OnFailure, PipelineWork, RunLimits, ThreadUse};
pub use setting_change::{SettingChange, SettingSource};

/// What turns in a project are meant to do: made from flags, settings and the environment, kept in the journal of a record,
/// and restated if the record is resumed.
///
/// It has no prompt and no key. Serialised it is one JSON object with keys in camelCase; keys that are missing have their
/// defaults.
///
/// ```
/// use codex_runner::Work;
///
/// let work = Work::new("/my/project");
/// let kept = serde_json::to_string(&work)?;
/// assert_eq!(serde_json::from_str::<Work>(&kept)?, work);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Work {
    /// Where the turns work, as an absolute path.
    pub dir: PathBuf,
    /// What Codex is told of every turn.
    pub codex: CodexChoices,
    /// How long a turn may take.
    pub limits: TurnLimits,
    /// What the commands of checks may see and touch.
    pub checks: CheckChoices,
    /// Whose account of the work the record has.
    pub report: ReportSource,
    /// Whether records are pushed.
    pub push: PushRecords,
    /// The ref at which files of the project are trusted.
    pub trust_ref: Option<String>,
    /// The file of settings that takes the place of `codex-turns.toml`.
    pub settings_file: Option<PathBuf>,
    /// The settings in force.
    pub settings: KeptSettings,
}

/// How long a turn may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TurnLimits {
    /// The most time of a turn.
    pub total: Option<Duration>,
    /// The longest silence of a turn.
    pub idle: Option<Duration>,
    /// Whether Codex tries to reach the service forever.
    pub wait_for_network: bool,
}

/// What the commands of checks may see and touch, and whether they run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CheckChoices {
    /// Whether the checks of the project run.
    pub run: RunChecks,
    /// Secret variables that they inherit.
    pub env: Vec<String>,
    /// Whether they run in the sandbox; unset: as the settings say.
    pub sandbox: Option<CheckSandbox>,
    /// Whether they may open sockets, whatever the settings say.
    pub network: bool,
}

/// Says whether the checks of a project run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RunChecks {
    /// After every turn but a review: what is reviewed is most often the work of others, and its tests too.
    #[default]
    #[serde(alias = "yes")]
    AsUsual,
    /// After a review as well.
    Always,
    /// They do not.
    No,
}

/// Says whose account of the work a record has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "the agent is asked or it is not")]
pub enum ReportSource {
    /// The agent's: it is asked in one more turn that may only read.
    Agent,
    /// What follows from its messages.
    #[default]
    Derived,
}

/// Says whether records are pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "the settings decide, or nothing is pushed")]
pub enum PushRecords {
    /// As `ledger.push` says.
    #[default]
    AsSettings,
    /// Never.
    Never,
}

impl Work {
    /// Returns the options of threads that work in a folder.
    pub fn thread_options(&self, dir: &Path) -> ThreadOptions {
        let mut options = self.codex.apply(ThreadOptions::new(dir));
        if self.limits.wait_for_network {
            options = options.with(|invocation| invocation.connection_retries(ConnectionRetries::Unbounded));
        }
        options
    }

    /// Sets the limits of a turn; its lines are not kept, and Codex's own record of it is read.
    pub fn limited(&self, mut turn: Turn) -> Turn {
        if let Some(limit) = self.limits.total {
            turn = turn.total_limit(limit);
        }
        if let Some(limit) = self.limits.idle {
            turn = turn.idle_limit(limit);
        }
        turn.keep(Keep::None).read_rollout(ReadRollout::Always)
    }

    /// Creates the work of turns in a folder, with the default of everything.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), ..Self::default() }
    }
}
