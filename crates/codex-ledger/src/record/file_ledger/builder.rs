//! [`FileLedgerBuilder`]: what a ledger is made of, chosen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::FileLedger;
use crate::git::{GitCli, GitCliBuilder, PrivateDirs, Vcs, Worktree};
use crate::ledger_error::LedgerError;
use crate::record::ledger_options::LedgerOptions;
use crate::record::parts::LedgerParts;
use crate::record::rollout_source::RolloutSource;
use crate::redaction::RedactionRules;
use crate::system::{
    Abort, Clock, Disk, DiskRoot, Identities, RealDisk, SystemClock, SystemIdentities, SystemWaiter, Waiter,
};
use crate::values::{LEDGER_ROOT, Places};

/// Chooses what a ledger is made of. What is not chosen is the real thing.
#[must_use = "a builder does nothing until `open` is called"]
pub struct FileLedgerBuilder {
    root: PathBuf,
    vcs: Option<Arc<dyn Vcs>>,
    git: GitCliBuilder,
    abort: Abort,
    disk: Option<Arc<dyn Disk>>,
    clock: Arc<dyn Clock>,
    identities: Arc<dyn Identities>,
    waiter: Arc<dyn Waiter>,
    rollouts: Option<Arc<dyn RolloutSource>>,
    options: LedgerOptions,
    rules: RedactionRules,
}

impl FileLedgerBuilder {
    pub(super) fn new(root: &Path, rules: RedactionRules) -> Self {
        Self {
            root: root.to_owned(),
            vcs: None,
            git: GitCli::builder(),
            abort: Abort::new(),
            disk: None,
            clock: Arc::new(SystemClock::new()),
            identities: Arc::new(SystemIdentities::new()),
            waiter: Arc::new(SystemWaiter::new()),
            rollouts: None,
            options: LedgerOptions::default(),
            rules,
        }
    }

    /// Starts git like this, unless another [one](Self::vcs) is asked.
    pub fn git(mut self, git: GitCliBuilder) -> Self {
        self.git = git;
        self
    }

    /// Ends git when this switch is pulled; unless another [one](Self::vcs) is asked.
    pub fn abort(mut self, abort: Abort) -> Self {
        self.abort = abort;
        self
    }

    /// Asks this git.
    pub fn vcs(mut self, vcs: Arc<dyn Vcs>) -> Self {
        self.vcs = Some(vcs);
        self
    }

    /// Writes through this.
    pub fn disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = Some(disk);
        self
    }

    /// Takes the time from here.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes uids and nonces from here.
    pub fn identities(mut self, identities: Arc<dyn Identities>) -> Self {
        self.identities = identities;
        self
    }

    /// Waits like this.
    pub fn waiter(mut self, waiter: Arc<dyn Waiter>) -> Self {
        self.waiter = waiter;
        self
    }

    /// Asks here about turns that nobody saw end.
    pub fn rollouts(mut self, rollouts: Arc<dyn RolloutSource>) -> Self {
        self.rollouts = Some(rollouts);
        self
    }

    /// Keeps the ledger like this.
    pub fn options(mut self, options: LedgerOptions) -> Self {
        self.options = options;
        self
    }

    /// Opens the ledger. Writes nothing.
    ///
    /// # Errors
    ///
    /// There is no worktree of git at the root, or git is missing.
    pub fn open(self) -> Result<FileLedger, LedgerError> {
        let vcs = if let Some(vcs) = self.vcs {
            vcs
        } else {
            let git = self.git.abort(self.abort.clone()).discover(&self.root);
            Arc::new(git.map_err(LedgerError::git("open the ledger"))?)
        };
        let disk = self.disk.unwrap_or_else(|| Arc::new(real_disk(vcs.as_ref())));
        let parts = LedgerParts {
            places: Places::below(vcs.worktree_root()),
            dirs: PrivateDirs::of(vcs.as_ref()),
            vcs,
            disk,
            clock: self.clock,
            identities: self.identities,
            waiter: self.waiter,
            rollouts: self.rollouts,
            options: self.options,
            rules: self.rules,
            abort: self.abort,
        };
        Ok(FileLedger { parts: Arc::new(parts) })
    }
}

/// The disk that may write in the ledger and in its private folders, and nowhere else.
pub(crate) fn real_disk(worktree: &dyn Worktree) -> RealDisk {
    let ledger = DiskRoot::below(worktree.worktree_root(), LEDGER_ROOT);
    RealDisk::within(PrivateDirs::disk_roots(worktree).into_iter().chain([ledger]))
}
