//! [`show`]: one record on a screen.

use codex_ledger::Manifest;
use codex_ledger::manifest::{LedgerPart, TurnEntry};
use jiff::Timestamp;

use super::ago::ago;
use super::words::{changes, reason, short, state, status_tone, status_words, tests, tokens, took};
use crate::render::{Line, Tone};

/// How wide the names on the left are.
const NAMES: usize = 10;
/// How many changed files are named.
const FILES: usize = 20;
/// How the line begins that stands above each turn's prompt in its file.
const SECTION: &str = "=== turn ";
/// How much of a prompt and an answer is shown.
const TEXT_LINES: usize = 6;

/// What a record says, most of all how it ended.
pub(crate) fn show(manifest: &Manifest, prompt: Option<&str>, folder: &str, now: Timestamp) -> Vec<Line> {
    let mut page = Page { lines: Vec::new() };
    page.head(manifest, now);
    page.turn(manifest);
    page.tasks(manifest);
    page.checks(manifest);
    page.changes(manifest);
    if let Some(prompt) = prompt {
        page.text("prompt", prompt);
    }
    // A report is a form that an agent has filled in; what it says stands in the change log.
    let mut turns = manifest.ledger.iter().flat_map(|ledger| &ledger.turns);
    let last = turns.rfind(|turn| !is_report(turn));
    if let Some(answer) = last.and_then(|turn| turn.final_message.as_deref()) {
        page.text("answer", answer);
    }
    if let Some(ledger) = &manifest.ledger {
        page.notes(ledger);
    }
    page.field("files", Tone::Dim, folder);
    page.lines
}

fn is_report(turn: &TurnEntry) -> bool {
    turn.purpose.as_deref() == Some("report")
}

struct Page {
    lines: Vec<Line>,
}

impl Page {
    fn head(&mut self, manifest: &Manifest, now: Timestamp) {
        let (tone, state) = state(manifest);
        let mut head = Line::new(Tone::Strong, &format!("turn {}", manifest.turn_id))
            .and(Tone::Plain, "  ")
            .and(tone, &state);
        if let Some(reason) = reason(manifest) {
            head = head.and(tone, &format!(" ({reason})"));
        }
        let when = format!("  {}, {}", ago(&manifest.timestamp_utc, now), manifest.timestamp_utc);
        self.lines.push(head.and(Tone::Dim, &when));
        self.field("task", Tone::Plain, &manifest.task.name);
        if !manifest.actor.initiator.is_empty() {
            self.field("asked by", Tone::Plain, &manifest.actor.initiator);
        }
    }

    fn turn(&mut self, manifest: &Manifest) {
        let Some(ledger) = &manifest.ledger else {
            self.field("agent", Tone::Plain, &manifest.actor.agent);
            return;
        };
        let model = ledger.agent.model.as_ref().map(|model| format!(", model {model}")).unwrap_or_default();
        self.field("agent", Tone::Plain, &format!("{}{model}", manifest.actor.agent));
        if let Some(thread) = &ledger.agent.thread_id {
            self.field("thread", Tone::Plain, thread);
        }
        let time = ledger.elapsed_ms.map_or_else(|| "an unknown time".to_owned(), took);
        let used = tokens(&ledger.usage).unwrap_or_else(|| "tokens unknown".to_owned());
        self.field("took", Tone::Plain, &format!("{time}, {used}"));
        if let turns @ [_, _, ..] = ledger.turns.as_slice() {
            for (at, turn) in turns.iter().enumerate() {
                let verdict = turn.verdict.as_deref().unwrap_or("verdict unknown");
                let time = turn.elapsed_ms.map_or_else(|| "an unknown time".to_owned(), took);
                let used = tokens(&turn.usage.turn).unwrap_or_else(|| "tokens unknown".to_owned());
                let what = if is_report(turn) { "report " } else { "" };
                let text = format!("{}: {what}{verdict}, {time}, {used}", at + 1);
                self.field(if at == 0 { "turns" } else { "" }, Tone::Plain, &text);
            }
        }
        if let Some(git) = &manifest.git {
            let ends =
                [&git.head_before, &git.head_after].map(|head| head.as_deref().map_or("nothing", short));
            let range = if ends[0] == ends[1] { ends[1].to_owned() } else { ends.join(" → ") };
            let branch = git.branch.as_deref().unwrap_or("no branch");
            let tag = git.tag.as_ref().map(|tag| format!(", tag {tag}")).unwrap_or_default();
            self.field("git", Tone::Plain, &format!("{branch} at {range}{tag}"));
        }
    }

    /// The tasks, where there is more than one.
    fn tasks(&mut self, manifest: &Manifest) {
        let tasks @ [_, _, ..] = manifest.tasks.as_slice() else { return };
        for (at, task) in tasks.iter().enumerate() {
            let verdict = task.verdict.as_deref().unwrap_or("verdict unknown");
            let tone = if verdict == "completed" { Tone::Good } else { Tone::Bad };
            let reason = task.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let files = task.outputs.len() + task.deleted.len();
            let files = format!(", {files} {}", if files == 1 { "file" } else { "files" });
            let name = Line::new(Tone::Dim, &format!("{:NAMES$}", if at == 0 { "tasks" } else { "" }));
            let line = name.and(Tone::Plain, &format!("{}: ", at + 1)).and(tone, verdict);
            self.lines.push(line.and(Tone::Plain, &format!("{reason}{files}  {}", task.task_id)));
        }
    }

    fn checks(&mut self, manifest: &Manifest) {
        let (tone, text) = tests(manifest);
        self.field("tests", tone, &text);
        let lint = &manifest.validation.lint_status;
        self.field("lint", status_tone(lint), status_words(lint));
        let coverage = manifest.ledger.as_ref().map(|ledger| &ledger.coverage);
        let Some((coverage, after)) = coverage.and_then(|coverage| Some((coverage, coverage.after?))) else {
            return;
        };
        let delta =
            manifest.metrics.coverage_delta_pct.map(|delta| format!(" ({delta:+.2})")).unwrap_or_default();
        let kind = coverage.kind.as_deref().unwrap_or_default();
        self.field("coverage", Tone::Plain, &format!("{after:.2} %{delta} {kind}"));
    }

    fn changes(&mut self, manifest: &Manifest) {
        self.field("changes", Tone::Plain, &changes(&manifest.metrics));
        let lists = &manifest.changes;
        let marked = [
            ("A", Tone::Good, &lists.added),
            ("M", Tone::Warning, &lists.modified),
            ("D", Tone::Bad, &lists.deleted),
        ];
        let all: usize = marked.iter().map(|(_, _, paths)| paths.len()).sum();
        let files =
            marked.iter().flat_map(|(mark, tone, paths)| paths.iter().map(move |path| (*mark, *tone, path)));
        for (mark, tone, path) in files.take(FILES) {
            let line = Line::new(Tone::Plain, &" ".repeat(NAMES))
                .and(tone, mark)
                .and(Tone::Plain, " ")
                .and_long(path);
            self.lines.push(line);
        }
        if all > FILES {
            self.field("", Tone::Dim, &format!("and {} more", all - FILES));
        }
    }

    /// The first lines of a text.
    fn text(&mut self, name: &str, text: &str) {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with(SECTION));
        for (at, line) in lines.by_ref().take(TEXT_LINES).enumerate() {
            self.field(if at == 0 { name } else { "" }, Tone::Plain, line);
        }
        let more = lines.count();
        if more > 0 {
            self.field("", Tone::Dim, &format!("and {more} more lines"));
        }
    }

    fn notes(&mut self, ledger: &LedgerPart) {
        for violation in &ledger.violations {
            let path = violation.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
            self.field("violation", Tone::Bad, &format!("{}{path}: {}", violation.kind, violation.detail));
        }
        let hidden: u64 = ledger.redactions.iter().map(|redaction| redaction.count).sum();
        if hidden > 0 {
            let files = ledger.redactions.iter().map(|redaction| &redaction.path);
            let files: std::collections::BTreeSet<_> = files.collect();
            self.field("redacted", Tone::Warning, &format!("{hidden} places in {} files", files.len()));
        }
        for cut in &ledger.truncated {
            self.field("cut", Tone::Warning, &format!("{} had {} bytes", cut.path, cut.original_bytes));
        }
        for purged in &ledger.purged {
            let text = format!("{} of turn {}: {}", purged.path, purged.turn_id, purged.reason);
            self.field("removed", Tone::Warning, &text);
        }
        for parent in &ledger.parents {
            self.field(
                "after",
                Tone::Dim,
                &format!("turn {}, manifest {}", parent.turn_id, short(&parent.manifest_sha256)),
            );
        }
    }

    fn field(&mut self, name: &str, tone: Tone, text: &str) {
        self.lines.push(Line::new(Tone::Dim, &format!("{name:NAMES$}")).and(tone, text));
    }
}
