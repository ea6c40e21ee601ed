//! Claims on a remote: a push that succeeds only where nothing is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use codex_protocol::with_causes;

use super::{Attempt, CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, ClaimError, Claims, OTHERS, local_ref};
use crate::git::{Created, PrivateDirs, PushOutcome, RefEntry};
use crate::system::plain_file::read_plain;
use crate::values::{Oid, TurnId};

/// The longest wait between two pushes of one claim.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A claim of which a remote did not say whether it took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnknownClaim {
    turn_id: TurnId,
    remote: String,
    ref_name: String,
    oid: String,
}

impl Claims<'_> {
    /// Makes the ref on the remote, and then here.
    pub(super) fn push(
        &self,
        remote: &str,
        turn_id: TurnId,
        oid: &Oid,
        uid: &str,
        attempt: &mut Attempt<'_>,
    ) -> Result<bool, ClaimError> {
        let here = local_ref(turn_id);
        if attempt.losses == 0
            && self.vcs.read_ref(&here).map_err(ClaimError::git("look for the claim"))?.is_some()
        {
            attempt.list_everything()?;
            return attempt.check_time(&here, OTHERS, None).map(|()| false);
        }
        let prefix = attempt.prefix(remote);
        let there = format!("{prefix}{turn_id}");
        let new = RefEntry::new(there.as_str(), oid.clone());
        let start = self.waiter.elapsed();
        let pushed = self
            .vcs
            .push_new_ref(remote, &new, &patterns(), self.options.remote_limit)
            .map_err(ClaimError::git("push the claim"))?;
        let took = self.waiter.elapsed().saturating_sub(start);
        let error = |reason| (remote.to_owned(), there.clone(), reason);
        match pushed.outcome {
            PushOutcome::Won => self.keep(turn_id, oid, attempt),
            PushOutcome::Taken(_) => {
                attempt.check_time(&there, OTHERS, None)?;
                attempt.lose(remote, &pushed.there, took).map(|()| false)
            }
            PushOutcome::Busy(reason) => {
                attempt.check_time(&there, &reason, None)?;
                attempt.lose(remote, &pushed.there, took).map(|()| false)
            }
            PushOutcome::Denied(reason) if prefix == CLAIM_PREFIX && !has_claims(&pushed.there) => {
                tracing::info!(remote, reason, "the remote refuses {CLAIM_PREFIX}; claiming by tags");
                attempt.set_prefix(remote, CLAIM_FALLBACK_PREFIX);
                Ok(false)
            }
            PushOutcome::Denied(reason) => {
                let (remote, ref_name, reason) = error(reason);
                Err(ClaimError::Denied { remote, ref_name, reason })
            }
            PushOutcome::Unreachable(reason) => {
                let (remote, ref_name, reason) = error(reason);
                let unknown =
                    UnknownClaim { turn_id, remote: remote.clone(), ref_name: there, oid: oid.to_string() };
                self.note_unknown(uid, &unknown)?;
                Err(ClaimError::Unreachable { remote, ref_name, reason })
            }
        }
    }

    /// Finds out what became of claims that a remote left open, as far as it answers now.
    ///
    /// A claim that the remote has is made here as well, where it is seen as one without a record; the others are
    /// forgotten. Returns the numbers that turned out to be claimed.
    ///
    /// # Errors
    ///
    /// Git or the disk fail in this repository. A remote that is still silent is no error.
    pub fn settle_unknown(&self) -> Result<Vec<TurnId>, ClaimError> {
        let folder = PrivateDirs::of(self.vcs).unknown_claims();
        let mut settled = Vec::new();
        for (path, unknown) in unknown_claims(&folder) {
            let answer = self.vcs.ls_remote(&unknown.remote, &unknown.ref_name, self.options.remote_limit);
            let Ok(refs) = answer else { continue };
            let is_ours =
                refs.iter().any(|found| found.name == unknown.ref_name && found.oid.as_str() == unknown.oid);
            if let (true, Ok(oid)) = (is_ours, unknown.oid.parse::<Oid>()) {
                let here = local_ref(unknown.turn_id);
                self.vcs.create_ref(&here, &oid, &[]).map_err(ClaimError::git("make the claim"))?;
                settled.push(unknown.turn_id);
            }
            self.disk.remove_file(&path).map_err(|source| ClaimError::Disk { path, source })?;
        }
        Ok(settled)
    }

    /// The remote has the claim; now this repository shall know it, too.
    ///
    /// A claim with the same number that was made here meanwhile (in local mode) keeps it, and ours is given back.
    fn keep(&self, turn_id: TurnId, oid: &Oid, attempt: &mut Attempt<'_>) -> Result<bool, ClaimError> {
        let name = local_ref(turn_id);
        loop {
            let created = self.vcs.create_ref(&name, oid, &[]).map_err(ClaimError::git("make the claim"))?;
            match created {
                Created::Made { .. } | Created::Unsigned { .. } => return Ok(true),
                Created::Exists { oid: found, .. } if found == *oid => return Ok(true),
                Created::Exists { .. } => {
                    attempt.floor = attempt.floor.max(turn_id.get());
                    return attempt.check_time(&name, OTHERS, None).map(|()| false);
                }
                Created::Locked { reason, age } => attempt.wait(&name, &reason, age)?,
            }
        }
    }

    fn note_unknown(&self, uid: &str, unknown: &UnknownClaim) -> Result<(), ClaimError> {
        let folder = PrivateDirs::of(self.vcs).unknown_claims();
        let path = folder.join(format!("{uid}-{}.json", unknown.turn_id));
        let mut bytes = serde_json::to_vec(unknown).expect("a claim has only text as keys");
        bytes.push(b'\n');
        let written = self.disk.create_dir_all(&folder).and_then(|()| self.disk.write_new(&path, &bytes));
        written.and_then(|()| self.disk.sync_dir(&folder)).map_err(|source| ClaimError::Disk { path, source })
    }
}

impl Attempt<'_> {
    /// Asks a remote that is met for the first time what it has. If others claimed there while the last claim of this
    /// repository was made, they get their turn first.
    pub(super) fn meet(&mut self, remote: &str) -> Result<(), ClaimError> {
        let (losses, push_ms) = (self.cache.losses, self.cache.push_ms);
        (self.cache.losses, self.cache.push_ms) = (0, 0);
        if !self.cache.remote_prefixes.contains_key(remote) {
            let has_claims = self.list_remote(remote, CLAIM_PREFIX)?;
            let has_tags = self.list_remote(remote, CLAIM_FALLBACK_PREFIX)?;
            let is_by_tags = has_tags && !has_claims;
            self.set_prefix(remote, if is_by_tags { CLAIM_FALLBACK_PREFIX } else { CLAIM_PREFIX });
        } else if losses > 1 {
            self.losses = losses - 1;
            self.give_way(remote, Duration::from_millis(push_ms))?;
        }
        Ok(())
    }

    /// Others were faster, and these refs are on the remote now.
    fn lose(&mut self, remote: &str, there: &[RefEntry], took: Duration) -> Result<(), ClaimError> {
        self.losses += 1;
        self.cache.losses = self.losses;
        self.cache.push_ms = took.as_millis().try_into().unwrap_or(u64::MAX);
        self.floor = self.floor.max(claimed(there).max().unwrap_or(0));
        if self.losses > 1 { self.give_way(remote, took) } else { Ok(()) }
    }

    /// Waits a while of random length and looks what others have claimed meanwhile, so that few push at once: one of them
    /// wins, and the pushes of all others are in vain. The first loss may only mean that others claimed long ago.
    fn give_way(&mut self, remote: &str, took: Duration) -> Result<(), ClaimError> {
        let longest = took.saturating_mul(1 << self.losses.min(4)).min(LONGEST_WAIT);
        let longest_ms: u64 = longest.as_millis().try_into().unwrap_or(u64::MAX);
        self.claims.waiter.wait(Duration::from_millis(fastrand::u64(0..=longest_ms)));
        self.list_remote(remote, &self.prefix(remote)).map(drop)
    }

    /// Under which prefix the remote takes claims.
    fn prefix(&self, remote: &str) -> String {
        self.cache.remote_prefixes.get(remote).map_or(CLAIM_PREFIX, String::as_str).to_owned()
    }

    fn set_prefix(&mut self, remote: &str, prefix: &str) {
        self.cache.remote_prefixes.insert(remote.to_owned(), prefix.to_owned());
    }

    /// Takes the highest number of the remote into account.
    fn list_remote(&mut self, remote: &str, prefix: &str) -> Result<bool, ClaimError> {
        let (pattern, limit) = (format!("{prefix}*"), self.claims.options.remote_limit);
        let there =
            self.claims.vcs.ls_remote(remote, &pattern, limit).map_err(|error| ClaimError::Unreachable {
                remote: remote.to_owned(),
                ref_name: pattern.clone(),
                reason: with_causes(&error),
            })?;
        self.floor = self.floor.max(claimed(&there).max().unwrap_or(0));
        Ok(!there.is_empty())
    }
}

/// The claims of a remote, at both of their places.
fn patterns() -> [String; 2] {
    [CLAIM_PREFIX, CLAIM_FALLBACK_PREFIX].map(|prefix| format!("{prefix}*"))
}

/// The numbers of claims, at both of their places.
fn claimed(refs: &[RefEntry]) -> impl Iterator<Item = u64> {
    refs.iter().filter_map(|found| {
        let prefixes = [CLAIM_PREFIX, CLAIM_FALLBACK_PREFIX];
        let number = prefixes.iter().find_map(|prefix| found.name.strip_prefix(prefix))?;
        Some(number.parse::<TurnId>().ok()?.get())
    })
}

/// Whether a remote takes claims at their usual place: then a denial has another reason, and claims in two places would give
/// a number twice.
fn has_claims(refs: &[RefEntry]) -> bool {
    refs.iter().any(|found| found.name.starts_with(CLAIM_PREFIX))
}

fn unknown_claims(folder: &Path) -> Vec<(PathBuf, UnknownClaim)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: &Path| serde_json::from_slice(&read_plain(path).ok()?).ok();
    paths.into_iter().filter_map(|path| read(&path).map(|unknown| (path, unknown))).collect()
}
