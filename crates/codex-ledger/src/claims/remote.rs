//! Claims on a remote: a push that succeeds only where nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use codex_protocol::with_causes;

use super::{Attempt, CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, ClaimError, Claims, highest_of, local_ref};
use crate::git::{Created, PrivateDirs, PushOutcome, RefEntry};
use crate::system::plain_file::read_plain;
use crate::values::{Oid, TurnId};

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
        let known = self.vcs.read_ref(&here).map_err(ClaimError::git("look for the claim"))?;
        if known.is_some() {
            return attempt.taken(turn_id).map(|()| false);
        }
        let prefix = attempt.prefix(remote);
        let there = format!("{prefix}{turn_id}");
        let pushed = self
            .vcs
            .push_new_ref(remote, &there, oid, self.options.remote_limit)
            .map_err(ClaimError::git("push the claim"))?;
        let error = |reason| (remote.to_owned(), there.clone(), reason);
        match pushed {
            PushOutcome::Won => self.keep(turn_id, oid, attempt),
            PushOutcome::Taken(_) => {
                attempt.floor = attempt.floor.max(turn_id.get());
                attempt.list_remote(remote)?;
                attempt.taken(turn_id).map(|()| false)
            }
            PushOutcome::Busy(reason) => attempt.wait(&there, &reason, None).map(|()| false),
            PushOutcome::Denied(reason) if attempt.may_fall_back(remote, &prefix)? => {
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
                Created::Exists { .. } => return attempt.taken(turn_id).map(|()| false),
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
    /// Asks a remote that is met for the first time what it has.
    pub(super) fn meet(&mut self, remote: &str) -> Result<(), ClaimError> {
        if self.cache.remote_prefixes.contains_key(remote) { Ok(()) } else { self.list_remote(remote) }
    }

    /// Under which prefix the remote takes claims.
    fn prefix(&self, remote: &str) -> String {
        self.cache.remote_prefixes.get(remote).map_or(CLAIM_PREFIX, String::as_str).to_owned()
    }

    fn set_prefix(&mut self, remote: &str, prefix: &str) {
        self.cache.remote_prefixes.insert(remote.to_owned(), prefix.to_owned());
    }

    /// Takes the highest number of the remote into account, and where its claims stand.
    fn list_remote(&mut self, remote: &str) -> Result<(), ClaimError> {
        let turns = self.remote_refs(remote, CLAIM_PREFIX)?;
        let tags = self.remote_refs(remote, CLAIM_FALLBACK_PREFIX)?;
        for (prefix, refs) in [(CLAIM_PREFIX, &turns), (CLAIM_FALLBACK_PREFIX, &tags)] {
            let highest = highest_of(prefix, refs.iter().map(|found| found.name.as_str()));
            self.floor = self.floor.max(highest);
        }
        let prefix = if turns.is_empty() && !tags.is_empty() { CLAIM_FALLBACK_PREFIX } else { CLAIM_PREFIX };
        self.set_prefix(remote, prefix);
        Ok(())
    }

    /// A remote that has claims under the usual prefix takes them there: the denial has another reason, and claims in two
    /// places would give a number twice.
    fn may_fall_back(&self, remote: &str, prefix: &str) -> Result<bool, ClaimError> {
        Ok(prefix == CLAIM_PREFIX && self.remote_refs(remote, CLAIM_PREFIX)?.is_empty())
    }

    fn remote_refs(&self, remote: &str, prefix: &str) -> Result<Vec<RefEntry>, ClaimError> {
        let pattern = format!("{prefix}*");
        self.claims.vcs.ls_remote(remote, &pattern, self.claims.options.remote_limit).map_err(|error| {
            ClaimError::Unreachable {
                remote: remote.to_owned(),
                ref_name: pattern.clone(),
                reason: with_causes(&error),
            }
        })
    }
}

fn unknown_claims(folder: &Path) -> Vec<(PathBuf, UnknownClaim)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: &Path| serde_json::from_slice(&read_plain(path).ok()?).ok();
    paths.into_iter().filter_map(|path| read(&path).map(|unknown| (path, unknown))).collect()
}
