//! [`Recovery`]: finishes what a crash has left.

mod broken_refs;
mod damage;
mod interrupted;
mod orphans;

use codex_protocol::with_causes;

use crate::claims::{CLAIM_PREFIX, ClaimBlob, Claims};
use crate::ledger_error::LedgerError;
use crate::manifest::{ClaimEntry, ClaimScope, Extra, Violation};
use crate::record::git_mode::GitMode;
use crate::record::journal::{HeaderEntry, INTENT, Intent, Journal, OPENED, OpenedEntry, RAN};
use crate::record::locks::LockFile;
use crate::record::parts::LedgerParts;
use crate::record::seal::{Sealing, forget, push_noted};
use crate::record::secret_files::Secrets;
use crate::record::stage::{RecordPush, Stage};
use crate::record::turn_log::Recorded;
use crate::system::disk::remove_halves;
use crate::values::{Oid, TurnId};

/// Says what recovery made of a turn that was left unfinished.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// How far the turn had come.
    pub found: Stage,
    /// What it became.
    pub record: Recorded,
}

/// Finishes what a crash has left in one worktree.
pub(crate) struct Recovery<'a> {
    parts: &'a LedgerParts,
    push: RecordPush,
    /// A record that is closed although its caller could go on with it.
    closing: Option<TurnId>,
}

impl<'a> Recovery<'a> {
    /// Whoever holds the worktree's lock knows that no turn of it runs.
    pub(crate) fn new(parts: &'a LedgerParts, _lock: &'a LockFile) -> Self {
        Self { parts, push: RecordPush::Later, closing: None }
    }

    /// Closes this record, too, although its caller could go on with it.
    pub(crate) fn closing(mut self, turn_id: TurnId) -> Self {
        self.closing = Some(turn_id);
        self
    }

    /// Finishes the turns that have a journal, without asking any remote.
    pub(crate) fn journals(&self) -> Result<Vec<Recovered>, LedgerError> {
        self.empty_trash();
        self.remove_halves();
        let mut recovered = Vec::new();
        let mut failed = None;
        let violations = self.restore_ledger().unwrap_or_else(|error| {
            tracing::warn!(error = with_causes(&error), "the ledger is not restored");
            failed = Some(error);
            Vec::new()
        });
        for journal in Journal::all(&self.parts.dirs.journals())? {
            match self.journal(&journal, &violations) {
                Ok(found) => recovered.extend(found),
                Err(error) => {
                    tracing::warn!(journal = %journal.folder().display(), error = with_causes(&error), "not recovered");
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(recovered), Err)
    }

    /// Finishes everything: claims without a journal as well, and what was not pushed.
    pub(crate) fn everything(mut self) -> Result<Vec<Recovered>, LedgerError> {
        self.push = RecordPush::Now;
        self.claims().settle_unknown()?;
        let repaired = self.adopt_broken_refs();
        let journals = self.journals();
        self.renew_unknown_claims()?;
        let orphans = self.adopt_orphans()?;
        let mut recovered = journals?;
        for journal in orphans {
            recovered.extend(self.journal(&journal, &[])?);
        }
        // The push of a record that was recovered takes the others along.
        let left =
            if recovered.is_empty() { repaired.and_then(|()| push_noted(self.parts)) } else { repaired };
        match (left, recovered.last_mut()) {
            (Ok(()), _) => {}
            // What was recovered is told in any case.
            (Err(error), Some(last)) => last.record.warnings.push(with_causes(&error)),
            (Err(error), None) => return Err(error),
        }
        Ok(recovered)
    }

    fn claims(&self) -> Claims<'_> {
        let parts = self.parts;
        Claims::new(
            parts.vcs.as_ref(),
            parts.disk.as_ref(),
            parts.clock.as_ref(),
            parts.identities.as_ref(),
            parts.waiter.as_ref(),
            &parts.options.claim,
        )
    }

    /// Finishes one turn; the violations are of turns whose end nobody saw.
    fn journal(&self, journal: &Journal, violations: &[Violation]) -> Result<Option<Recovered>, LedgerError> {
        if let Some(opened) = journal.resumable()?
            && self.closing != Some(opened.turn_id)
        {
            return Ok(None);
        }
        let mut found = None;
        if let Some(opened) = journal.read::<OpenedEntry>(OPENED)?
            && let Ok(oid) = opened.claim.oid.parse()
        {
            self.repair_claim(&format!("{CLAIM_PREFIX}{}", opened.turn_id), &oid)?;
        }
        if !journal.has(OPENED) && !self.adopt(journal)? {
            forget(self.parts, journal)?;
            return Ok(None);
        } else if journal.read::<OpenedEntry>(OPENED)?.is_some_and(|opened| opened.before.is_none()) {
            found = Some(Stage::Claimed);
        }
        if !journal.has(RAN) {
            found = found.or(Some(Stage::Open));
            self.interrupt(journal, violations)?;
        }
        let secrets = Secrets::read(self.parts);
        let Some(sealing) = Sealing::of(self.parts, journal, self.push, &secrets)? else { return Ok(None) };
        let found = match found {
            Some(found) => found,
            None => sealing.evidence()?,
        };
        Ok(Some(Recovered { found, record: sealing.looking_back().run()? }))
    }

    /// Opens the journal of a claim that got no further; whether there is such a claim.
    fn adopt(&self, journal: &Journal) -> Result<bool, LedgerError> {
        let Some(intent) = journal.read::<Intent>(INTENT)? else { return Ok(false) };
        let claims = self.claims().list()?;
        for (id, oid) in claims.into_iter().rev().take_while(|(id, _)| id.get() > intent.above) {
            if let Some(blob) = self.blob(&oid)?
                && blob.uid == intent.uid
            {
                self.open_adopted(journal, intent, id, &oid, &blob)?;
                return Ok(true);
            }
        }
        let Some((id, oid, blob)) = self.renew_claim_of(&intent)? else { return Ok(false) };
        self.open_adopted(journal, intent, id, &oid, &blob)?;
        Ok(true)
    }

    fn blob(&self, oid: &Oid) -> Result<Option<ClaimBlob>, LedgerError> {
        let object = self.parts.vcs.read_object(oid).map_err(LedgerError::git("read a claim"))?;
        Ok(object.and_then(|object| ClaimBlob::read(&object.bytes)))
    }

    fn open_adopted(
        &self,
        journal: &Journal,
        intent: Intent,
        id: TurnId,
        oid: &Oid,
        blob: &ClaimBlob,
    ) -> Result<(), LedgerError> {
        let scope = match &self.parts.options.claim.mode {
            crate::claims::ClaimMode::Local => ClaimScope::Local,
            crate::claims::ClaimMode::Remote { .. } => ClaimScope::Remote,
        };
        // Where the repository stood is not known, so there is nothing that a commit could be put on.
        let header = HeaderEntry { git_mode: GitMode::Record, ..intent.header };
        let opened = OpenedEntry {
            uid: intent.uid,
            turn_id: id,
            started: blob.started_utc.parse().unwrap_or_else(|_| self.parts.clock.now()),
            claim: ClaimEntry { scope, oid: oid.to_string(), extra: Extra::new() },
            header,
            parents: intent.parents,
            before: None,
        };
        journal.write(self.parts.disk.as_ref(), OPENED, &opened)
    }

    /// Removes files that were being written when their writer was killed.
    fn remove_halves(&self) {
        let LedgerParts { places, dirs, disk, .. } = self.parts;
        let (turns, claims, unpushed) = (places.turns(), dirs.unknown_claims(), dirs.unpushed());
        for folder in [places.root(), &turns, &dirs.worktree, &dirs.common, &claims, &unpushed] {
            remove_halves(disk.as_ref(), folder);
        }
        for journal in Journal::all(&dirs.journals()).unwrap_or_default() {
            remove_halves(disk.as_ref(), journal.folder());
        }
    }

    /// Removes journals whose deletion was begun.
    fn empty_trash(&self) {
        for entry in std::fs::read_dir(self.parts.trash()).into_iter().flatten().flatten() {
            if let Err(error) = self.parts.disk.remove_dir_all(&entry.path()) {
                tracing::warn!(path = %entry.path().display(), %error, "a deleted journal is still there");
            }
        }
    }
}
