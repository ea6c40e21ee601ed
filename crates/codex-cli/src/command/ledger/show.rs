//! `codex-turns ledger show`: one record, or one part of it.

use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{Record, TurnId};

use super::{DONE, LedgerProject, now};
use crate::arguments::{PartArguments, ShowArguments};
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::ledger_view;
use crate::output::{print_bytes, print_json_text, print_out, print_patch};

const PROMPT: &str = "logs/llm_prompt.txt";
const LOG: &str = "logs/task.log";

pub(super) fn show(here: &LedgerProject, arguments: &ShowArguments) -> Result<Code, CliError> {
    let turn_id = arguments.turn;
    let record = here.reader()?.record(turn_id).map_err(CliError::Ledger)?;
    let record = record.ok_or(CliError::NoRecord { turn_id })?;
    match arguments.part {
        PartArguments { diff: true, .. } => {
            let patch = record.diff().map_err(CliError::Ledger)?;
            print_patch(&patch.ok_or(CliError::NotKept { turn_id, what: "patch" })?);
        }
        PartArguments { log: true, .. } => print_bytes(&file(&record, LOG, "log")?),
        PartArguments { prompt: true, .. } => print_bytes(&file(&record, PROMPT, "prompt")?),
        PartArguments { json: true, .. } => print_json_text(&file(&record, "manifest.json", "manifest")?),
        PartArguments { .. } => page(&record)?,
    }
    DONE
}

fn page(record: &Record) -> Result<(), CliError> {
    let prompt = record.read_file(PROMPT).map_err(CliError::Ledger)?;
    let prompt = prompt.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let folder = format!("{LEDGER_ROOT}/turns/{}", record.turn_id());
    print_out(&ledger_view::show(record.manifest(), prompt.as_deref(), &folder, now()));
    Ok(())
}

/// A file of a record.
///
/// # Errors
///
/// It has none of that name, or it cannot be read.
pub(crate) fn file(record: &Record, path: &str, what: &'static str) -> Result<Vec<u8>, CliError> {
    let turn_id: TurnId = record.turn_id();
    let bytes = record.read_file(path).map_err(CliError::Ledger)?;
    bytes.ok_or(CliError::NotKept { turn_id, what })
}
