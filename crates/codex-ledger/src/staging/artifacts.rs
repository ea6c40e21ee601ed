//! [`Artifacts`]: the files of a record, redacted and cut to their limits.

use super::clean::Cleaner;
use super::facts::Facts;
use super::project_files;
use crate::adr::{AdrText, Decision, StatedRationale, adr};
use crate::changelog::{Texts, changelog};
use crate::journal::{EndEntry, Frames, Journal, Ran, TaskSpan, TurnPart};
use crate::ledger_options::EventsLog;
use crate::limits::{Cut, head_and_tail};
use crate::manifest::{DecisionEntry, Extra, Manifest, TruncatedFile};
use crate::markdown::one_line;
use crate::parts::Parts;
use crate::session_context::{ContextValue, session_context_values};
use crate::turn_begin::TurnPurpose;
use crate::turn_sections::{TurnSection, turn_sections};

/// One file of a record.
pub(super) struct Artifact {
    pub(super) path: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) cut: Option<Cut>,
}

/// The files of a record, all but the manifest.
pub(super) struct Artifacts {
    pub(super) files: Vec<Artifact>,
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

impl Artifacts {
    /// Renders the files, and names them in the manifest.
    pub(super) fn render(
        parts: &Parts,
        journal: &Journal,
        facts: &Facts<'_>,
        manifest: &mut Manifest,
        cleaner: &mut Cleaner,
    ) -> Self {
        let mut artifacts = Self { files: Vec::new() };
        artifacts.logs(parts, journal, facts, manifest, cleaner);
        artifacts.reports(facts, manifest, cleaner);
        artifacts.diff(facts, manifest, cleaner);
        let context: &[ContextValue] = facts.ran.context.as_ref().unwrap_or(&facts.opened.header.context);
        if artifacts.add(CONTEXT, session_context_values(context).as_bytes(), usize::MAX, cleaner) {
            manifest.artifacts.session_context = Some(CONTEXT.to_owned());
        }
        let files = match &facts.ran.project_files {
            None if facts.ran.lists_changed_files => project_files::document(parts, facts, cleaner),
            given => given.clone(),
        };
        if let Some(text) = files
            && artifacts.add(FILES, text.as_bytes(), usize::MAX, cleaner)
        {
            manifest.artifacts.project_files = Some(FILES.to_owned());
        }
        artifacts.documents(facts, manifest, cleaner);
        artifacts
    }

    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.files.iter().any(|file| file.path.split('/').next() == Some(folder) && file.path != folder)
    }

    /// Redacts a file, cuts it to its limit and adds it; whether it could be redacted.
    fn add(&mut self, path: &'static str, bytes: &[u8], limit: usize, cleaner: &mut Cleaner) -> bool {
        let Some(clean) = cleaner.bytes(path, bytes) else { return false };
        let mut limited = head_and_tail(&clean, limit);
        if !limited.bytes.is_empty() && !limited.bytes.ends_with(b"\n") {
            limited.bytes.push(b'\n');
        }
        self.files.push(Artifact { path, bytes: limited.bytes, cut: limited.cut });
        true
    }

    fn logs(
        &mut self,
        parts: &Parts,
        journal: &Journal,
        facts: &Facts<'_>,
        manifest: &mut Manifest,
        cleaner: &mut Cleaner,
    ) {
        let turns = &facts.ran.turns;
        let options = &parts.options;
        let timeline: Vec<&str> =
            turns.iter().filter_map(|turn| turn.end.as_ref()).map(|end| end.timeline.as_str()).collect();
        let timeline =
            if timeline.is_empty() { "no turn has begun\n".to_owned() } else { timeline.join("\n") };
        let mut logs = vec![
            (TASK_LOG, timeline.into_bytes(), options.log_limit_bytes),
            (
                PROMPT,
                sections(turns, |turn| Some(&turn.begin.prompt)).into_bytes(),
                options.prompt_limit_bytes,
            ),
            (RESPONSE, sections(turns, response).into_bytes(), options.log_limit_bytes),
        ];
        if options.events == EventsLog::On {
            let mut events = Vec::new();
            for frame in Frames::of(journal.folder()) {
                events.extend_from_slice(frame.line.raw());
                events.push(b'\n');
            }
            logs.push((EVENTS, events, options.log_limit_bytes));
        }
        for (path, bytes, limit) in logs {
            if self.add(path, &bytes, limit, cleaner) {
                manifest.artifacts.logs.push(path.to_owned());
            }
        }
    }

    fn reports(&mut self, facts: &Facts<'_>, manifest: &mut Manifest, cleaner: &mut Cleaner) {
        let checks = &facts.ran.checks;
        for (path, report) in [(TESTS, &checks.tests_report), (COVERAGE, &checks.coverage_report)] {
            if let Some(report) = report
                && self.add(path, report.as_bytes(), usize::MAX, cleaner)
            {
                manifest.artifacts.reports.push(path.to_owned());
            }
        }
    }

    fn diff(&mut self, facts: &Facts<'_>, manifest: &mut Manifest, cleaner: &mut Cleaner) {
        let Some(patch) = &facts.patch else { return };
        match &patch.bytes {
            // A patch is whole or it is nothing.
            Some(bytes) => {
                if self.add(DIFF, bytes, usize::MAX, cleaner) {
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
    }

    /// The texts that are made of the manifest.
    fn documents(&mut self, facts: &Facts<'_>, manifest: &mut Manifest, cleaner: &mut Cleaner) {
        let ran = facts.ran;
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
        for (path, document) in [(CHANGELOG, changelog(manifest, &text)), (ADR, adr(manifest, &decision))] {
            // Every text of others in it is clean, and nothing redacts our own words and the paths of changed files.
            let bytes = if cleaner.redactor().is_some() {
                document.into_bytes()
            } else {
                // Every record has these two; without a redactor they say nothing.
                b"What was here could not be searched for secrets and was left out.\n".to_vec()
            };
            self.files.push(Artifact { path, bytes, cut: None });
        }
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

fn sections<'t>(turns: &'t [TurnPart], text: impl Fn(&'t TurnPart) -> Option<&'t String>) -> String {
    let starts: Vec<String> = turns.iter().map(|turn| crate::clock::utc_seconds(turn.begin.at)).collect();
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
fn said(ran: &Ran) -> Option<String> {
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
fn stated(ran: &Ran) -> AdrText {
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
