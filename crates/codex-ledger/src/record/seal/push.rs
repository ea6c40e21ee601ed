//! Pushes the seals and tags of records, those included that an earlier push has left.

use codex_protocol::with_causes;

use super::Sealing;
use crate::claims::{SEAL_PREFIX, TAG_PREFIX};
use crate::git::PushOutcome;
use crate::ledger_error::LedgerError;
use crate::record::parts::LedgerParts;
use crate::record::stage::RecordPush;
use crate::record::unpushed::Unpushed;

const STEP: &str = "push the record";

/// How many refs one push takes; the next one takes the rest.
const AT_ONCE: usize = 500;

impl Sealing<'_> {
    /// Pushes the record, or notes that it is to be pushed. That it was not pushed is a warning: the note stays.
    pub(super) fn push(&mut self) -> Result<(), LedgerError> {
        let Some(remote) = &self.parts.options.push else { return Ok(()) };
        let name = self.guard_name();
        if self.push == RecordPush::Later {
            return Unpushed::new(remote, &name).note(self.parts);
        }
        let failures = push_with_noted(self.parts, remote, Some(name))?;
        self.warnings.extend(failures);
        Ok(())
    }

    /// The full name of the ref that guards the record: its tag, or its seal.
    pub(super) fn guard_name(&self) -> String {
        let prefix = if self.mode().commits() { TAG_PREFIX } else { SEAL_PREFIX };
        format!("{prefix}{}", self.opened.turn_id)
    }
}

/// Pushes what earlier pushes have left.
pub(crate) fn push_noted(parts: &LedgerParts) -> Result<(), LedgerError> {
    let Some(remote) = &parts.options.push else { return Ok(()) };
    match push_with_noted(parts, remote, None)?.into_iter().next() {
        Some(reason) => Err(LedgerError::Refused { step: STEP, reason }),
        None => Ok(()),
    }
}

/// Pushes this ref and those that are noted by one push; returns a sentence for each reason for which some were not pushed.
fn push_with_noted(
    parts: &LedgerParts,
    remote: &str,
    name: Option<String>,
) -> Result<Vec<String>, LedgerError> {
    let noted = Unpushed::all(parts, remote);
    let mut names: Vec<String> = name.into_iter().chain(noted.iter().cloned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names.truncate(AT_ONCE);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let outcomes = match parts.vcs.push_refs(remote, &names, parts.options.push_limit) {
        Ok(outcomes) => outcomes,
        Err(error) => vec![PushOutcome::Unreachable(with_causes(&error)); names.len()],
    };
    let mut sentences: Vec<String> = Vec::new();
    for (name, outcome) in names.iter().zip(outcomes) {
        let note = Unpushed::new(remote, name);
        let sentence = match outcome {
            PushOutcome::Won => {
                if noted.contains(name) {
                    note.forget(parts)?;
                }
                continue;
            }
            // It never can be pushed, so nothing is to be tried again.
            PushOutcome::Taken(oid) => {
                note.forget(parts)?;
                format!("{remote} has another {name}: {oid}")
            }
            PushOutcome::Denied(reason) => {
                note.note(parts)?;
                refused(remote, name, &reason)
            }
            PushOutcome::Busy(reason) | PushOutcome::Unreachable(reason) => {
                note.note(parts)?;
                format!(
                    "the record is safe, but not finished: {name} was not pushed to {remote} and goes with the next record, \
                     or with `codex-turns ledger recover`: {reason}"
                )
            }
        };
        // One host refuses all for one reason; the newest stands for them.
        if sentences.is_empty() {
            sentences.push(sentence);
        }
    }
    Ok(sentences)
}

fn refused(remote: &str, name: &str, reason: &str) -> String {
    let remedy = if name.starts_with(SEAL_PREFIX) {
        "allow `refs/turns-seal/*` there, set `ledger.git = \"commit\"`, whose tags each host takes, or remove `ledger.push`"
    } else {
        "allow `refs/tags/turn/*` there, or remove `ledger.push`"
    };
    format!("{remote} refuses {name}: {reason}; {remedy}")
}
