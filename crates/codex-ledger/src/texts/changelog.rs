//! [`changelog`]: what a turn was asked and what it did, `changelog.md`.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::manifest::{CheckStatus, Manifest};
use crate::texts::markdown::{cell, code_cell, code_span, fence, inline, prose};

/// The folder whose files are the project's bookkeeping: the change log lists them apart.
const TRACKING_FOLDER: &str = "ai/";
/// The folder of a record, before its number.
const TURNS_FOLDER: &str = "ai/agentic-pipeline/turns";

/// Holds the texts of a record that its manifest does not have, already without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "texts do nothing until a change log is made of them"]
pub struct Texts {
    /// The prompts, one for each Codex turn.
    pub prompts: Vec<String>,
    /// What the agent said at the end, or what somebody else says of the work.
    pub statement_of_work: Option<String>,
    /// What is to be said about where that comes from.
    pub notes: Vec<String>,
}

impl Texts {
    /// No texts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the prompt of the next Codex turn.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompts.push(prompt.into());
        self
    }

    /// Adds a sentence about where the statement comes from.
    pub fn note(mut self, sentence: impl Into<String>) -> Self {
        self.notes.push(sentence.into());
        self
    }

    /// Says what was done.
    pub fn statement_of_work(mut self, text: impl Into<String>) -> Self {
        self.statement_of_work = Some(text.into());
        self
    }
}

/// Writes `changelog.md`.
///
/// What was observed comes from the manifest and is said first; what the agent says of its work stands below, as
/// its words. The section for deleted files is there only if there are any.
///
/// ```
/// use codex_ledger::{Manifest, TurnId};
/// use codex_ledger::texts::{Texts, changelog};
///
/// let manifest = Manifest::new(TurnId::new(1)?, "2025-09-05T17:42:10Z");
/// let text = changelog(&manifest, &Texts::new().prompt("# Turn: 99\n"));
/// assert!(text.starts_with("# Turn: 1  \u{2013} 2025-09-05 - 17:42:10 UTC\n\n## Statement of Work\n"));
/// assert!(text.contains("```text\n# Turn: 99\n```\n"));
/// # Ok::<(), codex_ledger::values::InvalidTurnId>(())
/// ```
pub fn changelog(manifest: &Manifest, texts: &Texts) -> String {
    let mut text =
        format!("# Turn: {}  \u{2013} {}\n", manifest.turn_id, header_time(&manifest.timestamp_utc));
    let tasks = TasksByFile::of(manifest);
    section(&mut text, "Statement of Work", &statement(manifest, texts));
    text.push_str("\n--\n");
    section(&mut text, "Input Prompt", &prompts(&texts.prompts));
    text.push_str("\n--\n");
    section(&mut text, "Tasks Executed", &tasks_executed(manifest));
    let (tracking, added): (Vec<&String>, Vec<&String>) =
        manifest.changes.added.iter().partition(|path| path.starts_with(TRACKING_FOLDER));
    section(&mut text, "Turn Tracking Files Added", &tracking_files(manifest, &tracking));
    section(&mut text, "Files Added", &table(&added, &tasks, FileRole::Creator));
    section(
        &mut text,
        "Files Updated",
        &table(&manifest.changes.modified.iter().collect::<Vec<_>>(), &tasks, FileRole::All),
    );
    if !manifest.changes.deleted.is_empty() {
        section(
            &mut text,
            "Files Deleted",
            &table(&manifest.changes.deleted.iter().collect::<Vec<_>>(), &tasks, FileRole::All),
        );
    }
    text
}

fn section(text: &mut String, heading: &str, body: &str) {
    let _ = write!(text, "\n## {heading}\n\n{body}");
}

/// `2025-09-05T17:42:10Z` as `2025-09-05 - 17:42:10 UTC`.
fn header_time(timestamp: &str) -> String {
    match (timestamp.get(..10), timestamp.get(11..19)) {
        (Some(day), Some(time)) => inline(&format!("{day} - {time} UTC")),
        _ => inline(timestamp),
    }
}

fn statement(manifest: &Manifest, given: &Texts) -> String {
    let mut text = observed(manifest);
    for note in &given.notes {
        let _ = write!(text, "\n{}\n", inline(note));
    }
    let statement = given.statement_of_work.as_deref().map(|text| prose(text, 2)).unwrap_or_default();
    if statement.trim().is_empty() {
        text.push_str("\nThe agent left no final message.\n");
    } else {
        let _ = write!(text, "\nAs stated by the agent:\n\n{statement}");
    }
    text
}

/// One paragraph of what is known without asking anybody.
fn observed(manifest: &Manifest) -> String {
    let metrics = &manifest.metrics;
    let changes = &manifest.changes;
    let mut text = String::new();
    if let Some(ledger) = &manifest.ledger {
        let reason = ledger.reason.as_deref().map(|reason| format!(" ({})", inline(reason)));
        let _ = write!(text, "State: {}{}. ", inline(ledger.state.as_str()), reason.unwrap_or_default());
    }
    let count =
        |number: Option<u64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    let listed = (changes.added.len() + changes.modified.len() + changes.deleted.len()) as u64;
    match metrics.files_changed {
        None => text.push_str("Files changed: unknown. "),
        // The lists of a manifest are cut where they are very long; the count is not.
        Some(files) if files != listed => {
            let _ = write!(text, "Files changed: {files}, of which {listed} are listed. ");
        }
        Some(files) => {
            let [added, modified, deleted] =
                [&changes.added, &changes.modified, &changes.deleted].map(Vec::len);
            let _ = write!(
                text,
                "Files changed: {files} ({added} added, {modified} modified, {deleted} deleted). ",
            );
        }
    }
    let (added, deleted) = (count(metrics.lines_added), count(metrics.lines_deleted));
    let _ = write!(text, "Lines: {added} added, {deleted} deleted. ");
    let status = &manifest.validation.tests_status;
    if *status == CheckStatus::NotRun {
        text.push_str("Tests: not run.");
    } else {
        let status = inline(status.as_str());
        let (passed, failed) = (count(metrics.tests_passed), count(metrics.tests_failed));
        let _ = write!(text, "Tests: {status} ({passed} passed, {failed} failed).");
    }
    text.push('\n');
    text
}

fn prompts(prompts: &[String]) -> String {
    match prompts {
        [] => "None\n".to_owned(),
        [prompt] => fence(prompt, "text"),
        prompts => {
            let count = prompts.len();
            let numbered = (1..).zip(prompts);
            let parts: Vec<String> = numbered
                .map(|(number, prompt)| {
                    format!("Codex turn {number} of {count}:\n\n{}", fence(prompt, "text"))
                })
                .collect();
            parts.join("\n")
        }
    }
}

fn tasks_executed(manifest: &Manifest) -> String {
    let mut text = String::new();
    let entry = |text: &mut String, name: &str, agent: Option<&str>| {
        let name = inline(name);
        let _ = writeln!(text, "- {}", if name.is_empty() { "unnamed" } else { &name });
        if let Some(agent) = agent.map(inline).filter(|agent| !agent.is_empty()) {
            let _ = writeln!(text, "  - agent: {agent}");
        }
    };
    if manifest.tasks.is_empty() {
        entry(&mut text, &manifest.task.name, Some(&manifest.actor.agent));
    }
    let all = manifest.provenance.iter().flat_map(|provenance| &provenance.tools);
    let knows_whose = manifest.tasks.iter().any(|task| !task.tools.is_empty());
    for task in &manifest.tasks {
        entry(&mut text, &task.task_id, task.agent.as_deref());
        for tool in &task.tools {
            let _ = writeln!(text, "  - tool: {}", code_span(tool));
        }
        for agent in &task.sub_agents {
            let _ = writeln!(text, "  - agent: thread {}", code_span(agent));
        }
        if let Some(verdict) = &task.verdict {
            let reason = task.reason.as_deref().map(|reason| format!(" ({})", inline(reason)));
            let _ = writeln!(text, "  - verdict: {}{}", inline(verdict), reason.unwrap_or_default());
        }
    }
    // Where nobody knows which task called a tool, all stand below the last one's agent.
    for tool in all.filter(|_| !knows_whose) {
        let _ = writeln!(text, "  - tool: {}", code_span(tool));
    }
    text
}

/// The files of the record itself, and files that the turn added beside it.
fn tracking_files(manifest: &Manifest, added: &[&String]) -> String {
    let artifacts = &manifest.artifacts;
    let one = [Some(&artifacts.changelog), Some(&artifacts.adr), artifacts.diff.as_ref()];
    let more = [artifacts.session_context.as_ref(), artifacts.project_files.as_ref()];
    let own = one.into_iter().flatten().chain(&artifacts.logs).chain(&artifacts.reports);
    let own = own.chain(more.into_iter().flatten()).map(String::as_str).chain(["manifest.json"]);
    let mut paths: Vec<String> =
        own.map(|path| format!("{TURNS_FOLDER}/{}/{path}", manifest.turn_id)).collect();
    paths.extend(added.iter().map(|path| (*path).clone()));
    let mut text = String::new();
    for path in paths {
        let _ = writeln!(text, "- {}", code_span(&path));
    }
    text
}

fn table(paths: &[&String], tasks: &TasksByFile<'_>, role: FileRole) -> String {
    if paths.is_empty() {
        return "None\n".to_owned();
    }
    let mut text = "| path/file_name | task_name |\n| --- | --- |\n".to_owned();
    for path in paths {
        let _ = writeln!(text, "| {} | {} |", code_cell(path), cell(&tasks.of_path(path, role)));
    }
    text
}

/// Which task made, changed or deleted which file.
struct TasksByFile<'a> {
    by_path: HashMap<&'a str, Vec<&'a str>>,
    default: &'a str,
}

/// Which of the tasks that had to do with a file is asked for.
#[derive(Clone, Copy)]
enum FileRole {
    /// The one that created it.
    Creator,
    /// All that changed it.
    All,
}

impl<'a> TasksByFile<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        let mut by_path: HashMap<&str, Vec<&str>> = HashMap::new();
        for task in &manifest.tasks {
            let outputs = task.outputs.iter().map(|output| output.path.as_str());
            for path in outputs.chain(task.deleted.iter().map(String::as_str)) {
                by_path.entry(path).or_default().push(&task.task_id);
            }
        }
        Self { by_path, default: &manifest.task.name }
    }

    fn of_path(&self, path: &str, role: FileRole) -> String {
        match (self.by_path.get(path).map(Vec::as_slice), role) {
            (Some([first, ..]), FileRole::Creator) => (*first).to_owned(),
            (Some(tasks), FileRole::All) => tasks.join("; "),
            (Some([]) | None, _) => self.default.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
