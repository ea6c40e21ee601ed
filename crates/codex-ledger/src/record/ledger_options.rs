//! [`LedgerOptions`]: how a ledger is kept.

use std::time::Duration;

use crate::claims::ClaimOptions;
use crate::git::Signing;
use crate::record::secret_files::SecretFiles;
use crate::record::watch::Watch;

/// Says how a ledger is kept. What is left out here is as [`LedgerOptions::default`] has it.
///
/// What is redacted is not here, since no default of it is right: [`FileLedger`](crate::record::FileLedger) takes
/// [`RedactionRules`](crate::redaction::RedactionRules).
///
/// ```
/// use codex_ledger::LedgerOptions;
/// use codex_ledger::claims::ClaimMode;
///
/// let options = LedgerOptions::default();
/// assert_eq!(options.claim.mode, ClaimMode::Local);
/// assert_eq!(options.log_limit_bytes, 1 << 20);
/// assert_eq!(options.patch_limit_bytes, 10 << 20);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct LedgerOptions {
    /// How numbers are claimed.
    pub claim: ClaimOptions,
    /// How long a turn waits for another turn in the same worktree.
    pub worktree_wait: Duration,
    /// How long a push may take.
    pub push_limit: Duration,
    /// The remote that tags are pushed to, if any.
    pub push: Option<String>,
    /// Whether tags are signed.
    pub sign: Signing,
    /// What to do where a mode that commits meets a worktree that is not clean.
    pub dirty: DirtyWorktree,
    /// Whether records hold the lines that Codex printed.
    pub events: EventsLog,
    /// The longest log in bytes; longer ones keep their heads and their tails.
    pub log_limit_bytes: usize,
    /// The longest prompt in bytes.
    pub prompt_limit_bytes: usize,
    /// The longest patch in bytes; longer ones are left out.
    pub patch_limit_bytes: u64,
    /// The longest list of paths; longer ones are cut, the counts stay right.
    pub paths_limit: usize,
    /// How many bytes of lines are kept until the record is sealed.
    pub journal_limit_bytes: u64,
    /// The files of secrets of the project, as far as their values count.
    pub secret_files: SecretFiles,
    /// The files whose change during a turn is a violation.
    pub watch: Watch,
    /// How many files and folders are looked through for watched files that git ignores.
    pub watch_entries: usize,
}

impl Default for LedgerOptions {
    fn default() -> Self {
        Self {
            claim: ClaimOptions::default(),
            worktree_wait: Duration::ZERO,
            push_limit: Duration::from_secs(10),
            push: None,
            sign: Signing::Auto,
            dirty: DirtyWorktree::Refuse,
            events: EventsLog::Off,
            log_limit_bytes: 1 << 20,
            prompt_limit_bytes: 4 << 20,
            patch_limit_bytes: 10 << 20,
            paths_limit: 10_000,
            journal_limit_bytes: 256 << 20,
            secret_files: SecretFiles::default(),
            watch: Watch::default(),
            watch_entries: 200_000,
        }
    }
}

/// Says what to do where a mode that commits meets a worktree that is not clean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third thing to do")]
pub enum DirtyWorktree {
    /// Refuse to open a record: a commit would take the user's own changes along.
    #[default]
    Refuse,
    /// Record without committing.
    RecordOnly,
}

/// Says whether records hold the lines that Codex printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "they do or they do not")]
pub enum EventsLog {
    /// They do not.
    #[default]
    Off,
    /// They hold them, redacted and limited like any log.
    On,
}
