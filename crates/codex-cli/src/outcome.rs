//! [`Outcome`]: what a turn comes to for the one who started it: a code, words, and a report.

use std::time::Duration;

use codex_protocol::{Limit, TurnSummary, Verdict};
use codex_turn::TurnResult;

use crate::exit_code::Code;
use crate::failure::hint;
use crate::failure::{CliError, error_line, hint_line, warning_line};
use crate::interrupts::Interrupt;
use crate::render::{Closing, Line, Resumption, Tone, short};
use crate::result_file::TurnObject;
use crate::show::Pace;

/// How many processes or calls are named one by one.
const NAMED: usize = 8;

/// What a turn, or more than one, comes to for the one who started it.
#[derive(Debug)]
pub(crate) struct Outcome<R = TurnObject> {
    pub(crate) code: Code,
    /// The answer of a turn that completed.
    pub(crate) answer: Option<String>,
    /// What is good to know.
    pub(crate) notes: Vec<Line>,
    /// Verdict, duration, tokens, how to go on.
    pub(crate) closing: Vec<Line>,
    /// What went wrong and what to do.
    pub(crate) problems: Vec<Line>,
    pub(crate) report: R,
}

impl Outcome {
    /// A turn that came to an end.
    pub(crate) fn ended(
        result: &TurnResult,
        interrupt: Option<Interrupt>,
        pace: Pace,
        options: Option<Vec<String>>,
    ) -> Self {
        let code = Code::of_verdict(&result.verdict, interrupt);
        let verdict = &result.verdict;
        let mut report = TurnObject::ended(result, code);
        let duration = Some(result.duration).filter(|_| pace == Pace::Live);
        if duration.is_none() {
            report.duration_ms = None;
        }
        let thread = result.thread_id.clone().filter(codex_protocol::ThreadId::is_uuid);
        let resumption = thread.zip(options).map(|(thread, options)| Resumption { thread, options });
        let closing = Closing {
            verdict: &short(verdict),
            tone: tone(verdict),
            duration,
            usage: &result.usage,
            resumption: resumption.as_ref(),
        };
        let answer = result.final_response().filter(|_| verdict.is_completed());
        Self {
            code,
            answer: answer.map(str::to_owned),
            notes: notes(result),
            closing: closing.lines(),
            problems: problems(verdict),
            report,
        }
    }

    /// A turn that did not start.
    pub(crate) fn not_started(failure: &CliError, interrupt: Option<Interrupt>) -> Self {
        let code = failure.code(interrupt);
        Self {
            code,
            answer: None,
            notes: Vec::new(),
            closing: Vec::new(),
            problems: failure.lines(),
            report: TurnObject::not_started(failure.to_string(), code),
        }
    }

    /// A turn that was killed by a second signal.
    pub(crate) fn abandoned(summary: &TurnSummary, interrupt: Option<Interrupt>, duration: Duration) -> Self {
        let code = Code::of_interrupt(interrupt);
        Self {
            code,
            answer: None,
            notes: Vec::new(),
            closing: Vec::new(),
            problems: vec![error_line("the turn was killed before codex had stopped")],
            report: TurnObject::abandoned(summary, code, duration),
        }
    }
}

fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Completed => Tone::Good,
        Verdict::Interrupted | Verdict::Cancelled | Verdict::TimedOut { .. } | Verdict::Budget { .. } => {
            Tone::Warning
        }
        Verdict::Failed(_) | Verdict::Truncated | Verdict::Killed { .. } | Verdict::Exited { .. } | _ => {
            Tone::Bad
        }
    }
}

fn problems(verdict: &Verdict) -> Vec<Line> {
    let text = match verdict {
        Verdict::Completed | Verdict::Interrupted | Verdict::Cancelled => return Vec::new(),
        Verdict::Failed(failure) => format!("the turn failed: {}", failure.message),
        Verdict::Truncated => "codex ended without saying that the turn is over".to_owned(),
        Verdict::Killed { signal, .. } => format!("codex was killed by signal {signal}"),
        Verdict::Exited { code, .. } => format!("codex exited with code {code}"),
        Verdict::TimedOut { limit: Limit::Idle, .. } => "the turn printed nothing for too long".to_owned(),
        Verdict::TimedOut { .. } => "the turn took too long".to_owned(),
        Verdict::Budget { .. } | _ => format!("the turn is {verdict}"),
    };
    let mut lines = vec![error_line(&text)];
    lines.extend(hint::of_verdict(verdict).map(|hint| hint_line(&hint)));
    lines
}

pub(crate) fn notes(result: &TurnResult) -> Vec<Line> {
    let mut notes = Vec::new();
    if let [_, ..] = result.leftovers() {
        let named: Vec<String> = result.leftovers().iter().take(NAMED).map(u32::to_string).collect();
        let count = result.leftovers().len();
        notes.push(warning_line(&format!(
            "{count} {} outlived codex and {} killed: {}{}",
            if count == 1 { "process" } else { "processes" },
            if count == 1 { "was" } else { "were" },
            named.join(", "),
            if count > NAMED { ", ..." } else { "" },
        )));
    }
    if let Some(unseen @ [_, ..]) = result.unseen_calls().as_deref() {
        let named: Vec<&str> = unseen.iter().take(NAMED).map(|call| call.name.as_str()).collect();
        let count = unseen.len();
        notes.push(warning_line(&format!(
            "{count} tool {} left no event (refused, denied, or failed at once): {}{}",
            if count == 1 { "call" } else { "calls" },
            named.join(", "),
            if count > NAMED { ", ..." } else { "" },
        )));
    }
    if let Some(names @ [_, ..]) = result.unconfirmed().map(|lines| lines.names()).as_deref() {
        notes.push(warning_line(&format!(
            "{} of the lines {} not in Codex's own record of the turn, so that another process may have written {}: {}{}",
            names.len(),
            if names.len() == 1 { "is" } else { "are" },
            if names.len() == 1 { "it" } else { "them" },
            names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", "),
            if names.len() > NAMED { ", ..." } else { "" },
        )));
    }
    if result.end.dropped_lines > 0 {
        let (lines, bytes) = (result.end.dropped_lines, result.end.dropped_bytes);
        notes.push(warning_line(&format!(
            "{lines} lines ({bytes} bytes) came after the stop and were dropped"
        )));
    }
    notes
}
