//! Writes refs again that a crash of the machine has left broken.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;

use super::Recovery;
use super::orphans::is_plain;
use crate::claims::{CLAIM_PREFIX, ClaimBlob, SEAL_PREFIX, TAG_PREFIX};
use crate::git::{CommitInfo, Created};
use crate::ledger_error::LedgerError;
use crate::manifest::LedgerPart;
use crate::read::Record;
use crate::record::git_mode::GitMode;
use crate::record::journal::{
    CheckEntries, CommitEntry, HeaderEntry, INTENT, Intent, Journal, LEDGER, OPENED, OpenedEntry, RAN,
    REPAIR, RanEntry, StateBefore,
};
use crate::record::turn_header::TaskHeader;
use crate::system::utc_seconds;
use crate::values::{Oid, TurnId};

const STEP: &str = "repair a ref";

/// How far back the commit of a record is looked for.
const COMMITS: usize = 20_000;

impl Recovery<'_> {
    /// Points broken claims at what their records name, and opens a journal for each record whose seal or tag is broken:
    /// the walk makes it again.
    pub(super) fn adopt_broken_refs(&self) -> Result<(), LedgerError> {
        for (number, name) in self.broken(CLAIM_PREFIX)? {
            if let Some(part) = self.record(number).and_then(|record| record.manifest().ledger.clone())
                && let Some(oid) = part.claim.and_then(|claim| claim.oid.parse().ok())
            {
                self.repair_claim(&name, &oid)?;
            }
        }
        for prefix in [SEAL_PREFIX, TAG_PREFIX] {
            for (number, name) in self.broken(prefix)? {
                let adopted = match self.record(number) {
                    Some(record) => self.adopt_record(&record, prefix)?,
                    None => false,
                };
                if !adopted {
                    tracing::warn!(name, "the ref is broken, and its record is not in this worktree");
                }
            }
        }
        Ok(())
    }

    /// Makes claims again that no record, journal, tag or seal knows, so that they become records of unknown turns.
    pub(super) fn renew_unknown_claims(&self) -> Result<(), LedgerError> {
        for (number, name) in self.broken(CLAIM_PREFIX)? {
            if !self.is_known(number)? {
                self.renew_claim(number, &name, &self.parts.identities.uid())?;
            }
        }
        Ok(())
    }

    /// Makes the claim again that a turn has made after this intent, if it is broken and nobody else's.
    pub(super) fn renew_claim_of(
        &self,
        intent: &Intent,
    ) -> Result<Option<(TurnId, Oid, ClaimBlob)>, LedgerError> {
        for (number, name) in self.broken(CLAIM_PREFIX)?.into_iter().rev() {
            if number.get() > intent.above && !self.is_known(number)? {
                return self.renew_claim(number, &name, &intent.uid);
            }
        }
        Ok(None)
    }

    /// Points a claim at this object if it is broken and the object is there.
    pub(super) fn repair_claim(&self, name: &str, oid: &Oid) -> Result<(), LedgerError> {
        let vcs = self.parts.vcs.as_ref();
        let is_there = vcs.read_object(oid).map_err(LedgerError::git(STEP))?.is_some();
        if !is_there {
            tracing::warn!(name, %oid, "the ref is broken, and the object that it should name is lost");
        } else if vcs.remove_broken_ref(name).map_err(LedgerError::git(STEP))? {
            self.create(name, oid)?;
        }
        Ok(())
    }

    fn renew_claim(
        &self,
        number: TurnId,
        name: &str,
        uid: &str,
    ) -> Result<Option<(TurnId, Oid, ClaimBlob)>, LedgerError> {
        let (vcs, parts) = (self.parts.vcs.as_ref(), self.parts);
        let blob = ClaimBlob::new(number, uid, utc_seconds(parts.clock.now()), parts.identities.nonce());
        let oid = vcs.write_blob(&blob.to_bytes()).map_err(LedgerError::git(STEP))?;
        if !vcs.remove_broken_ref(name).map_err(LedgerError::git(STEP))? {
            return Ok(None);
        }
        self.create(name, &oid)?;
        Ok(Some((number, oid, blob)))
    }

    fn create(&self, name: &str, oid: &Oid) -> Result<(), LedgerError> {
        match self.parts.vcs.create_ref(name, oid, &[]).map_err(LedgerError::git(STEP))? {
            Created::Made { .. } | Created::Unsigned { .. } | Created::Exists { .. } => Ok(()),
            Created::Locked { reason, .. } => Err(LedgerError::Refused { step: STEP, reason }),
        }
    }

    /// The broken refs below a prefix, in the order of their numbers.
    fn broken(&self, prefix: &str) -> Result<Vec<(TurnId, String)>, LedgerError> {
        let names = self.parts.vcs.broken_refs(prefix).map_err(LedgerError::git("look for broken refs"))?;
        let number = |name: &str| name.strip_prefix(prefix)?.parse::<TurnId>().ok();
        let mut found: Vec<_> =
            names.into_iter().filter_map(|name| number(&name).map(|number| (number, name))).collect();
        found.sort();
        Ok(found)
    }

    /// The record of a number, if it is in its place here.
    fn record(&self, number: TurnId) -> Option<Record> {
        Record::read(&self.parts.places, number).ok().filter(|record| !record.is_newer_format())
    }

    /// Whether a record, a journal, a tag or a seal has the number, or another worktree may have claimed it.
    fn is_known(&self, number: TurnId) -> Result<bool, LedgerError> {
        let parts = self.parts;
        if parts.places.turn(number).symlink_metadata().is_ok() {
            return Ok(true);
        }
        for prefix in [SEAL_PREFIX, TAG_PREFIX] {
            let name = format!("{prefix}{number}");
            let failed = || LedgerError::git("look for broken refs");
            let is_listed = parts.vcs.read_ref(&name).map_err(failed())?.is_some();
            if is_listed || !parts.vcs.broken_refs(&name).map_err(failed())?.is_empty() {
                return Ok(true);
            }
        }
        for folder in self.journal_folders() {
            let is_here = folder == parts.dirs.journals();
            for journal in Journal::all(&folder)? {
                let has = match journal.read::<OpenedEntry>(OPENED)? {
                    Some(opened) => opened.turn_id == number,
                    None if is_here => false,
                    None => journal.read::<Intent>(INTENT)?.is_some_and(|intent| number.get() > intent.above),
                };
                if has {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The folders of journals of all worktrees.
    pub(super) fn journal_folders(&self) -> Vec<PathBuf> {
        let common = self.parts.vcs.common_dir();
        let others = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let folders = others.map(|entry| entry.path()).chain([common.to_owned()]);
        folders.map(|git_dir| git_dir.join("turns").join("journal")).collect()
    }

    /// Opens a journal for a record that is in its place and lacks its seal or tag; whether that is the guard it has.
    fn adopt_record(&self, record: &Record, prefix: &str) -> Result<bool, LedgerError> {
        let manifest = record.manifest();
        let Some(part) = manifest.ledger.as_ref().filter(|part| is_plain(&part.uid)) else {
            return Ok(false);
        };
        let git = manifest.git.clone().unwrap_or_default();
        let mode = if git.tag.is_some() { GitMode::Commit } else { GitMode::Record };
        if mode.commits() != (prefix == TAG_PREFIX) {
            return Ok(false);
        }
        let Some(claim) = part.claim.clone() else { return Ok(false) };
        let journal = Journal::at(self.parts.dirs.journal(&part.uid));
        if journal.has(OPENED) {
            return Ok(true);
        }
        let commit = if mode.commits() { Some(self.commit_of(record)?) } else { None };
        let time = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
        let started = time(Some(&manifest.timestamp_utc)).unwrap_or_else(|| self.parts.clock.now());
        let provenance = manifest.provenance.clone().unwrap_or_default();
        let ran = RanEntry {
            finished: time(provenance.finished_at.as_deref()).unwrap_or(started),
            state: part.state.clone(),
            reason: part.reason.clone(),
            turns: Vec::new(),
            tree_after: part.trees.after.clone(),
            head_after: git.head_after,
            checks: CheckEntries::default(),
            tasks: Vec::new(),
            spans: Vec::new(),
            context: None,
            tools: Vec::new(),
            statement_of_work: None,
            adr: None,
            report_notes: Vec::new(),
            project_files: None,
            lists_changed_files: false,
            purged: Vec::new(),
            violations: Vec::new(),
        };
        let opened = OpenedEntry {
            uid: part.uid.clone(),
            turn_id: record.turn_id(),
            started,
            claim,
            header: header(record, part, mode),
            parents: part.parents.clone(),
            before: part.trees.before.clone().map(|tree| StateBefore {
                head: git.head_before,
                branch: git.branch,
                tree,
                dirty: part.trees.dirty_before.unwrap_or_default(),
                ignored_rules: Vec::new(),
                too_large: Vec::new(),
            }),
        };
        let disk = self.parts.disk.as_ref();
        disk.create_dir_all(journal.folder())
            .map_err(LedgerError::disk("open a journal", journal.folder()))?;
        journal.write(disk, REPAIR, &())?;
        if let Some(oid) = commit {
            journal.write(disk, LEDGER, &CommitEntry { oid: oid.to_string() })?;
        }
        journal.write(disk, RAN, &ran)?;
        // Written last: a journal without it is deleted, and made again.
        journal.write(disk, OPENED, &opened)?;
        Ok(true)
    }

    /// The commit below HEAD that a record was committed with.
    fn commit_of(&self, record: &Record) -> Result<Oid, LedgerError> {
        let vcs = self.parts.vcs.as_ref();
        let head = vcs.head().map_err(LedgerError::git(STEP))?;
        let log = head.map(|head| vcs.log(&head, COMMITS)).transpose().map_err(LedgerError::git(STEP))?;
        let names = |commit: &CommitInfo, key: &str, value: &str| {
            commit.message.lines().any(|line| line == format!("{key}: {value}"))
        };
        let number = record.turn_id().to_string();
        let mut commits = log.into_iter().flatten();
        let found = commits.find(|commit| {
            names(commit, "Turn-Id", &number)
                && names(commit, "Turn-Manifest-Sha256", record.manifest_sha256())
        });
        found.map(|commit| commit.oid).ok_or_else(|| LedgerError::Refused {
            step: STEP,
            reason: format!(
                "{TAG_PREFIX}{number} is broken, and the commit of the record is not on this branch; check out its branch and recover again"
            ),
        })
    }
}

fn header(record: &Record, part: &LedgerPart, git_mode: GitMode) -> HeaderEntry {
    HeaderEntry {
        task: TaskHeader::named(&record.manifest().task.name),
        initiator: None,
        agent: String::new(),
        model: None,
        git_mode,
        context: Vec::new(),
        tool: part.tool.clone(),
        pattern: None,
        continuation: None,
    }
}
