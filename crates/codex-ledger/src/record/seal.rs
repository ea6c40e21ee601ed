//! [`Sealing`]: the walk of a turn from its journal into the ledger.

mod index;
mod ledger_commit;
mod look_back;
mod publish;
mod push;
mod work_commit;

use std::path::{Path, PathBuf};

use codex_protocol::with_causes;

pub(crate) use self::look_back::LookBack;
pub(crate) use self::push::push_noted;
use crate::ledger_error::LedgerError;
use crate::manifest::{Manifest, ManifestFile};
use crate::record::git_mode::GitMode;
use crate::record::journal::{Journal, OPENED, OpenedEntry, RAN, REPAIR, RanEntry, SECRETS};
use crate::record::ledger_folder::LedgerFolder;
use crate::record::parts::LedgerParts;
use crate::record::secret_files::{SecretHashes, Secrets};
use crate::record::stage::{RecordPush, Route, Stage, StageStep};
use crate::record::staging::Staged;
use crate::record::turn_log::Recorded;
use crate::redaction::RedactionRules;
use crate::system::plain_file::{is_no_plain_file, read_manifest};

/// Takes a turn whose journal is open to its place in the ledger, from wherever it stands.
///
/// Every step looks at what is there before it acts, so a step that was begun can be begun again.
pub(crate) struct Sealing<'a> {
    parts: &'a LedgerParts,
    journal: &'a Journal,
    opened: OpenedEntry,
    push: RecordPush,
    look_back: LookBack,
    rules: RedactionRules,
    /// Whether it is known how the turn ended, without which nothing is published.
    has_ended: bool,
    staged: Option<Staged>,
    refs: Vec<String>,
    warnings: Vec<String>,
}

impl<'a> Sealing<'a> {
    /// Reads the journal of a turn whose claim is known.
    pub(crate) fn of(
        parts: &'a LedgerParts,
        journal: &'a Journal,
        push: RecordPush,
        secrets: &Secrets,
    ) -> Result<Option<Self>, LedgerError> {
        let Some(opened) = journal.read::<OpenedEntry>(OPENED)? else { return Ok(None) };
        let push = if parts.options.push.is_some() { push } else { RecordPush::Off };
        let has_ended = journal.has(RAN);
        let before: Option<SecretHashes> = journal.read(SECRETS)?;
        let before = before.unwrap_or_else(|| secrets.hashes());
        let head = opened.before.as_ref().and_then(|before| before.head.as_deref());
        let rules = secrets.rules(parts, &before, head);
        let (staged, refs, warnings) = (None, Vec::new(), Vec::new());
        let look_back = LookBack::Off;
        Ok(Some(Self { parts, journal, opened, push, look_back, rules, has_ended, staged, refs, warnings }))
    }

    /// Looks at the end whether everything is there.
    pub(crate) fn looking_back(mut self) -> Self {
        self.look_back = LookBack::On;
        self
    }

    /// Walks to the end.
    ///
    /// # Errors
    ///
    /// A step failed before the turn was recorded. Later failures are warnings; what is left to do then is left
    /// to recovery.
    pub(crate) fn run(mut self) -> Result<Recorded, LedgerError> {
        let mode = self.mode();
        let route = Route { mode, push: self.push };
        let mut stage = Some(self.evidence()?);
        while let Some(here) = stage {
            let step = here.next(route);
            tracing::debug!(turn = %self.opened.turn_id, stage = here.code(), ?step, "sealing");
            match self.perform(step) {
                Ok(()) => {}
                Err(error) if here.is_recorded(mode) => {
                    self.warnings
                        .push(format!("the record is safe, but not finished: {}", with_causes(&error)));
                    break;
                }
                Err(error) => return Err(error),
            }
            stage = step.reaches();
        }
        self.recorded()
    }

    /// How far the turn has come, by what is on disk.
    ///
    /// Steps whose traces are not looked for here are begun again: they look for them.
    pub(crate) fn evidence(&self) -> Result<Stage, LedgerError> {
        let is_published = self.published()?.is_some();
        Ok(if is_published && self.journal.has(REPAIR) {
            if self.mode().commits() { Stage::Committed } else { Stage::Indexed }
        } else if is_published {
            Stage::Published
        } else if !self.journal.has(RAN) {
            Stage::Open
        } else if self.journal.staging().join("manifest.json").exists() {
            Stage::Sealed
        } else {
            Stage::Ran
        })
    }

    fn perform(&mut self, step: StageStep) -> Result<(), LedgerError> {
        match step {
            StageStep::Adopt | StageStep::Interrupt => Err(LedgerError::Refused {
                step: "seal the record",
                reason: "nobody has said yet how the turn ended".to_owned(),
            }),
            StageStep::CommitWork => self.commit_work(),
            StageStep::Stage => self.stage(),
            StageStep::Seal => self.seal(),
            StageStep::Publish => self.publish(),
            StageStep::Index => self.index(),
            StageStep::Guard => self.guard(),
            StageStep::CommitLedger => self.commit_ledger(),
            StageStep::Tag => self.tag(),
            StageStep::Push => self.push(),
            StageStep::Forget => {
                if self.look_back == LookBack::On {
                    self.look_back()?;
                }
                forget(self.parts, self.journal)
            }
        }
    }

    fn stage(&mut self) -> Result<(), LedgerError> {
        let head_after = self.head_after()?;
        let rules = self.rules.clone();
        let staged = Staged::write(self.parts, self.journal, &self.opened, &self.ran()?, head_after, rules)?;
        self.staged = Some(staged);
        Ok(())
    }

    fn seal(&mut self) -> Result<(), LedgerError> {
        let staged = self.staged.take().expect("a turn is staged right before it is sealed");
        staged.seal(self.parts)
    }

    /// What was observed; sealing begins only when that is written down.
    fn ran(&self) -> Result<RanEntry, LedgerError> {
        self.journal.read(RAN)?.ok_or_else(|| LedgerError::Refused {
            step: "seal the record",
            reason: "nobody has said yet how the turn ended".to_owned(),
        })
    }

    fn mode(&self) -> GitMode {
        self.opened.header.git_mode
    }

    fn place(&self) -> PathBuf {
        self.parts.places.turn(self.opened.turn_id)
    }

    /// The record in its place, if it is ours.
    ///
    /// Before it is known how the turn ended no record was published, and before the staged one is moved only a copy of
    /// it: an agent can read our uid, and write a manifest that has it.
    fn published(&self) -> Result<Option<ManifestFile>, LedgerError> {
        let is_real = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_symlink());
        let path = self.parts.places.manifest(self.opened.turn_id);
        let worktree = self.parts.vcs.worktree_root();
        let is_reached = LedgerFolder::look(worktree) == LedgerFolder::Here && is_real(&self.place());
        if !is_reached || !is_real(&path) || !self.has_ended {
            return Ok(None);
        }
        let bytes = match read_manifest(&path) {
            Ok(bytes) => bytes,
            Err(error) if is_not_there(&error) || is_no_plain_file(&error) => return Ok(None),
            Err(error) => return Err(LedgerError::disk("read the record", path)(error)),
        };
        let staged = read_manifest(&self.journal.staging().join("manifest.json"));
        if staged.is_ok_and(|staged| staged != bytes) {
            return Ok(None);
        }
        let Ok(file) = Manifest::read(&bytes) else { return Ok(None) };
        let is_ours = file.manifest.ledger.as_ref().is_some_and(|part| part.uid == self.opened.uid);
        Ok(is_ours.then_some(file))
    }

    /// The record in its place, which must be there.
    fn in_place(&self) -> Result<ManifestFile, LedgerError> {
        self.published()?.ok_or_else(|| LedgerError::Integrity {
            path: self.place(),
            finding: "the record was there and is gone".to_owned(),
        })
    }

    fn recorded(self) -> Result<Recorded, LedgerError> {
        let file = self.in_place()?;
        let ledger = file.manifest.ledger.unwrap_or_default();
        Ok(Recorded {
            turn_id: self.opened.turn_id,
            uid: self.opened.uid.clone(),
            state: ledger.state,
            reason: ledger.reason,
            manifest_sha256: file.sha256,
            directory: self.place(),
            refs: self.refs,
            violations: ledger.violations,
            warnings: self.warnings,
        })
    }
}

/// Whether nothing that could be read stands there.
fn is_not_there(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;

    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// Deletes a journal so that none is ever seen half deleted.
pub(crate) fn forget(parts: &LedgerParts, journal: &Journal) -> Result<(), LedgerError> {
    let failed = || LedgerError::disk("delete the journal", journal.folder());
    let trash = parts.trash();
    let place = trash.join(journal.uid());
    parts
        .disk
        .create_dir_all(&trash)
        .and_then(|()| parts.disk.rename(journal.folder(), &place))
        .and_then(|()| parts.disk.remove_dir_all(&place))
        .map_err(failed())
}
