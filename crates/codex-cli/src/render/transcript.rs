//! [`Transcript`]: what is told of a turn while it lasts, from its events alone.

use std::path::PathBuf;
use std::time::Duration;

use codex_protocol::{
    EventLine, ItemDetails, ItemPhase, Reconnect, Terminal, ThreadEvent, ThreadItem, TurnSummary,
};

use super::item;
use super::line::{Line, Tone};
use super::plan::ShownPlan;
use super::status::{StatusLine, seconds};

/// From which time on an item is told how long it took; Codex's own announcements are late by a part of a second.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// Tells a turn line by line: each event gives the lines to print for it.
///
/// It knows no terminal and no clock; times are given to it.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// Paths below it are shown relative to it.
    root: PathBuf,
    status: StatusLine,
    plan: ShownPlan,
    /// A message that is the answer unless something follows it.
    held_message: Option<String>,
    /// A warning that is the failure itself if the turn fails next.
    held_warning: Option<String>,
    last_warning: Option<String>,
}

impl Transcript {
    /// Begins a transcript of a turn in this directory.
    pub(crate) fn new(root: PathBuf) -> Self {
        let mut transcript = Self { root, ..Self::default() };
        transcript.status.wait_for("starting codex");
        transcript
    }

    /// Tells one line. `summary` has seen it already; `at` is the time since the start of the turn.
    pub(crate) fn observe(&mut self, line: &EventLine, summary: &TurnSummary, at: Duration) -> Vec<Line> {
        let event = match line.event() {
            Ok(event) => event,
            Err(error) => {
                let text = format!("! line {} cannot be read: {error}", line.number());
                return vec![Line::new(Tone::Warning, &text)];
            }
        };
        let mut lines = self.release_warning(event);
        match event {
            ThreadEvent::ThreadStarted(started) => {
                self.status.go_on();
                lines.push(Line::new(Tone::Dim, &format!("thread {}", started.thread_id)));
            }
            ThreadEvent::Error(error) => lines.extend(self.warn(&error.message, summary)),
            ThreadEvent::Unknown(unknown) => {
                lines.push(Line::new(Tone::Dim, &format!("• unknown event {}", unknown.name)));
            }
            ThreadEvent::TurnStarted(_) | ThreadEvent::TurnCompleted(_) | ThreadEvent::TurnFailed(_) => {
                self.status.go_on();
            }
            ThreadEvent::ItemStarted(_) | ThreadEvent::ItemUpdated(_) | ThreadEvent::ItemCompleted(_) | _ => {
                if let Some((phase, item)) = event.item() {
                    lines.extend(self.item(phase, item, at));
                }
            }
        }
        lines
    }

    /// Tells what is left once the last line was seen.
    pub(crate) fn finish(&mut self, summary: &TurnSummary) -> Vec<Line> {
        let mut lines: Vec<Line> = self.held_warning.take().into_iter().map(|text| warning(&text)).collect();
        if !matches!(summary.terminal(), Some(Terminal::Completed { .. })) {
            lines.extend(self.release_message());
        }
        lines.extend(summary.open_items().filter_map(|item| item::cut_off(&item.details)));
        lines
    }

    /// The line that says what is going on at a time since the start of the turn.
    pub(crate) fn status(&self, at: Duration) -> Line {
        self.status.line(at)
    }

    fn item(&mut self, phase: ItemPhase, item: &ThreadItem, at: Duration) -> Vec<Line> {
        let took = self.status.see(phase, item, at);
        match &item.details {
            ItemDetails::AgentMessage(message) => {
                let lines = self.release_message();
                self.held_message = Some(message.text.clone());
                lines
            }
            ItemDetails::TodoList(list) => self.plan.show(list),
            ItemDetails::Error(error) => self.warn_once(&error.message),
            details @ (ItemDetails::CommandExecution(_)
            | ItemDetails::FileChange(_)
            | ItemDetails::McpToolCall(_)
            | ItemDetails::WebSearch(_)
            | ItemDetails::CollabToolCall(_)
            | ItemDetails::Reasoning(_)
            | ItemDetails::Unknown(_)
            | _) => {
                let mut lines = self.release_message();
                if phase == ItemPhase::Completed {
                    lines.extend(timed(item::finished(details, &self.root), took));
                }
                lines
            }
        }
    }

    /// A message that something follows was not the answer: it is told as one line.
    fn release_message(&mut self) -> Vec<Line> {
        let message = self.held_message.take();
        let first = message.as_deref().and_then(item::first_line);
        first.map(|first| Line::new(Tone::Dim, "• ").and(Tone::Plain, first)).into_iter().collect()
    }

    /// A retry is told at once; anything else may be repeated by the failure of the turn, and waits for the next
    /// event to see.
    fn warn(&mut self, message: &str, summary: &TurnSummary) -> Vec<Line> {
        match summary.notices().last().and_then(codex_protocol::Notice::retry) {
            None => {
                self.held_warning = Some(message.to_owned());
                Vec::new()
            }
            Some(retry) => {
                self.status.wait_for(&retry_text(retry));
                vec![Line::new(Tone::Dim, &format!("! {message}"))]
            }
        }
    }

    fn release_warning(&mut self, next: &ThreadEvent) -> Vec<Line> {
        let Some(held) = self.held_warning.take() else { return Vec::new() };
        if matches!(next, ThreadEvent::TurnFailed(failed) if failed.error.message == held) {
            return Vec::new();
        }
        self.warn_once(&held)
    }

    /// Codex says some warnings twice.
    fn warn_once(&mut self, message: &str) -> Vec<Line> {
        if self.last_warning.as_deref() == Some(message) {
            return Vec::new();
        }
        self.last_warning = Some(message.to_owned());
        vec![warning(message)]
    }
}

/// Adds to the last line how long all of it took, where that is worth telling.
fn timed(mut lines: Vec<Line>, took: Option<Duration>) -> Vec<Line> {
    if let Some(took) = took.filter(|took| *took >= WORTH_TELLING)
        && let Some(last) = lines.pop()
    {
        lines.push(last.and(Tone::Dim, &format!(" ({})", seconds(took))));
    }
    lines
}

fn warning(message: &str) -> Line {
    Line::new(Tone::Warning, &format!("! {message}"))
}

fn retry_text(retry: Reconnect) -> String {
    match retry {
        Reconnect::Attempt { attempt, limit, .. } => format!("reconnecting ({attempt} of {limit})"),
        Reconnect::WaitingForNetwork => "waiting for the network".to_owned(),
        _ => "reconnecting".to_owned(),
    }
}
