//! [`TimelineLines`]: the timeline of one Codex turn.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use codex_protocol::{
    EventLine, ExitKind, ItemPhase, ProcessFate, RolloutCall, RolloutSummary, StopCause, ThreadEvent,
    ThreadItem, TransportEnd, TurnSummary, TurnUsage, Usage, UsageSource,
};
use jiff::Timestamp;

use super::item::{self, cut};
use crate::record::turn_begin::TurnEnd;
use crate::system::utc_millis;

/// Collects the lines of a turn as entries of its timeline.
#[derive(Debug)]
pub(super) struct TimelineLines {
    started: Timestamp,
    entries: Vec<TimelineEntry>,
    /// Items that have begun, by their id, and where their entry is.
    open: HashMap<String, usize>,
    project: Option<PathBuf>,
}

#[derive(Debug)]
struct TimelineEntry {
    start: Timestamp,
    /// When it was done; the same as the start for what has no duration.
    end: EntryEnd,
    what: String,
    result: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryEnd {
    /// It has no duration that could be observed.
    Instant,
    /// It has begun and not ended.
    Open,
    At(Timestamp),
}

impl TimelineLines {
    pub(super) fn new(started: Timestamp, project: Option<PathBuf>) -> Self {
        Self { started, entries: Vec::new(), open: HashMap::new(), project }
    }

    pub(super) fn observe(&mut self, at: Timestamp, line: &EventLine) {
        match line.event() {
            Err(error) => {
                let what = format!("line {} not understood", line.number());
                self.note(at, what, cut(&error.to_string()));
            }
            Ok(event) => self.observe_event(at, event),
        }
    }

    fn observe_event(&mut self, at: Timestamp, event: &ThreadEvent) {
        if let Some((phase, item)) = event.item() {
            return self.observe_item(at, phase, item);
        }
        match event {
            ThreadEvent::ThreadStarted(started) => {
                self.note(at, "thread started".to_owned(), cut(started.thread_id.as_str()));
            }
            ThreadEvent::TurnStarted(_) => self.note(at, "turn started".to_owned(), String::new()),
            ThreadEvent::TurnCompleted(_) => self.note(at, "turn completed".to_owned(), String::new()),
            ThreadEvent::TurnFailed(failed) => {
                self.note(at, "turn failed".to_owned(), cut(&failed.error.message));
            }
            ThreadEvent::Error(error) => self.note(at, "error".to_owned(), cut(&error.message)),
            ThreadEvent::Unknown(_) | _ => {
                self.note(at, format!("unknown event {}", cut(event.name())), String::new());
            }
        }
    }

    fn note(&mut self, at: Timestamp, what: String, result: String) {
        self.entries.push(TimelineEntry { start: at, end: EntryEnd::Instant, what, result });
    }

    fn observe_item(&mut self, at: Timestamp, phase: ItemPhase, item: &ThreadItem) {
        let id = item.id.as_str();
        let at_entry = self.open.get(id).copied().unwrap_or(self.entries.len());
        if at_entry == self.entries.len() {
            let end = if phase == ItemPhase::Completed { EntryEnd::Instant } else { EntryEnd::Open };
            self.entries.push(TimelineEntry { start: at, end, what: String::new(), result: String::new() });
            self.open.insert(id.to_owned(), at_entry);
        }
        let entry = &mut self.entries[at_entry];
        // What an item is can be told better in the end: a search is begun without its words.
        entry.what = item::what(item, self.project.as_deref());
        entry.result = item::result(item);
        if phase == ItemPhase::Completed {
            if entry.end == EntryEnd::Open {
                entry.end = EntryEnd::At(at);
            }
            self.open.remove(id);
        }
    }

    pub(super) fn write_head(&self, number: u64, text: &mut String) {
        let _ = writeln!(text, "turn {number}, started {}", utc_millis(self.started));
        text.push_str("\n     start    duration  item: result\n");
        if self.entries.is_empty() {
            text.push_str("  no lines\n");
        }
        for entry in &self.entries {
            let offset = seconds(self.started, entry.start);
            let duration = match entry.end {
                EntryEnd::Instant | EntryEnd::Open => "-".to_owned(),
                EntryEnd::At(end) => seconds(entry.start, end),
            };
            let result = match (entry.end, entry.result.as_str()) {
                (EntryEnd::Open, _) => ": not completed".to_owned(),
                (_, "") => String::new(),
                (_, result) => format!(": {result}"),
            };
            let _ = writeln!(text, "{:>10}  {duration:>10}  {}{result}", format!("+{offset}"), entry.what);
        }
    }
}

pub(super) fn write_interrupted(known: Option<(&RolloutSummary, &TurnSummary)>, text: &mut String) {
    write_unseen(known, text);
    let rollout = known.map(|(rollout, _)| rollout);
    let mut usage = TurnUsage::default();
    if let Some(total) = rollout.and_then(RolloutSummary::thread_usage) {
        usage = usage.with_thread(total);
    }
    if let Some(share) = rollout.and_then(RolloutSummary::turn_usage) {
        usage = usage.with_turn(share, UsageSource::Rollout);
    }
    write_usage(&usage, text);
    text.push_str("verdict: none, the turn was interrupted\n");
}

pub(super) fn write_end(end: &TurnEnd, summary: &TurnSummary, text: &mut String) {
    write_unseen(end.rollout.as_ref().map(|rollout| (rollout, summary)), text);
    write_usage(&end.usage, text);
    let _ = writeln!(text, "process: {}", process(&end.transport));
    let elapsed = end.elapsed;
    let _ = writeln!(text, "elapsed: {}.{:03}s", elapsed.as_secs(), elapsed.subsec_millis());
    let _ = writeln!(text, "verdict: {}", cut(&end.verdict.to_string()));
}

/// Names what the stream left out, which is not the same as what there was besides.
fn write_unseen(known: Option<(&RolloutSummary, &TurnSummary)>, text: &mut String) {
    let Some((rollout, summary)) = known else {
        text.push_str("\nleft out by the stream: unknown, the thread's own file was not read\n");
        return;
    };
    let unseen = rollout.unseen_calls(summary);
    if unseen.is_empty() {
        text.push_str("\nleft out by the stream, as the thread's own file has it: nothing\n");
    } else {
        text.push_str("\nleft out by the stream, as the thread's own file has it:\n");
    }
    for call in unseen {
        let _ = writeln!(text, "  {}", unseen_call(call));
    }
    if rollout.unreadable() > 0 {
        let _ = writeln!(text, "  and {} lines that could not be read", rollout.unreadable());
    }
}

fn unseen_call(call: &RolloutCall) -> String {
    let arguments = cut(&call.arguments);
    let output = call.output.as_deref().map(cut).filter(|output| !output.is_empty());
    let result = match (&call.output, output) {
        (_, Some(output)) => output,
        (Some(_), None) => "no output".to_owned(),
        (None, None) => "no answer before the turn ended".to_owned(),
    };
    format!("{} {arguments}: {result}", cut(&call.name))
}

fn write_usage(usage: &TurnUsage, text: &mut String) {
    let source = match usage.source {
        Some(UsageSource::Stream) => ", from the stream",
        Some(UsageSource::Rollout) => ", from the thread's own file",
        Some(_) | None => "",
    };
    let _ = writeln!(text, "\nusage of the turn: {}{source}", tokens(usage.turn));
    let _ = writeln!(text, "usage of the thread: {}", tokens(usage.thread));
}

fn tokens(usage: Option<Usage>) -> String {
    let Some(usage) = usage else { return "unknown".to_owned() };
    let part = |number: Option<u64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    format!(
        "{} input ({} cached, {} written to the cache), {} output ({} reasoning)",
        usage.input_tokens,
        usage.cached_input_tokens,
        part(usage.cache_write_input_tokens),
        usage.output_tokens,
        part(usage.reasoning_output_tokens),
    )
}

fn process(end: &TransportEnd) -> String {
    let how = match end.process {
        ProcessFate::Ended(exit) => exit_text(exit),
        ProcessFate::Unreaped => "still alive when it was given up".to_owned(),
        ProcessFate::Serving => "a server, which goes on".to_owned(),
        ProcessFate::ServerEnded(exit) => {
            format!("a server, which ended before the turn: {}", exit_text(exit))
        }
        ProcessFate::Unknown | _ => "unknown".to_owned(),
    };
    let why = match end.stop {
        None => return how,
        Some(StopCause::Cancelled) => "cancelled",
        Some(StopCause::Interrupted) => "interrupted",
        Some(StopCause::TotalLimit) => "the limit on the whole duration",
        Some(StopCause::IdleLimit) => "the limit on silence",
        Some(StopCause::SettleLimit) => "the limit after the last word",
        Some(StopCause::ConsumerGone) => "nobody read its lines",
        Some(StopCause::Budget) => "a budget",
        Some(_) => "another cause",
    };
    format!("{how}, asked to stop: {why}")
}

fn exit_text(exit: ExitKind) -> String {
    match exit {
        ExitKind::Code(code) => format!("exit code {code}"),
        ExitKind::Signal(signal) => format!("signal {signal}"),
    }
}

/// The time between two moments in seconds; none at all where a clock was set back.
fn seconds(from: Timestamp, to: Timestamp) -> String {
    let milliseconds = to.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    format!("{}.{:03}s", milliseconds / 1000, milliseconds % 1000)
}
