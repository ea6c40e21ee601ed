//! The tasks of a record: what each was given, used, changed and came to.

use std::collections::BTreeSet;

use super::clean::{Cleaner, MANIFEST};
use super::facts::{outputs, texts};
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, OutputFile, TaskEntry};
use crate::record::journal::{RanEntry, TaskSpan, TurnPart};
use crate::record::parts::LedgerParts;
use crate::values::Oid;

/// What a task changed, by the trees before and after it.
#[derive(Debug, Default)]
pub(super) struct TaskChanges {
    outputs: Vec<OutputFile>,
    deleted: Vec<String>,
}

/// What each task of a record changed, in the order of the tasks.
pub(super) fn changes(parts: &LedgerParts, ran: &RanEntry) -> Result<Vec<TaskChanges>, LedgerError> {
    let tree = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Oid>().ok());
    let mut all = Vec::new();
    for span in &ran.spans {
        let after = span.end.as_ref().map_or(&ran.tree_after, |end| &end.tree);
        let mut changed = TaskChanges::default();
        if let (Some(before), Some(after)) = (tree(&span.begin.tree), tree(after))
            && before != after
        {
            let found = parts.vcs.changes(Some(&before), &after);
            let found = found.map_err(LedgerError::git("compare the worktree with what it was"))?;
            changed.outputs = outputs(parts, &found)?;
            changed.deleted = texts(found.deleted());
        }
        all.push(changed);
    }
    Ok(all)
}

/// The entries of the tasks that were begun in the log.
pub(super) fn entries(
    ran: &RanEntry,
    changes: &[TaskChanges],
    limit: usize,
    cleaner: &mut Cleaner,
) -> Vec<TaskEntry> {
    let none = TaskChanges::default();
    let mut entries = Vec::new();
    for (number, span) in (1_u32..).zip(&ran.spans) {
        let own = changes.get(entries.len()).unwrap_or(&none);
        let turns = || ran.turns.iter().filter(move |turn| turn.begin.task == Some(number));
        let inputs = &span.begin.task.inputs;
        let (verdict, reason) = match &span.end {
            Some(end) => (end.end.verdict.clone(), end.end.reason.as_ref()),
            None => ("interrupted".to_owned(), None),
        };
        entries.push(TaskEntry {
            task_id: name(span, cleaner),
            agent: span.begin.task.agent.as_ref().map(|agent| cleaner.text(MANIFEST, agent)),
            inputs: inputs.iter().take(limit).map(|file| cleaner.text(MANIFEST, &file.path)).collect(),
            outputs: own.outputs.iter().take(limit).cloned().collect(),
            validations: span.end.as_ref().map(|end| end.end.validations.clone()).unwrap_or_default(),
            input_files: inputs.iter().take(limit).cloned().collect(),
            deleted: own.deleted.iter().take(limit).cloned().collect(),
            tools: named(turns(), |turn| &turn.tools, cleaner),
            sub_agents: named(turns(), |turn| &turn.sub_agents, cleaner),
            verdict: Some(verdict),
            reason: reason.map(|reason| cleaner.text(MANIFEST, reason)),
            extra: Extra::new(),
        });
    }
    entries
}

/// The name of the task that a turn belongs to.
pub(super) fn of_turn(ran: &RanEntry, turn: &TurnPart, cleaner: &mut Cleaner) -> Option<String> {
    let number = usize::try_from(turn.begin.task?).ok()?.checked_sub(1)?;
    Some(name(ran.spans.get(number)?, cleaner))
}

fn name(span: &TaskSpan, cleaner: &mut Cleaner) -> String {
    cleaner.again(&span.begin.task.task_id)
}

fn named<'t>(
    turns: impl Iterator<Item = &'t TurnPart>,
    which: impl Fn(&'t crate::record::journal::EndEntry) -> &'t Vec<String>,
    cleaner: &mut Cleaner,
) -> Vec<String> {
    let names: BTreeSet<&String> = turns.filter_map(|turn| turn.end.as_ref()).flat_map(which).collect();
    names.into_iter().map(|name| cleaner.again(name)).collect()
}
