//! Whether a manifest has keys that this version does not know.

use crate::manifest::{Extra, LedgerPart, Manifest};

pub(super) fn has_unknown_keys(manifest: &Manifest) -> bool {
    of_seed(manifest).into_iter().any(|extra| !extra.is_empty())
        || manifest.outputs.iter().any(|output| !output.extra.is_empty())
        || manifest.tasks.iter().any(|task| {
            !task.extra.is_empty()
                || task.outputs.iter().chain(&task.input_files).any(|output| !output.extra.is_empty())
                || task.validations.iter().any(|rule| !rule.extra.is_empty())
        })
        || manifest.ledger.as_ref().is_some_and(of_ledger)
}

fn of_seed(manifest: &Manifest) -> Vec<&Extra> {
    let mut extras = vec![
        &manifest.extra,
        &manifest.actor.extra,
        &manifest.task.extra,
        &manifest.artifacts.extra,
        &manifest.changes.extra,
        &manifest.metrics.extra,
        &manifest.validation.extra,
    ];
    extras.extend(manifest.git.iter().map(|part| &part.extra));
    extras.extend(manifest.provenance.iter().map(|part| &part.extra));
    extras
}

fn of_ledger(part: &LedgerPart) -> bool {
    let single = [&part.extra, &part.agent.extra, &part.trees.extra, &part.usage.extra, &part.coverage.extra];
    single
        .into_iter()
        .chain(part.claim.iter().map(|claim| &claim.extra))
        .chain(part.parents.iter().map(|parent| &parent.extra))
        .chain(part.artifacts.iter().map(|artifact| &artifact.extra))
        .chain(part.redactions.iter().map(|redaction| &redaction.extra))
        .chain(part.truncated.iter().map(|cut| &cut.extra))
        .chain(part.purged.iter().map(|file| &file.extra))
        .chain(part.violations.iter().map(|violation| &violation.extra))
        .chain(part.decisions.iter().map(|decision| &decision.extra))
        .any(|extra| !extra.is_empty())
        || part.turns.iter().any(|turn| {
            let extras = [
                &turn.extra,
                &turn.exit.extra,
                &turn.usage.extra,
                &turn.usage.thread.extra,
                &turn.usage.turn.extra,
            ];
            extras.into_iter().any(|extra| !extra.is_empty())
        })
}
