//! `codex-turns adr`: the decisions of all records.

use std::process::ExitCode;

use codex_ledger::manifest::DecisionEntry;
use codex_ledger::{Reader, Record, TurnId};
use codex_runner::ProjectPlace;
use serde::Serialize;

use crate::arguments::{AdrArguments, AdrCommand};
use crate::exit_code::Code;
use crate::failure::{CliError, causes, print, warning_line};
use crate::ledger_view::{DecisionRow, decisions};
use crate::output::{print_json, print_table};
use crate::render::{Line, Tone};

/// Does what is asked.
pub(crate) fn adr(arguments: &AdrArguments) -> ExitCode {
    let done = match &arguments.command {
        AdrCommand::List { json } => list(&ProjectPlace::of(&arguments.dir), *json),
    };
    let code = done.map_or_else(
        |failure| {
            failure.report();
            failure.code(None)
        },
        |()| Code::Completed,
    );
    code.into()
}

/// What `--json` prints of a decision.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DecisionObject<'a> {
    turn_id: TurnId,
    timestamp_utc: &'a str,
    task: &'a str,
    title: &'a str,
    status: &'a str,
    /// Where the whole of it stands, relative to the project.
    path: String,
}

fn list(project: &ProjectPlace, as_json: bool) -> Result<(), CliError> {
    if !project.has_ledger() {
        return Err(CliError::NoLedger { root: project.root.clone() });
    }
    let reader = Reader::at(&project.root);
    let mut records = Vec::new();
    for number in reader.numbers().map_err(CliError::Ledger)? {
        match reader.record(number) {
            Ok(found) => records.extend(found),
            Err(error) => {
                print(&[warning_line(&format!("turn {number} is left out: {}", causes(&error)))]);
            }
        }
    }
    if as_json {
        print_json(&records.iter().flat_map(objects).collect::<Vec<_>>());
        return Ok(());
    }
    let rows: Vec<DecisionRow<'_>> = records.iter().flat_map(rows).collect();
    let silent = records.iter().filter(|record| stated(record).is_empty()).count();
    if rows.is_empty() {
        print_table(&[Line::new(Tone::Dim, "no record states a decision yet")]);
        return Ok(());
    }
    let mut lines = decisions(&rows);
    if silent > 0 {
        let records = if silent == 1 { "record states" } else { "records state" };
        lines.push(Line::new(Tone::Dim, &format!("{silent} {records} none")));
    }
    print_table(&lines);
    Ok(())
}

fn stated(record: &Record) -> &[DecisionEntry] {
    record.manifest().ledger.as_ref().map_or(&[], |part| &part.decisions)
}

fn rows(record: &Record) -> impl Iterator<Item = DecisionRow<'_>> {
    stated(record).iter().map(|decision| DecisionRow {
        turn_id: record.turn_id(),
        timestamp_utc: &record.manifest().timestamp_utc,
        status: &decision.status,
        title: &decision.title,
    })
}

fn objects(record: &Record) -> impl Iterator<Item = DecisionObject<'_>> {
    let manifest = record.manifest();
    stated(record).iter().map(move |decision| DecisionObject {
        turn_id: record.turn_id(),
        timestamp_utc: &manifest.timestamp_utc,
        task: &manifest.task.name,
        title: &decision.title,
        status: &decision.status,
        path: format!(
            "{}/turns/{}/{}",
            codex_ledger::values::LEDGER_ROOT,
            record.turn_id(),
            manifest.artifacts.adr
        ),
    })
}
