//! `codex-turns ledger list`: the records, one line for each.

use codex_ledger::{LedgerError, Manifest, Record, TurnId};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{DONE, LedgerProject, now};
use crate::arguments::ListArguments;
use crate::exit_code::Code;
use crate::failure::{CliError, causes};
use crate::ledger_view::{ListEntry, list as table};
use crate::output::{print_json, print_table};
use crate::render::{Line, Tone};

/// How many records people see who ask for no number.
const USUAL: usize = 20;

/// A record, or why it cannot be read.
type Read = (TurnId, Result<Record, LedgerError>);

pub(super) fn list(here: &LedgerProject, arguments: &ListArguments) -> Result<Code, CliError> {
    let reader = here.reader()?;
    let numbers = reader.numbers().map_err(CliError::Ledger)?;
    let usual = if arguments.json || arguments.all { usize::MAX } else { USUAL };
    let left_out = numbers.len().saturating_sub(arguments.number.unwrap_or(usual));
    let records: Vec<Read> = numbers[left_out..]
        .iter()
        .filter_map(|number| Some((*number, reader.record(*number).transpose()?)))
        .collect();
    if arguments.json {
        print_json(&records.iter().map(object).collect::<Vec<_>>());
        return DONE;
    }
    here.tell_unfinished();
    if records.is_empty() {
        print_table(&[Line::new(Tone::Dim, "there are no records yet")]);
        return DONE;
    }
    let entries: Vec<ListEntry<'_>> = records.iter().map(entry).collect();
    let mut lines = table(&entries, now());
    if left_out > 0 {
        lines.insert(
            0,
            Line::new(Tone::Dim, &format!("{left_out} earlier ones are left out; --all shows them")),
        );
    }
    print_table(&lines);
    DONE
}

fn entry((turn_id, record): &Read) -> ListEntry<'_> {
    let manifest = record.as_ref().map(Record::manifest).map_err(|error| causes(error));
    ListEntry { turn_id: *turn_id, manifest }
}

/// What `--json` prints of a record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordObject<'a> {
    turn_id: TurnId,
    timestamp_utc: &'a str,
    task: &'a str,
    initiator: &'a str,
    agent: &'a str,
    state: Option<&'a str>,
    reason: Option<&'a str>,
    branch: Option<&'a str>,
    tag: Option<&'a str>,
    head_after: Option<&'a str>,
    metrics: &'a codex_ledger::manifest::Metrics,
    validation: &'a codex_ledger::manifest::Validation,
    elapsed_ms: Option<u64>,
    usage: Option<&'a codex_ledger::manifest::TokenCounts>,
    manifest_sha256: &'a str,
}

fn object((turn_id, record): &Read) -> Json {
    match record {
        Ok(record) => {
            serde_json::to_value(RecordObject::of(record)).expect("a record has only keys that are strings")
        }
        Err(error) => json!({ "turnId": turn_id, "error": causes(error) }),
    }
}

impl<'a> RecordObject<'a> {
    fn of(record: &'a Record) -> Self {
        let manifest: &Manifest = record.manifest();
        let (ledger, git) = (manifest.ledger.as_ref(), manifest.git.as_ref());
        Self {
            turn_id: record.turn_id(),
            timestamp_utc: &manifest.timestamp_utc,
            task: &manifest.task.name,
            initiator: &manifest.actor.initiator,
            agent: &manifest.actor.agent,
            state: ledger.map(|ledger| ledger.state.as_str()),
            reason: ledger.and_then(|ledger| ledger.reason.as_deref()),
            branch: git.and_then(|git| git.branch.as_deref()),
            tag: git.and_then(|git| git.tag.as_deref()),
            head_after: git.and_then(|git| git.head_after.as_deref()),
            metrics: &manifest.metrics,
            validation: &manifest.validation,
            elapsed_ms: ledger.and_then(|ledger| ledger.elapsed_ms),
            usage: ledger.map(|ledger| &ledger.usage),
            manifest_sha256: record.manifest_sha256(),
        }
    }
}
