//! Records turns: from the number that is claimed before Codex starts to the record that is sealed after it has ended.
//!
//! Begin with [`FileLedger`]. It opens a [`TurnLog`] for each record, which takes the lines of the turns and, at the end,
//! what was checked ([`RecordEnd`]). What a crash leaves is finished by [`FileLedger::recover`].
//!
//! | to | use |
//! | --- | --- |
//! | open a ledger | [`FileLedger::open`] with [`RedactionRules`](crate::RedactionRules), [`LedgerOptions`] |
//! | say what is to be done | [`TurnHeader`], [`TaskHeader`], [`TaskBegin`] |
//! | begin and end a turn of Codex | [`TurnBegin`], [`TurnEnd`] |
//! | end a record | [`RecordEnd`], [`CheckResult`], [`TaskEnd`] |
//! | take up a record after a crash | [`Waiting`], [`Resumed`] |

mod checks;
mod file_ledger;
mod folded_turn;
mod footprint;
mod git_mode;
pub(crate) mod heads;
pub(crate) mod journal;
mod kept;
mod ledger_folder;
mod ledger_mark;
mod ledger_options;
mod locks;
pub(crate) mod parts;
mod rebuild;
mod record_end;
mod recover;
mod rollout_source;
mod seal;
mod secret_files;
mod stage;
mod staging;
mod task_log;
mod task_span;
mod touched;
mod turn_begin;
mod turn_header;
mod turn_log;
mod unpushed;
mod watch;

pub use self::file_ledger::{FileLedger, FileLedgerBuilder, Resumed, ResumedTask, ResumedTurn, Waiting};
pub use self::git_mode::{GitMode, UnknownGitMode};
pub use self::ledger_folder::LedgerFolder;
pub use self::ledger_mark::was_recorded;
pub use self::ledger_options::{DirtyWorktree, EventsLog, LedgerOptions};
pub use self::locks::LockFile;
pub use self::rebuild::RebuiltIndex;
pub use self::record_end::{CheckResult, RecordEnd, ReportFile, StateOverride};
pub use self::recover::Recovered;
pub use self::rollout_source::RolloutSource;
pub use self::secret_files::SecretFiles;
pub use self::stage::Stage;
pub use self::task_log::TaskLog;
pub use self::task_span::{TaskBegin, TaskEnd};
pub use self::turn_begin::{TurnBegin, TurnEnd, TurnPurpose};
pub use self::turn_header::{Pattern, TaskHeader, TurnHeader};
pub use self::turn_log::{Recorded, TurnLog};
pub use self::watch::Watch;

#[cfg(feature = "mock")]
pub use self::{rollout_source::MockRolloutSource, turn_log::MockTurnLog};
