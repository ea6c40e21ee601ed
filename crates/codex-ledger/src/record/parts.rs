//! [`LedgerParts`]: what a ledger is made of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::git::{Exclude, Identity, PrivateDirs, Vcs, VcsError};
use crate::ledger_error::LedgerError;
use crate::record::ledger_options::LedgerOptions;
use crate::record::locks::LockFile;
use crate::record::rollout_source::RolloutSource;
use crate::record::touched::remove;
use crate::redaction::RedactionRules;
use crate::system::{Abort, Clock, Disk, Identities, Waiter};
use crate::values::places::ledger_path;
use crate::values::{Places, RepoPath};

/// What every step of a ledger works with.
pub(crate) struct LedgerParts {
    pub(crate) vcs: Arc<dyn Vcs>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) waiter: Arc<dyn Waiter>,
    pub(crate) rollouts: Option<Arc<dyn RolloutSource>>,
    pub(crate) options: LedgerOptions,
    /// The secrets that no record may contain.
    pub(crate) rules: RedactionRules,
    pub(crate) places: Places,
    pub(crate) dirs: PrivateDirs,
    pub(crate) abort: Abort,
}

/// How long to wait for somebody who holds the lock that is held for moments.
const MOMENT: Duration = Duration::from_secs(10);

impl LedgerParts {
    pub(crate) fn exclude() -> Exclude {
        Exclude::ledger_root(ledger_path())
    }

    /// Where journals go to be deleted, so that none is ever seen half deleted.
    pub(crate) fn trash(&self) -> PathBuf {
        self.dirs.worktree.join("trash")
    }

    /// Whether the commit at HEAD has something at a path.
    pub(crate) fn is_committed(&self, path: &RepoPath) -> Result<bool, VcsError> {
        let Some(head) = self.vcs.head()? else { return Ok(false) };
        let tree = self.vcs.tree_of(&head)?;
        Ok(self.vcs.entry(&tree, path)?.is_some())
    }

    /// Takes something that is not the ledger's out of its folder and keeps it in the private one, if that can be.
    pub(crate) fn set_aside(&self, path: &Path) -> Result<(), LedgerError> {
        let failed = || LedgerError::disk("set aside what is not of the ledger", path);
        let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
        if is_folder {
            // A folder is moved only by who may write in it.
            self.disk.set_mode(path, 0o700).map_err(failed())?;
        }
        let folder = self.dirs.worktree.join("aside");
        let name = path.file_name().unwrap_or_default().display();
        let place = folder.join(format!("{name}-{}", self.identities.nonce()));
        let moved = self.disk.create_dir_all(&folder).and_then(|()| self.disk.rename(path, &place));
        match moved {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => remove(self.disk.as_ref(), path),
            moved => moved.map_err(failed()),
        }
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
