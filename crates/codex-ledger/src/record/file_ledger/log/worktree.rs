//! Looks at what the turns of a record have left in the worktree.

use codex_protocol::with_causes;

use super::{FileTurnLog, WORKTREE_UNKNOWN, watched};
use crate::cause::Cause;
use crate::git::{Snapshot, Standing};
use crate::manifest::Violation;
use crate::record::file_ledger::snapshot_violations::violations_of;
use crate::record::journal::{SECRETS, StateBefore};
use crate::record::parts::LedgerParts;
use crate::record::secret_files::SecretHashes;
use crate::record::touched::Touched;
use crate::record::watch::UNSEEN;

impl FileTurnLog {
    /// Undoes what the turn did to the ledger.
    pub(super) fn guard_ledger(&mut self) {
        let touched = Touched::undo(&self.parts, &self.kept);
        self.violations.extend(touched.violations());
        for error in touched.faults() {
            self.violate("ledger-not-restored", with_causes(error));
        }
    }

    /// Names the watched files that have changed; those that changed since the last look once more.
    pub(super) fn look_at_watched(&mut self) {
        let now = watched(&self.parts);
        self.add_new(self.watched.violations(&now));
    }

    /// Adds the violations that are not named yet.
    pub(super) fn add_new(&mut self, violations: Vec<Violation>) {
        for violation in violations {
            if !self.violations.contains(&violation) {
                self.violations.push(violation);
            }
        }
    }

    /// Names the files of secrets that have changed.
    pub(super) fn look_at_secrets(&mut self) {
        // As they were before the first turn, also where a crash came between.
        let before = self.journal.read::<SecretHashes>(SECRETS).ok().flatten();
        let before = before.unwrap_or_else(|| self.secrets.hashes());
        self.add_new(before.violations(&self.parts));
    }

    /// The tree of the worktree after the turn, by the rules of before it.
    pub(super) fn tree_after(&mut self) -> Option<String> {
        self.worktree_after().map(|snapshot| snapshot.tree.to_string())
    }

    /// The worktree after the turn, by the rules of before it.
    pub(super) fn worktree_after(&mut self) -> Option<Snapshot> {
        let (vcs, exclude) = (self.parts.vcs.as_ref(), LedgerParts::exclude());
        let before = self.opened.before.as_ref();
        let taken = match before.and_then(StateBefore::rules) {
            Some(rules) => vcs.snapshot_by(&exclude, &rules),
            None => vcs.snapshot(&exclude),
        };
        self.is_obstructed = matches!(&taken, Err(error) if error.cause_after_success() == Cause::Repository);
        match taken {
            Ok(snapshot) => {
                let large_before = before.map(|before| before.too_large.as_slice()).unwrap_or_default();
                let mut violations = violations_of(&snapshot, large_before);
                let is_named = |violation: &Violation| {
                    let is_same = |one: &Violation| one.kind == UNSEEN && one.path == violation.path;
                    violation.path.is_some() && self.violations.iter().any(is_same)
                };
                violations.retain(|violation| !is_named(violation));
                self.add_new(violations);
                Some(snapshot)
            }
            Err(error) => {
                let text = with_causes(&error);
                let warning = format!("what the turn changed is not in the record: {text}");
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
                self.violate(WORKTREE_UNKNOWN, text);
                None
            }
        }
    }

    /// The commit at HEAD after the turn: of the moment at which the worktree was taken, if that is known.
    pub(super) fn head_after(&mut self, standing: Option<Standing>) -> Option<String> {
        if let Some(standing) = standing {
            return standing.head.map(|head| head.to_string());
        }
        match self.parts.vcs.head() {
            Ok(head) => head.map(|head| head.to_string()),
            Err(error) => {
                self.violate("head-unknown", with_causes(&error));
                None
            }
        }
    }
}
