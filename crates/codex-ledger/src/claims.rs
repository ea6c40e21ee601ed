//! Numbers for records, each of them given once.
//!
//! Begin with [`ClaimMode`], which says how far a claim reaches: [`LedgerOptions::claim`](crate::LedgerOptions::claim) has it.
//! [`Claims`] takes a number by itself.

mod claim_blob;
mod claim_error;
mod head_cache;
mod remote;
mod visible_ids;

pub use self::claim_blob::ClaimBlob;
pub use self::claim_error::ClaimError;
pub use self::head_cache::HeadCache;
pub use self::visible_ids::VisibleIds;

use std::time::Duration;

use jiff::Timestamp;

use crate::git::{Created, PrivateDirs, Vcs};
use crate::manifest::ClaimScope;
use crate::system::{Clock, Disk, Identities, Waiter, utc_seconds};
use crate::values::{Oid, TurnId};

/// Where claims stand: `refs/turns/<N>`.
pub const CLAIM_PREFIX: &str = "refs/turns/";
/// Where claims stand on a remote that refuses [`CLAIM_PREFIX`].
pub const CLAIM_FALLBACK_PREFIX: &str = "refs/tags/turn-claim/";
/// Where the tags of records stand.
pub const TAG_PREFIX: &str = "refs/tags/turn/";
/// Where the seals of records without a tag stand.
pub const SEAL_PREFIX: &str = "refs/turns-seal/";

/// Why a search was given up.
const OTHERS: &str = "others take every number first";

/// How far a claim reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClaimMode {
    /// All worktrees of this repository; no network.
    #[default]
    Local,
    /// All clones that claim on the same remote.
    #[non_exhaustive]
    Remote {
        /// The name of the remote, or its address.
        remote: String,
    },
}

impl ClaimMode {
    /// Creates the mode in which numbers are claimed on this remote.
    pub fn remote(remote: impl Into<String>) -> Self {
        Self::Remote { remote: remote.into() }
    }
}

/// Says how numbers are claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimOptions {
    /// How far a claim reaches. Default: [`ClaimMode::Local`].
    pub mode: ClaimMode,
    /// After how long of finding the lock held a claim is given up. Default: 60 s.
    pub give_up: Duration,
    /// How long one talk with a remote may take. Default: 10 s.
    pub remote_limit: Duration,
    /// Written into the claim for others to see. Default: none.
    pub host: Option<String>,
}

impl Default for ClaimOptions {
    fn default() -> Self {
        Self {
            mode: ClaimMode::Local,
            give_up: Duration::from_mins(1),
            remote_limit: Duration::from_secs(10),
            host: None,
        }
    }
}

/// A number that nobody else has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The number.
    pub turn_id: TurnId,
    /// The UUID of the record.
    pub uid: String,
    /// When the turn began; the claim says it in whole seconds.
    pub started: Timestamp,
    /// The object that the claim's ref points at.
    pub oid: Oid,
    /// How far the claim reaches.
    pub scope: ClaimScope,
}

impl Claim {
    /// The full name of its ref in this repository.
    pub fn ref_name(&self) -> String {
        local_ref(self.turn_id)
    }
}

/// Gives out numbers for records, with git itself as the judge.
///
/// A claim is a ref that can be made only once. It names a blob with a nonce, so that whoever asks for the ref later can
/// tell his own claim from another one with the same text.
#[derive(Clone, Copy)]
pub struct Claims<'a> {
    /// Git.
    pub(crate) vcs: &'a dyn Vcs,
    /// Where the cache and the claims of unknown fate are written.
    pub(crate) disk: &'a dyn Disk,
    /// The time of the claim.
    pub(crate) clock: &'a dyn Clock,
    /// UUID and nonce.
    pub(crate) identities: &'a dyn Identities,
    /// How a lock is waited for.
    pub(crate) waiter: &'a dyn Waiter,
    /// How numbers are claimed.
    pub(crate) options: &'a ClaimOptions,
}

impl std::fmt::Debug for Claims<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims").field("options", self.options).finish_non_exhaustive()
    }
}

impl<'a> Claims<'a> {
    /// Puts the seams together.
    pub fn new(
        vcs: &'a dyn Vcs,
        disk: &'a dyn Disk,
        clock: &'a dyn Clock,
        identities: &'a dyn Identities,
        waiter: &'a dyn Waiter,
        options: &'a ClaimOptions,
    ) -> Self {
        Self { vcs, disk, clock, identities, waiter, options }
    }

    /// Claims the next number: one more than the highest that anything in this repository, among the visible records or
    /// (in remote mode) on the remote has.
    ///
    /// # Errors
    ///
    /// No number was claimed, nothing may run; a later attempt may succeed. After [`ClaimError::Unreachable`] a remote
    /// may have taken the claim; [`settle_unknown`](Self::settle_unknown) finds out.
    pub fn allocate(&self, visible: VisibleIds) -> Result<Claim, ClaimError> {
        let mut attempt = Attempt::new(self, visible)?;
        let scope = match &self.options.mode {
            ClaimMode::Local => ClaimScope::Local,
            ClaimMode::Remote { .. } => ClaimScope::Remote,
        };
        let uid = self.identities.uid();
        loop {
            let turn_id = attempt.next()?;
            let started = self.clock.now();
            let blob = ClaimBlob::new(turn_id, &uid, utc_seconds(started), self.identities.nonce())
                .with_host(self.options.host.as_deref());
            let oid = self.vcs.write_blob(&blob.to_bytes()).map_err(ClaimError::git("write the claim"))?;
            let won = match &self.options.mode {
                ClaimMode::Local => self.create(turn_id, &oid, &mut attempt)?,
                ClaimMode::Remote { remote } => self.push(remote, turn_id, &oid, &uid, &mut attempt)?,
            };
            if won {
                attempt.remember(turn_id);
                return Ok(Claim { turn_id, uid, started, oid, scope });
            }
        }
    }

    /// All claims of this repository with their numbers, in the order of the numbers.
    ///
    /// # Errors
    ///
    /// Git cannot list them.
    pub fn list(&self) -> Result<Vec<(TurnId, Oid)>, ClaimError> {
        let refs = self.vcs.list_refs(CLAIM_PREFIX).map_err(ClaimError::git("list the claims"))?;
        let mut claims: Vec<(TurnId, Oid)> = refs
            .into_iter()
            .filter_map(|found| Some((found.name.strip_prefix(CLAIM_PREFIX)?.parse().ok()?, found.oid)))
            .collect();
        claims.sort();
        Ok(claims)
    }

    /// Makes the ref in this repository.
    fn create(&self, turn_id: TurnId, oid: &Oid, attempt: &mut Attempt<'_>) -> Result<bool, ClaimError> {
        let name = local_ref(turn_id);
        let absent = [format!("{TAG_PREFIX}{turn_id}"), format!("{SEAL_PREFIX}{turn_id}")];
        let created = match self.vcs.create_ref(&name, oid, &absent) {
            Err(error) if self.is_broken(&name, &absent)? => {
                tracing::warn!(number = %turn_id, %error, "a crash has left a ref of this number broken");
                return attempt.taken(turn_id).map(|()| false);
            }
            created => created.map_err(ClaimError::git("make the claim"))?,
        };
        match created {
            Created::Made { .. } | Created::Unsigned { .. } => Ok(true),
            Created::Exists { oid: found, name: found_name } if found == *oid && found_name == name => {
                Ok(true)
            }
            Created::Exists { .. } => attempt.taken(turn_id).map(|()| false),
            Created::Locked { reason, age } => attempt.wait(&name, &reason, age).map(|()| false),
        }
    }
}

impl Claims<'_> {
    /// Whether a crash has left one of these refs broken: then its number was given out.
    fn is_broken(&self, name: &str, others: &[String]) -> Result<bool, ClaimError> {
        for name in std::iter::once(name).chain(others.iter().map(String::as_str)) {
            let broken = self.vcs.broken_refs(name).map_err(ClaimError::git("make the claim"))?;
            if !broken.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// One search for a free number.
struct Attempt<'a> {
    claims: &'a Claims<'a>,
    dirs: PrivateDirs,
    cache: HeadCache,
    /// The highest number known to be taken.
    floor: u64,
    losses: u32,
    began: Duration,
}

impl<'a> Attempt<'a> {
    fn new(claims: &'a Claims<'a>, visible: VisibleIds) -> Result<Self, ClaimError> {
        let dirs = PrivateDirs::of(claims.vcs);
        let cache = HeadCache::read(&dirs.head_cache());
        let began = claims.waiter.elapsed();
        let mut attempt = Self { claims, dirs, floor: 0, losses: 0, began, cache: HeadCache::default() };
        match cache {
            Some(cache) => attempt.cache = cache,
            None => attempt.list_everything()?,
        }
        attempt.floor = attempt.floor.max(attempt.cache.highest).max(visible.highest());
        if let ClaimMode::Remote { remote } = &claims.options.mode {
            attempt.meet(remote)?;
        }
        Ok(attempt)
    }

    fn next(&self) -> Result<TurnId, ClaimError> {
        TurnId::new(self.floor + 1).map_err(|_| ClaimError::Exhausted)
    }

    /// Somebody else has the number: the cache of another process may know more; if that does not help, git does.
    fn taken(&mut self, turn_id: TurnId) -> Result<(), ClaimError> {
        self.floor = self.floor.max(turn_id.get());
        self.losses += 1;
        if self.losses % 2 == 1 {
            let known = HeadCache::read(&self.dirs.head_cache()).map_or(0, |cache| cache.highest);
            self.floor = self.floor.max(known);
        } else {
            self.list_everything()?;
        }
        self.check_time(&local_ref(turn_id), OTHERS, None)
    }

    /// Waits a while of random length, so that those who met here do not meet again.
    fn wait(&self, ref_name: &str, reason: &str, age: Option<Duration>) -> Result<(), ClaimError> {
        self.check_time(ref_name, reason, age)?;
        self.claims.waiter.wait(Duration::from_millis(fastrand::u64(50..=800)));
        Ok(())
    }

    fn check_time(&self, ref_name: &str, reason: &str, age: Option<Duration>) -> Result<(), ClaimError> {
        let waited = self.claims.waiter.elapsed().saturating_sub(self.began);
        if waited < self.claims.options.give_up {
            return Ok(());
        }
        let reason = reason.to_owned();
        Err(ClaimError::GaveUp { ref_name: ref_name.to_owned(), waited, reason, lock_age: age })
    }

    fn list_everything(&mut self) -> Result<(), ClaimError> {
        for prefix in [CLAIM_PREFIX, TAG_PREFIX, SEAL_PREFIX, CLAIM_FALLBACK_PREFIX] {
            let refs = self.claims.vcs.list_refs(prefix).map_err(ClaimError::git("list the claims"))?;
            let highest = highest_of(prefix, refs.iter().map(|found| found.name.as_str()));
            self.floor = self.floor.max(highest);
        }
        Ok(())
    }

    /// The cache is a hint: that it cannot be written costs the next claim a moment, and nothing else.
    fn remember(&mut self, turn_id: TurnId) {
        self.cache.highest = turn_id.get();
        let path = self.dirs.head_cache();
        // Another process may have claimed one since.
        if let Some(latest) = HeadCache::read(&path) {
            self.cache.made = latest.made;
        }
        self.cache.add_made(turn_id);
        let written = self
            .claims
            .disk
            .create_dir_all(&self.dirs.common)
            .and_then(|()| self.claims.disk.write_unsynced(&path, &self.cache.to_bytes()));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "the cache of claims could not be written");
        }
    }
}

fn local_ref(turn_id: TurnId) -> String {
    format!("{CLAIM_PREFIX}{turn_id}")
}

/// The highest number among names that are a prefix and a number.
fn highest_of<'n>(prefix: &str, names: impl Iterator<Item = &'n str>) -> u64 {
    let numbers = names.filter_map(|name| name.strip_prefix(prefix)?.parse::<TurnId>().ok());
    numbers.map(TurnId::get).max().unwrap_or(0)
}
