//! [`FileLedger`]: the ledger in the files and the git repository of a project.

mod builder;
mod log;
mod open;
mod resume;
mod snapshot_violations;
mod unlock;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::FileLedgerBuilder;
pub use self::resume::{Resumed, ResumedTask, ResumedTurn, Waiting};
use crate::git::Vcs;
use crate::ledger_error::LedgerError;
use crate::read::INDEX_HEADER;
use crate::record::ledger_mark::LedgerMark;
use crate::record::ledger_options::LedgerOptions;
use crate::record::locks::LockFile;
use crate::record::parts::LedgerParts;
use crate::record::recover::{Recovered, Recovery};
use crate::record::turn_header::TurnHeader;
use crate::record::turn_log::TurnLog;
use crate::redaction::RedactionRules;
use crate::system::Abort;
use crate::values::{ATTRIBUTES, Places};

/// Keeps records in the files and the git repository of a project.
///
/// A record holds what Codex printed, so a ledger cannot be opened without [`RedactionRules`]. A [`Reader`](crate::read::Reader)
/// needs none.
///
/// ```no_run
/// use codex_ledger::{FileLedger, RecordEnd, RedactionRules, TaskHeader, TurnHeader};
///
/// let rules = RedactionRules::of_environment(std::env::vars_os());
/// let ledger = FileLedger::open("/project", rules)?;
/// ledger.init()?;
/// let header = TurnHeader::new(TaskHeader::named("add-tests"), "codex@0.169.0", "my-program@1.0.0");
/// let log = ledger.open_turn(header)?;
/// // Turns run here, and the log sees their lines.
/// let recorded = log.finish(RecordEnd::new())?;
/// println!("turn {} recorded in {}", recorded.turn_id, recorded.directory.display());
/// # Ok::<(), codex_ledger::LedgerError>(())
/// ```
///
/// This does not compile, because it does not say what is redacted:
///
/// ```compile_fail,E0061
/// let ledger = codex_ledger::FileLedger::open("/project")?;
/// # Ok::<(), codex_ledger::LedgerError>(())
/// ```
///
/// Nor does this:
///
/// ```compile_fail,E0061
/// let ledger = codex_ledger::FileLedger::builder("/project").open()?;
/// # Ok::<(), codex_ledger::LedgerError>(())
/// ```
pub struct FileLedger {
    parts: Arc<LedgerParts>,
}

/// How long the lock of a holder that was killed may stay: a child that it was just starting has the file open, too, until it
/// becomes another program.
const LAST_BREATH: Duration = Duration::from_millis(500);

impl FileLedger {
    /// Opens the ledger of the worktree that `root` is in, with everything else as it is by default. Writes nothing.
    ///
    /// Records do not contain the secrets that `rules` know. [`RedactionRules::none`] knows no values and no folders.
    ///
    /// # Errors
    ///
    /// There is no worktree of git there, or git is missing.
    pub fn open(root: impl AsRef<Path>, rules: RedactionRules) -> Result<Self, LedgerError> {
        Self::builder(root, rules).open()
    }

    /// Prepares to open the ledger of the worktree that `root` is in. Records do not contain the secrets that `rules` know.
    pub fn builder(root: impl AsRef<Path>, rules: RedactionRules) -> FileLedgerBuilder {
        FileLedgerBuilder::new(root.as_ref(), rules)
    }

    /// Where the ledger keeps its files.
    pub fn places(&self) -> &Places {
        &self.parts.places
    }

    /// The git repository.
    pub fn vcs(&self) -> &Arc<dyn Vcs> {
        &self.parts.vcs
    }

    /// How the ledger is kept.
    pub fn options(&self) -> &LedgerOptions {
        &self.parts.options
    }

    /// The switch that ends git.
    pub fn abort(&self) -> &Abort {
        &self.parts.abort
    }

    /// What every step works with, for the other concerns of a ledger.
    pub(crate) fn parts(&self) -> &Arc<LedgerParts> {
        &self.parts
    }

    /// Whether turns are recorded here: whether there is an index.
    pub fn is_initialised(&self) -> bool {
        self.parts.places.index().is_file()
    }

    /// Whether turns were recorded here at the last turn on this branch, and the ledger is gone or replaced.
    ///
    /// [`recover`](Self::recover) brings back what was there.
    pub fn is_missing(&self) -> bool {
        LedgerMark::is_missed(&self.parts)
    }

    /// Makes an empty ledger; one that is there stays as it is.
    ///
    /// # Errors
    ///
    /// Files cannot be written.
    pub fn init(&self) -> Result<(), LedgerError> {
        let (disk, places) = (self.parts.disk.as_ref(), &self.parts.places);
        let root = places.root();
        let failed = || LedgerError::disk("make the ledger", root);
        disk.create_dir_all(root).map_err(failed())?;
        if !places.attributes().exists() {
            disk.write_new(&places.attributes(), ATTRIBUTES.as_bytes()).map_err(failed())?;
        }
        if !places.index().exists() {
            disk.write_new(&places.index(), format!("{INDEX_HEADER}\n").as_bytes()).map_err(failed())?;
        }
        disk.sync_dir(root).map_err(failed())
    }

    /// Takes a number and opens a record, which survives a crash from here on.
    ///
    /// # Errors
    ///
    /// There is no record then, and nothing has to be undone.
    /// [`is_claim_unavailable`](LedgerError::is_claim_unavailable) tells the cases in which the same call may
    /// work later.
    pub fn open_turn(&self, header: TurnHeader) -> Result<Box<dyn TurnLog>, LedgerError> {
        let lock = self.lock_worktree_for_turn()?;
        open::open_turn(&self.parts, lock, header).map(|log| Box::new(log) as Box<dyn TurnLog>)
    }

    /// Finishes what was left unfinished in this worktree, and closes numbers that nobody will use.
    ///
    /// What was recorded before it was called stays as it is; called again it finds nothing to do. A turn that is
    /// running is left alone, and so is one whose caller can [go on](Self::resume_turn) with it.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree, or something could not be finished; everything else was.
    pub fn recover(&self) -> Result<Vec<Recovered>, LedgerError> {
        let lock = self.lock_worktree()?;
        Recovery::new(&self.parts, &lock).everything()
    }

    /// The records that a crash has left open and whose caller can go on with them.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree, so that it is not known; or the journals cannot be read.
    pub fn waiting(&self) -> Result<Vec<Waiting>, LedgerError> {
        let _lock = self.lock_worktree()?;
        let found = resume::waiting(&self.parts)?;
        let waiting = |opened: crate::record::journal::OpenedEntry| Waiting {
            turn_id: opened.turn_id,
            task: opened.header.task.name,
            continuation: opened.header.continuation.unwrap_or_default(),
        };
        Ok(found.into_iter().map(|(_, opened)| waiting(opened)).collect())
    }

    /// Takes up a record that a crash has left open, where its [header](TurnHeader::continuation) allows that.
    ///
    /// Tasks and turns that have ended are in it already. The turn that the crash cut off is in it as one whose end
    /// nobody saw.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree, or there is no such record.
    pub fn resume_turn(&self, turn_id: crate::values::TurnId) -> Result<Resumed, LedgerError> {
        let lock = self.lock_worktree_for_turn()?;
        resume::resume(&self.parts, lock, turn_id)
    }

    /// Finishes what was left unfinished, as [`recover`](Self::recover) does, and besides closes as interrupted a
    /// record that could have been gone on with.
    ///
    /// # Errors
    ///
    /// As those of [`recover`](Self::recover); and there is no such record.
    pub fn abandon(&self, turn_id: crate::values::TurnId) -> Result<Vec<Recovered>, LedgerError> {
        let lock = self.lock_worktree()?;
        if !resume::waiting(&self.parts)?.iter().any(|(_, opened)| opened.turn_id == turn_id) {
            return Err(LedgerError::Refused {
                step: "close the record",
                reason: format!("turn {turn_id} does not wait to be gone on with"),
            });
        }
        Recovery::new(&self.parts, &lock).closing(turn_id).everything()
    }

    /// How many turns wait to be recovered in this worktree, or run right now.
    ///
    /// # Errors
    ///
    /// The journals cannot be listed.
    pub fn unfinished(&self) -> Result<usize, LedgerError> {
        crate::record::journal::Journal::all(&self.parts.dirs.journals()).map(|journals| journals.len())
    }

    /// Takes the lock of this worktree, which is held for a whole turn.
    pub(crate) fn lock_worktree(&self) -> Result<LockFile, LedgerError> {
        LockFile::acquire(&self.parts.dirs.turn_lock(), LAST_BREATH, self.parts.waiter.as_ref())
    }

    /// Takes the same lock for a turn, which waits for another one as long as the options say, unless it is given up.
    fn lock_worktree_for_turn(&self) -> Result<LockFile, LedgerError> {
        let LedgerParts { dirs, options, waiter, abort, .. } = &*self.parts;
        let limit = options.worktree_wait.saturating_add(LAST_BREATH);
        LockFile::acquire_unless(&dirs.turn_lock(), limit, waiter.as_ref(), abort)
    }
}

impl std::fmt::Debug for FileLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileLedger").field("root", &self.parts.places.root()).finish_non_exhaustive()
    }
}
