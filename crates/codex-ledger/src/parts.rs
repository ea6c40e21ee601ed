//! [`Parts`]: what a ledger is made of.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::abort::Abort;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::identities::Identities;
use crate::ledger_error::LedgerError;
use crate::ledger_options::LedgerOptions;
use crate::locks::LockFile;
use crate::places::{Places, ledger_path};
use crate::private_dirs::PrivateDirs;
use crate::rollout_source::RolloutSource;
use crate::vcs::{Exclude, Identity, Vcs, VcsError};
use crate::waiter::Waiter;

/// What every step of a ledger works with.
pub(crate) struct Parts {
    pub(crate) vcs: Arc<dyn Vcs>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) waiter: Arc<dyn Waiter>,
    pub(crate) rollouts: Option<Arc<dyn RolloutSource>>,
    pub(crate) options: LedgerOptions,
    pub(crate) places: Places,
    pub(crate) dirs: PrivateDirs,
    pub(crate) abort: Abort,
}

/// How long to wait for somebody who holds the lock that is held for moments.
const MOMENT: Duration = Duration::from_secs(10);

impl Parts {
    pub(crate) fn exclude() -> Exclude {
        Exclude::ledger_root(ledger_path())
    }

    /// Where journals go to be deleted, so that none is ever seen half deleted.
    pub(crate) fn trash(&self) -> PathBuf {
        self.dirs.worktree.join("trash")
    }

    pub(crate) fn lock_for_a_moment(&self) -> Result<LockFile, LedgerError> {
        LockFile::acquire(&self.dirs.common_lock(), MOMENT, self.waiter.as_ref())
    }

    /// Who commits and tags: as git is set up, or the program itself.
    pub(crate) fn identity(&self) -> Result<Identity, VcsError> {
        let configured = self.vcs.identity()?;
        Ok(configured.unwrap_or_else(|| Identity::new("codex-turns", "codex-turns@localhost")))
    }
}
