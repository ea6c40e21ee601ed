//! [`Artifacts`]: writes the files of a record, redacted and cut to their limits.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use super::clean::Cleaner;
use super::facts::Facts;
use super::project_files;
use crate::manifest::{ArtifactFile, DecisionEntry, Extra, Manifest, TruncatedFile};
use crate::record::journal::{EndEntry, Frames, Journal, RanEntry, TaskSpan, TurnPart};
use crate::record::ledger_options::EventsLog;
use crate::record::parts::LedgerParts;
use crate::record::turn_begin::TurnPurpose;
use crate::system::Disk;
use crate::texts::markdown::one_line;
use crate::texts::{
    AdrText, ContextValue, Decision, StatedRationale, Texts, TurnSection, adr, changelog, head_and_tail,
    session_context_values, turn_sections,
};
use crate::values::sha256_hex;

/// Writes the files of a record, all but the manifest, one after the other: the text of one is gone before that of the next
/// is made.
pub(super) struct Artifacts<'a> {
    disk: &'a dyn Disk,
    folder: PathBuf,
    cleaner: &'a mut Cleaner,
    written: Vec<ArtifactFile>,
    truncated: Vec<TruncatedFile>,
    folders: BTreeSet<&'static str>,
}

const CHANGELOG: &str = "changelog.md";
const ADR: &str = "adr.md";
const CONTEXT: &str = "session_context_values.md";
const DIFF: &str = "diff.patch";
const FILES: &str = "project-files.md";
const TASK_LOG: &str = "logs/task.log";
const PROMPT: &str = "logs/llm_prompt.txt";
const RESPONSE: &str = "logs/llm_response.txt";
const EVENTS: &str = "logs/events.jsonl";
const TESTS: &str = "reports/tests.xml";
const COVERAGE: &str = "reports/coverage.json";

/// What the two documents that every record has say where there is no redactor.
const UNCHECKED: &[u8] = b"What was here could not be searched for secrets and was left out.\n";

impl<'a> Artifacts<'a> {
    pub(super) fn new(disk: &'a dyn Disk, folder: PathBuf, cleaner: &'a mut Cleaner) -> Self {
        let (written, truncated, folders) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { disk, folder, cleaner, written, truncated, folders }
    }

    /// Writes the files, and names them in the manifest.
    pub(super) fn write(
        mut self,
        parts: &LedgerParts,
        journal: &Journal,
        facts: &Facts<'_>,
        manifest: &mut Manifest,
    ) -> io::Result<()> {
        self.logs(parts, journal, facts, manifest)?;
        self.reports(facts, manifest)?;
        self.diff(facts, manifest)?;
        let context: &[ContextValue] = facts.ran.context.as_ref().unwrap_or(&facts.opened.header.context);
        if self.add(CONTEXT, session_context_values(context), usize::MAX)? {
            manifest.artifacts.session_context = Some(CONTEXT.to_owned());
        }
        let files = match &facts.ran.project_files {
            None if facts.ran.lists_changed_files => project_files::document(parts, facts, self.cleaner),
            given => given.clone(),
        };
        if let Some(text) = files
            && self.add(FILES, text, usize::MAX)?
        {
            manifest.artifacts.project_files = Some(FILES.to_owned());
        }
        self.documents(facts, manifest)?;
        let written: Vec<PathBuf> = self.written.iter().map(|file| self.folder.join(&file.path)).collect();
        self.disk.sync_files(&written)?;
        for folder in &self.folders {
            self.disk.sync_dir(&self.folder.join(folder))?;
        }
        let ledger = manifest.ledger.get_or_insert_default();
        ledger.artifacts.append(&mut self.written);
        ledger.artifacts.sort_by(|one, other| one.path.cmp(&other.path));
        ledger.truncated.append(&mut self.truncated);
        Ok(())
    }

    /// Redacts a file, cuts it to its limit and writes it; whether it could be redacted.
    fn add(&mut self, path: &'static str, bytes: impl Into<Vec<u8>>, limit: usize) -> io::Result<bool> {
        let Some(clean) = self.cleaner.bytes(path, bytes) else { return Ok(false) };
        let mut limited = head_and_tail(clean, limit);
        if !limited.bytes.is_empty() && !limited.bytes.ends_with(b"\n") {
            limited.bytes.push(b'\n');
        }
        if let Some(cut) = limited.cut {
            self.truncated.push(TruncatedFile {
                path: path.to_owned(),
                original_bytes: cut.original_bytes,
                sha256: Some(cut.sha256),
                extra: Extra::new(),
            });
        }
        self.put(path, &limited.bytes)?;
        Ok(true)
    }

    fn put(&mut self, path: &'static str, bytes: &[u8]) -> io::Result<()> {
        if let Some((folder, _)) = path.split_once('/')
            && self.folders.insert(folder)
        {
            self.disk.create_dir_all(&self.folder.join(folder))?;
        }
        self.disk.write_unsynced(&self.folder.join(path), bytes)?;
        self.written.push(ArtifactFile {
            path: path.to_owned(),
            sha256: sha256_hex(bytes),
            bytes: bytes.len() as u64,
            extra: Extra::new(),
        });
        Ok(())
    }

    fn logs(
        &mut self,
        parts: &LedgerParts,
        journal: &Journal,
        facts: &Facts<'_>,
        manifest: &mut Manifest,
    ) -> io::Result<()> {
        let (turns, options) = (&facts.ran.turns, &parts.options);
        let mut add = |path, text: Vec<u8>, limit| {
            if self.add(path, text, limit)? {
                manifest.artifacts.logs.push(path.to_owned());
            }
            io::Result::Ok(())
        };
        add(TASK_LOG, timeline(turns), options.log_limit_bytes)?;
        let prompts = sections(turns, |turn| Some(&turn.begin.prompt));
        add(PROMPT, prompts.into_bytes(), options.prompt_limit_bytes)?;
        add(RESPONSE, sections(turns, response).into_bytes(), options.log_limit_bytes)?;
        if options.events == EventsLog::On {
            add(EVENTS, events(journal), options.log_limit_bytes)?;
        }
        Ok(())
    }

    fn reports(&mut self, facts: &Facts<'_>, manifest: &mut Manifest) -> io::Result<()> {
        let checks = &facts.ran.checks;
        for (path, report) in [(TESTS, &checks.tests_report), (COVERAGE, &checks.coverage_report)] {
            if let Some(report) = report
                && self.add(path, report.as_bytes(), usize::MAX)?
            {
                manifest.artifacts.reports.push(path.to_owned());
            }
        }
        Ok(())
    }

    fn diff(&mut self, facts: &Facts<'_>, manifest: &mut Manifest) -> io::Result<()> {
        let Some(patch) = &facts.patch else { return Ok(()) };
        match &patch.bytes {
            // A patch is whole or it is nothing.
            Some(bytes) => {
                if self.add(DIFF, bytes.as_slice(), usize::MAX)? {
                    manifest.artifacts.diff = Some(DIFF.to_owned());
                }
            }
            None => manifest.ledger.get_or_insert_default().truncated.push(TruncatedFile {
                path: DIFF.to_owned(),
                original_bytes: patch.original_bytes,
                sha256: Some(patch.sha256.clone()),
                extra: Extra::new(),
            }),
        }
        Ok(())
    }

    /// The texts that are made of the manifest.
    fn documents(&mut self, facts: &Facts<'_>, manifest: &mut Manifest) -> io::Result<()> {
        let (ran, cleaner) = (facts.ran, &mut *self.cleaner);
        let decision = match &ran.adr {
            Some(text) => text.clone(),
            None => stated(ran),
        };
        if let AdrText::Decisions(decisions) = &decision {
            let entries = decisions.iter().map(|decision| DecisionEntry {
                title: cleaner.again(&decision.title),
                status: decision.status.word().to_owned(),
                extra: Extra::new(),
            });
            manifest.ledger.get_or_insert_default().decisions = entries.collect();
        }
        let prompts: Vec<String> = ran.turns.iter().map(|turn| cleaner.again(&turn.begin.prompt)).collect();
        let statement = ran.statement_of_work.clone().or_else(|| said(ran));
        let statement = statement.map(|statement| cleaner.again(&statement));
        let notes = ran.report_notes.iter().map(|note| cleaner.again(note)).collect();
        let text = Texts { statement_of_work: statement, notes, prompts };
        let decision = clean_decision(decision, manifest, cleaner);
        // Every text of others in it is clean, and nothing redacts our own words and the paths of changed files.
        let documents = [changelog(manifest, &text), adr(manifest, &decision)];
        let is_clean = cleaner.redactor().is_some();
        for (path, document) in [CHANGELOG, ADR].into_iter().zip(&documents) {
            self.put(path, if is_clean { document.as_bytes() } else { UNCHECKED })?;
        }
        Ok(())
    }
}

/// A decision without secrets, in which the paths of changed files are as they are.
fn clean_decision(decision: AdrText, manifest: &Manifest, cleaner: &mut Cleaner) -> AdrText {
    let changes = &manifest.changes;
    let is_changed = |path: &String| {
        [&changes.added, &changes.modified, &changes.deleted].iter().any(|paths| paths.contains(path))
    };
    match decision {
        AdrText::None => AdrText::None,
        AdrText::Stated(stated) => AdrText::Stated(StatedRationale {
            final_message: stated.final_message.map(|text| cleaner.text(ADR, &text)),
            reasoning_summaries: cleaner.texts(ADR, &stated.reasoning_summaries),
            notes: cleaner.texts(ADR, &stated.notes),
        }),
        AdrText::Decisions(decisions) => {
            let clean = |decision: Decision| Decision {
                title: cleaner.text(ADR, &decision.title),
                context: cleaner.text(ADR, &decision.context),
                options_considered: cleaner.text(ADR, &decision.options_considered),
                decision: cleaner.text(ADR, &decision.decision),
                result: cleaner.text(ADR, &decision.result),
                consequences: cleaner.text(ADR, &decision.consequences),
                named_files: decision
                    .named_files
                    .into_iter()
                    .map(|path| if is_changed(&path) { path } else { cleaner.text(ADR, &path) })
                    .collect(),
                ..decision
            };
            AdrText::Decisions(decisions.into_iter().map(clean).collect())
        }
    }
}

/// The timelines of all turns.
fn timeline(turns: &[TurnPart]) -> Vec<u8> {
    let ends = turns.iter().filter_map(|turn| turn.end.as_ref());
    let timelines: Vec<&str> = ends.map(|end| end.timeline.as_str()).collect();
    let text = if timelines.is_empty() { "no turn has begun\n".to_owned() } else { timelines.join("\n") };
    text.into_bytes()
}

/// The lines that Codex printed, as far as the journal has them.
fn events(journal: &Journal) -> Vec<u8> {
    let mut events = Vec::new();
    for frame in Frames::of(journal.folder()) {
        events.extend_from_slice(frame.line.raw());
        events.push(b'\n');
    }
    events
}

fn sections<'t>(turns: &'t [TurnPart], text: impl Fn(&'t TurnPart) -> Option<&'t String>) -> String {
    let starts: Vec<String> = turns.iter().map(|turn| crate::system::utc_seconds(turn.begin.at)).collect();
    let sections: Vec<TurnSection<'_>> = turns
        .iter()
        .zip(&starts)
        .map(|(turn, start)| TurnSection {
            started_at: start,
            thread_id: turn.end.as_ref().and_then(|end| end.turn.thread_id.as_deref()),
            text: text(turn).map(String::as_str),
        })
        .collect();
    turn_sections(&sections)
}

fn response(turn: &TurnPart) -> Option<&String> {
    turn.end.as_ref()?.turn.final_message.as_ref()
}

/// The turns that did the work.
fn work(turns: &[TurnPart]) -> impl DoubleEndedIterator<Item = &TurnPart> {
    turns.iter().filter(|turn| turn.begin.purpose == TurnPurpose::Work)
}

/// What the agent said at the end; of several tasks the last message of each, below its name.
fn said(ran: &RanEntry) -> Option<String> {
    if ran.spans.len() < 2 {
        return response(work(&ran.turns).next_back()?).cloned();
    }
    let part = |(number, span): (u32, &TaskSpan)| {
        let turns = work(&ran.turns).rev().filter(|turn| turn.begin.task == Some(number));
        let message = turns.filter_map(response).find(|message| !message.trim().is_empty())?;
        Some(format!("# {}\n\n{}", one_line(&span.begin.task.task_id), message.trim()))
    };
    let parts: Vec<String> = (1..).zip(&ran.spans).filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// What the agent said of its own work.
fn stated(ran: &RanEntry) -> AdrText {
    let ends: Vec<&EndEntry> = work(&ran.turns).filter_map(|turn| turn.end.as_ref()).collect();
    let mut stated = StatedRationale {
        final_message: said(ran),
        reasoning_summaries: Vec::new(),
        notes: ran.report_notes.clone(),
    };
    for end in ends {
        stated.reasoning_summaries.extend(end.rationale.iter().cloned());
    }
    AdrText::Stated(stated)
}
