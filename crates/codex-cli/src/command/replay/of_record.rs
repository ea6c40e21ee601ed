//! The lines that a record of the ledger has kept.

use std::path::Path;

use codex_ledger::{Manifest, Reader, TurnId};
use codex_protocol::ExitKind;
use codex_runner::ProjectPlace;

use crate::failure::CliError;

const EVENTS: &str = "logs/events.jsonl";

/// The number of a record, where an argument is one and no file of that name is there.
pub(super) fn number(argument: &Path) -> Option<TurnId> {
    let number = argument.to_str()?.parse().ok()?;
    (!argument.exists()).then_some(number)
}

/// The lines of a turn as its record has them, and how its process ended.
///
/// # Errors
///
/// There is no such record, or it has kept no lines.
pub(super) fn lines(turn_id: TurnId) -> Result<(Vec<u8>, ExitKind), CliError> {
    let project = ProjectPlace::of(Path::new("."));
    if !project.has_ledger() {
        return Err(CliError::NoLedger { root: project.root });
    }
    let record = Reader::at(&project.root).record(turn_id).map_err(CliError::Ledger)?;
    let record = record.ok_or(CliError::NoRecord { turn_id })?;
    let lines = record.read_file(EVENTS).map_err(CliError::Ledger)?;
    let lines = lines.ok_or(CliError::NotKept { turn_id, what: "events" })?;
    Ok((lines, exit(record.manifest())))
}

/// How the process of the last turn ended; where nobody saw it, it was killed.
fn exit(manifest: &Manifest) -> ExitKind {
    let last = manifest.ledger.as_ref().and_then(|ledger| ledger.turns.last());
    match last.map(|turn| (turn.exit.code, turn.exit.signal)) {
        Some((Some(code), _)) => ExitKind::Code(code),
        Some((None, Some(signal))) => ExitKind::Signal(signal),
        Some((None, None)) | None => ExitKind::Signal(9),
    }
}
