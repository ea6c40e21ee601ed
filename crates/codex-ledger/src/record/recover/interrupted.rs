//! What is known of a turn whose end nobody saw.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::SystemTime;

use codex_protocol::{ThreadId, TurnSummary};

use super::Recovery;
use crate::git::PathChangeKind;
use crate::ledger_error::LedgerError;
use crate::manifest::{RecordState, Violation};
use crate::record::folded_turn::{FoldedTurn, timeline};
use crate::record::journal::{
    CheckEntries, EndEntry, Frames, Journal, OPENED, OpenedEntry, RAN, RanEntry, SECRETS, StateBefore,
    TurnPart,
};
use crate::record::parts::LedgerParts;
use crate::record::secret_files::SecretHashes;
use crate::values::Oid;

impl Recovery<'_> {
    /// Writes down what is known, as what there is to know.
    pub(super) fn interrupt(&self, journal: &Journal, violations: &[Violation]) -> Result<(), LedgerError> {
        let Some(opened) = journal.read::<OpenedEntry>(OPENED)? else { return Ok(()) };
        let mut turns = journal.turns()?;
        let mut last = turns.iter().map(|turn| turn.end.as_ref().map_or(turn.begin.at, |end| end.at)).max();
        let number = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let file = turns.iter().rev().find_map(|turn| turn.end.as_ref()?.rollout_path.clone());
        if let Some(turn) = turns.last_mut().filter(|turn| turn.end.is_none()) {
            let end = self.end_of(journal, turn, number, file.as_deref());
            last = last.max(Some(end.at));
            turn.end = Some(end);
        }
        let head_after = self.parts.vcs.head().map_err(LedgerError::git("look at HEAD"))?;
        let head_after = head_after.map(|oid| oid.to_string());
        let tree_after = match &opened.before {
            Some(before) => self.attributed_tree(journal, before, head_after.as_deref())?,
            None => None,
        };
        let secrets: Option<SecretHashes> = journal.read(SECRETS)?;
        let secrets = secrets.map(|before| before.violations(self.parts)).unwrap_or_default();
        let ran = RanEntry {
            finished: last.unwrap_or(opened.started),
            state: RecordState::Interrupted,
            reason: Some("crash".to_owned()),
            turns,
            tree_after,
            head_after: opened.before.and_then(|before| before.head),
            checks: CheckEntries::default(),
            tasks: Vec::new(),
            spans: journal.spans()?,
            context: None,
            tools: Vec::new(),
            statement_of_work: None,
            adr: None,
            report_notes: Vec::new(),
            project_files: None,
            lists_changed_files: false,
            purged: Vec::new(),
            violations: [violations, &secrets].concat(),
        };
        journal.write(self.parts.disk.as_ref(), RAN, &ran)
    }

    /// The turns of a journal, of which the last is given the end that is known of it.
    pub(crate) fn turns_with_ends(&self, journal: &Journal) -> Result<Vec<TurnPart>, LedgerError> {
        let mut turns = journal.turns()?;
        let number = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let file = turns.iter().rev().find_map(|turn| turn.end.as_ref()?.rollout_path.clone());
        if let Some(turn) = turns.last_mut().filter(|turn| turn.end.is_none()) {
            let end = self.end_of(journal, turn, number, file.as_deref());
            journal.write(self.parts.disk.as_ref(), &Journal::end_name(number), &end)?;
            turn.end = Some(end);
        }
        Ok(turns)
    }

    /// The end of a turn as its lines and Codex's own file have it.
    fn end_of(&self, journal: &Journal, turn: &TurnPart, number: u32, file: Option<&Path>) -> EndEntry {
        let mut summary = TurnSummary::new();
        let mut timeline = timeline(number, &turn.begin, self.parts.vcs.worktree_root());
        let mut last = turn.begin.at;
        for frame in Frames::of(journal.folder()).filter(|frame| frame.turn == number) {
            last = last.max(frame.at);
            summary.observe(&frame.line);
            timeline.observe(frame.at, &frame.line);
        }
        let thread = summary.thread_id().cloned();
        let thread = thread.or_else(|| turn.begin.resumed.as_deref().map(ThreadId::from_wire));
        let rollouts = self.parts.rollouts.as_ref();
        let rollout = rollouts.zip(thread.as_ref()).and_then(|(source, thread)| source.rollout(thread, file));
        FoldedTurn { begin: &turn.begin, summary: &summary, timeline }.interrupted(rollout.as_ref(), last)
    }

    /// The worktree, if nothing in it has changed since the last sign of life of the turn: then what differs is
    /// the turn's work, as far as it ever can be said. Where somebody has worked on, nothing is said.
    fn attributed_tree(
        &self,
        journal: &Journal,
        before: &StateBefore,
        head: Option<&str>,
    ) -> Result<Option<String>, LedgerError> {
        let failed = || LedgerError::git("look at the worktree");
        let vcs = self.parts.vcs.as_ref();
        if head != before.head.as_deref() || vcs.branch().map_err(failed())? != before.branch {
            return Ok(None);
        }
        let Some(tree) = before.tree.parse::<Oid>().ok() else { return Ok(None) };
        let Some(rules) = before.rules() else { return Ok(None) };
        let now = vcs.snapshot_by(&LedgerParts::exclude(), &rules).map_err(failed())?.tree;
        let changes = vcs.changes(Some(&tree), &now).map_err(failed())?;
        let Some(last_sign) = newest(journal.folder()) else { return Ok(None) };
        let is_older = |path: &Path| modified(path).is_some_and(|time| time <= last_sign);
        let root = vcs.worktree_root();
        let is_ours = changes.entries.iter().all(|change| {
            let path = root.join(std::ffi::OsStr::from_bytes(change.path.as_bytes()));
            match change.kind {
                // Only the nearest folder that is left can tell when something was deleted.
                PathChangeKind::Deleted => {
                    path.ancestors().skip(1).find(|folder| folder.exists()).is_some_and(is_older)
                }
                PathChangeKind::Added | PathChangeKind::Modified => is_older(&path),
            }
        });
        Ok(is_ours.then(|| now.to_string()))
    }
}

/// When the journal was last written to.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries.filter_map(|entry| modified(&entry.path())).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::symlink_metadata(path).ok()?.modified().ok()
}
