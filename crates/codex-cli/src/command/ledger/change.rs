//! The commands that change the ledger.

use std::path::Path;

use codex_ledger::TurnId;
use codex_ledger::record::Recovered;
use codex_ledger::upkeep::{PurgeRequest, export as copy};
use codex_ledger::values::LEDGER_ROOT;
use codex_runner::{AgentFolders, ProjectNotice, RunnerError, TOOL, start_ledger};
use serde_json::json;

use super::{DONE, LedgerProject};
use crate::arguments::{PurgeArguments, RecoverArguments};
use crate::exit_code::Code;
use crate::failure::{CliError, print, warning_line};
use crate::ledger_view::findings;
use crate::notices;
use crate::output::{print_json, print_out};
use crate::render::{Line, Tone};

pub(super) fn init(here: &LedgerProject) -> Result<Code, CliError> {
    let ledger = here.open()?;
    if ledger.is_initialised() {
        say(&format!("turns are recorded here already, below {LEDGER_ROOT}"));
        return DONE;
    }
    start_ledger(&ledger).map_err(CliError::Ledger)?;
    good(&format!("from now on turns are recorded here, below {LEDGER_ROOT}"));
    say("commit that folder with your work; `codex-turns help config` has what can be set");
    DONE
}

pub(super) fn recover(here: &LedgerProject, arguments: &RecoverArguments) -> Result<Code, CliError> {
    notices::tell(&here.project.remotes()?);
    let home = arguments.codex_home.as_deref();
    let ledger = match here.project.open_ledger(home) {
        // One that is gone comes back.
        Ok(ledger) if ledger.is_missing() => ledger,
        opened => {
            here.must_have_ledger()?;
            opened.map_err(CliError::Ledger)?
        }
    };
    let was_missing = ledger.is_missing();
    here.project.sweep();
    let waiting = ledger.waiting().map_err(CliError::Ledger)?;
    let recovered = match arguments.close {
        Some(turn_id) if !waiting.iter().any(|waiting| waiting.turn_id == turn_id) => {
            return Err(RunnerError::not_waiting(turn_id).into());
        }
        Some(turn_id) => ledger.abandon(turn_id),
        None => ledger.recover(),
    };
    let recovered = recovered.map_err(CliError::Ledger)?;
    if was_missing {
        print(&[warning_line(&format!(
            "{LEDGER_ROOT} was gone or replaced, and is back as it was last seen"
        ))]);
    }
    if arguments.json {
        print_json(&recovered.iter().map(object).collect::<Vec<_>>());
        return DONE;
    }
    for turn in &recovered {
        print_out(&notices::lines(&[ProjectNotice::recovered(turn)]));
        print(&turn.record.warnings.iter().map(|text| warning_line(text)).collect::<Vec<_>>());
    }
    let left = waiting.iter().filter(|left| Some(left.turn_id) != arguments.close);
    let left: Vec<ProjectNotice> = left.map(ProjectNotice::waiting).collect();
    print_out(&notices::lines(&left));
    if recovered.is_empty() && left.is_empty() {
        good("nothing is unfinished");
    }
    DONE
}

fn object(recovered: &Recovered) -> serde_json::Value {
    let record = &recovered.record;
    json!({
        "turnId": record.turn_id,
        "uid": record.uid,
        "state": record.state,
        "reason": record.reason,
        "directory": record.directory,
        "manifestSha256": record.manifest_sha256,
        "warnings": record.warnings,
    })
}

pub(super) fn rebuild_index(here: &LedgerProject) -> Result<Code, CliError> {
    let rebuilt = here.settled()?.rebuild_index().map_err(CliError::Ledger)?;
    let how = if rebuilt.changed { "was written again" } else { "was right" };
    good(&format!("the index {how}: {} rows", rebuilt.rows));
    for number in &rebuilt.dropped {
        print(&[warning_line(&format!("the row of turn {number} is gone: there is no such record"))]);
    }
    DONE
}

pub(super) fn import(here: &LedgerProject) -> Result<Code, CliError> {
    let imported = here.open()?.import().map_err(CliError::Ledger)?;
    if let Some(name) = &imported.index_kept_as {
        say(&format!("the index had another header and is now {LEDGER_ROOT}/{name}"));
    }
    let (turns, indexes) = (imported.found.turns.len(), imported.found.indexes.len());
    match &imported.record {
        Some(record) => {
            good(&format!("turn {} names {turns} older turns and {indexes} indexes", record.turn_id));
        }
        None => good("there is nothing that is not named already"),
    }
    DONE
}

pub(super) fn export(here: &LedgerProject, folder: &Path) -> Result<Code, CliError> {
    let unwritable = |source| CliError::Unwritable { path: folder.to_owned(), source };
    let absolute = std::path::absolute(folder).map_err(unwritable)?;
    // The copy itself follows no link below this folder.
    let theirs = AgentFolders::of(here.project.root(), &[]);
    theirs.lead_to(absolute.parent().unwrap_or(&absolute)).map_err(unwritable)?;
    let exported = copy(&here.reader()?, folder).map_err(CliError::Ledger)?;
    let (files, bytes) = (exported.files, exported.bytes);
    say(&format!("{files} files ({bytes} bytes) are in {}", exported.folder.display()));
    print_out(&findings(&exported.verification));
    Ok(if exported.verification.exit_code() == 1 { Code::Failed } else { Code::Completed })
}

pub(super) fn purge(here: &LedgerProject, arguments: &PurgeArguments) -> Result<Code, CliError> {
    let (file, turn) = (&arguments.file, arguments.turn);
    must_have_file(here, turn, file)?;
    let request = PurgeRequest::new(turn, file, &arguments.reason).tool(TOOL);
    let purged = here.settled()?.purge(&request).map_err(CliError::Ledger)?;
    good(&format!("{file} of turn {turn} is removed; turn {} says so", purged.record.turn_id));
    if let Some(text) = quoted_elsewhere(file) {
        print_out(&[warning_line(text)]);
    }
    let holders = &purged.holders;
    let named = [("commit", &holders.commits), ("ref", &holders.refs), ("remote", &holders.remotes)];
    if named.iter().all(|(_, names)| names.is_empty()) {
        return DONE;
    }
    let mut lines = vec![warning_line("git still has the bytes, and so have copies of the repository")];
    for (what, names) in named {
        lines.extend(names.iter().map(|name| Line::new(Tone::Plain, &format!("  {what} {name}"))));
    }
    if !holders.commands.is_empty() {
        lines.push(Line::new(Tone::Strong, "these commands remove them here, and rewrite history:"));
        lines.extend(holders.commands.iter().map(|command| Line::new(Tone::Plain, &format!("  {command}"))));
    }
    print_out(&lines);
    DONE
}

/// Looks before anything is done whether a record has such a file.
fn must_have_file(here: &LedgerProject, turn_id: TurnId, file: &str) -> Result<(), CliError> {
    let record = here.reader()?.record(turn_id).map_err(CliError::Ledger)?;
    let record = record.ok_or(CliError::NoRecord { turn_id })?;
    let files: Vec<String> = record
        .manifest()
        .ledger
        .iter()
        .flat_map(|part| &part.artifacts)
        .map(|found| found.path.clone())
        .collect();
    if files.iter().any(|found| found == file) {
        return Ok(());
    }
    Err(CliError::NoFile { turn_id, file: file.to_owned(), files })
}

/// Where else a record has the text of such a file.
fn quoted_elsewhere(file: &str) -> Option<&'static str> {
    Some(match file {
        "logs/llm_prompt.txt" => {
            "changelog.md quotes the prompt too; the name of the task, which the manifest and the index keep, may be its beginning"
        }
        "logs/llm_response.txt" => {
            "changelog.md and adr.md quote the answer too, and the manifest, which cannot be purged, keeps the final message"
        }
        "logs/task.log" | "diff.patch" => {
            "logs/events.jsonl, where it is kept, has what the agent printed and wrote too"
        }
        _ => return None,
    })
}

pub(super) fn gc(here: &LedgerProject, keep: usize) -> Result<Code, CliError> {
    let collected = here.settled()?.gc(keep).map_err(CliError::Ledger)?;
    let numbers: Vec<String> = collected.records.iter().map(|record| record.turn_id.to_string()).collect();
    if numbers.is_empty() {
        good("there is nothing to remove");
    } else {
        let (files, bytes) = (collected.files, collected.bytes);
        good(&format!("{files} files ({bytes} bytes) are removed; turn {} says so", numbers.join(", ")));
    }
    DONE
}

fn good(text: &str) {
    print_out(&[Line::new(Tone::Good, "✓ ").and(Tone::Plain, text)]);
}

fn say(text: &str) {
    print_out(&[Line::new(Tone::Dim, text)]);
}
