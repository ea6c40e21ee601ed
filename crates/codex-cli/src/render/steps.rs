//! [`RunTranscript`]: what is told of a run of turns while it lasts, from its events alone.

use std::path::PathBuf;
use std::time::Duration;

use codex_protocol::{TurnSummary, Verdict};
use codex_turn::{AutoRunEvent, CheckOutcome, CheckReport, Spent, StepKind, StepReport};

use super::closing::{grouped, short, usage_text};
use super::line::{Line, Tone};
use super::status::seconds;
use super::transcript::Transcript;

/// How many lines of a check that does not pass are shown.
const SHOWN_LINES: usize = 8;

/// Tells a run event by event: each gives the lines to print for it.
///
/// It knows no terminal and no clock; times are given to it.
#[derive(Debug, Default)]
pub(crate) struct RunTranscript {
    root: PathBuf,
    budget_tokens: Option<u64>,
    /// What the run is a part of.
    within: String,
    /// Which step of how many.
    place: String,
    doing: Doing,
    spent: Spent,
}

/// What is going on right now.
#[derive(Debug, Default)]
enum Doing {
    #[default]
    Nothing,
    Turn {
        transcript: Box<Transcript>,
        summary: Box<TurnSummary>,
        since: Duration,
    },
    Check {
        name: String,
        since: Duration,
    },
    Wait {
        attempt: u32,
        until: Duration,
    },
}

impl RunTranscript {
    /// Begins to tell a run in this directory, with this budget of tokens.
    pub(crate) fn new(root: PathBuf, budget_tokens: Option<u64>) -> Self {
        Self { root, budget_tokens, ..Self::default() }
    }

    /// Says in the status line what the run is a part of.
    pub(crate) fn within(mut self, whole: &str) -> Self {
        self.within = format!("{whole} · ");
        self
    }

    /// Tells one event; `at` is the time since the start of the run.
    pub(crate) fn observe(&mut self, event: &AutoRunEvent, at: Duration) -> Vec<Line> {
        if let AutoRunEvent::Stopped { .. } = event {
            self.doing = Doing::Nothing;
        }
        match event {
            AutoRunEvent::StepStarted { step, max_turns, kind, .. } => {
                self.place = format!("step {step} of {max_turns}");
                let transcript = Box::new(Transcript::new(self.root.clone()));
                self.doing = Doing::Turn { transcript, summary: Box::default(), since: at };
                vec![Line::new(Tone::Strong, &self.place).and(Tone::Dim, why(*kind))]
            }
            AutoRunEvent::Line { line, .. } => {
                let Doing::Turn { transcript, summary, since } = &mut self.doing else { return Vec::new() };
                summary.observe(line);
                transcript.observe(line, summary, at.saturating_sub(*since))
            }
            AutoRunEvent::StepEnded { step, spent, .. } => {
                self.spent = *spent;
                let mut lines = match std::mem::take(&mut self.doing) {
                    Doing::Turn { mut transcript, summary, .. } => transcript.finish(&summary),
                    Doing::Nothing | Doing::Check { .. } | Doing::Wait { .. } => Vec::new(),
                };
                lines.extend(self.ended(step));
                lines
            }
            AutoRunEvent::CheckStarted { name, .. } => {
                self.doing = Doing::Check { name: name.clone(), since: at };
                Vec::new()
            }
            AutoRunEvent::CheckEnded { check, .. } => {
                self.doing = Doing::Nothing;
                checked(check)
            }
            AutoRunEvent::RetryScheduled { attempt, kind, wait, .. } => {
                self.doing = Doing::Wait { attempt: *attempt, until: at.saturating_add(*wait) };
                let text = format!("! retry {attempt} in {}{}", seconds(*wait), why(*kind));
                vec![Line::new(Tone::Warning, &text)]
            }
            AutoRunEvent::Stopped { .. } | _ => Vec::new(),
        }
    }

    /// The line that says what is going on at a time since the start of the run.
    pub(crate) fn status(&self, at: Duration) -> Line {
        let place = Line::new(Tone::Strong, &self.within)
            .and(Tone::Strong, &self.place)
            .and(Tone::Dim, &format!(" · {} · ", short_spent(&self.spent)));
        match &self.doing {
            Doing::Turn { transcript, since, .. } => {
                place.followed_by(transcript.status(at.saturating_sub(*since)))
            }
            Doing::Check { name, since } => {
                let took = format!(" ({})", seconds(at.saturating_sub(*since)));
                place.and(Tone::Plain, "check: ").and_long(name).and(Tone::Dim, &took)
            }
            Doing::Wait { attempt, until } => {
                let left = seconds(until.saturating_sub(at));
                place.and(Tone::Warning, &format!("retry {attempt} in {left}"))
            }
            Doing::Nothing => place,
        }
    }

    fn ended(&self, step: &StepReport) -> Vec<Line> {
        let Some(turn) = step.turn.as_deref() else { return Vec::new() };
        let tone = if step.is_completed() { Tone::Good } else { Tone::Bad };
        let first = Line::new(tone, &format!("turn {}", short(&turn.verdict)))
            .and(Tone::Plain, &format!(" in {}", seconds(turn.duration)))
            .and(Tone::Dim, &format!("  {} so far; ", spent_text(&self.spent, self.budget_tokens)))
            .and(Tone::Dim, &usage_text(&turn.usage));
        let mut lines = vec![first];
        if let Verdict::Failed(failure) = &turn.verdict {
            lines.push(Line::new(Tone::Bad, &format!("! {}", failure.message)));
        }
        lines
    }
}

/// What a run has used, and what it may use; what is not known is called so, never nothing.
pub(crate) fn spent_text(spent: &Spent, budget_tokens: Option<u64>) -> String {
    let of = budget_tokens.map(|budget| format!(" of {}", grouped(budget))).unwrap_or_default();
    let known = format!("{}{of} tokens", grouped(spent.tokens));
    match spent.unknown_turns {
        0 => known,
        _ if is_unknown(spent) => format!("unknown{of} tokens"),
        1 => format!("{known}, and a turn of unknown use"),
        unknown => format!("{known}, and {unknown} turns of unknown use"),
    }
}

/// The same in few columns; a plus stands for what is not known.
fn short_spent(spent: &Spent) -> String {
    match spent.unknown_turns {
        0 => format!("{} tokens", grouped(spent.tokens)),
        _ if is_unknown(spent) => "tokens unknown".to_owned(),
        _ => format!("{}+ tokens", grouped(spent.tokens)),
    }
}

fn is_unknown(spent: &Spent) -> bool {
    spent.unknown_turns == spent.turns && spent.turns > 0 && spent.tokens == 0
}

fn why(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Continued => ", because a check does not pass",
        StepKind::RetrySamePrompt => ", with the same prompt",
        StepKind::RetryAfterWork => ", going on after what was done",
        StepKind::First | _ => "",
    }
}

fn checked(check: &CheckReport) -> Vec<Line> {
    let took = format!(" ({})", seconds(check.elapsed));
    let CheckOutcome::Failed { output, .. } = &check.outcome else {
        return vec![Line::new(Tone::Good, "✓ ").and_long(&check.name).and(Tone::Dim, &took)];
    };
    let mut said = output.lines().filter(|line| !line.trim().is_empty());
    let how = said.next().map(|how| format!(" → {how}")).unwrap_or_default();
    let first = Line::new(Tone::Bad, "✗ ").and_long(&check.name).and(Tone::Bad, &how).and(Tone::Dim, &took);
    let said: Vec<&str> = said.collect();
    let shown = &said[said.len().saturating_sub(SHOWN_LINES)..];
    let shown = shown.iter().map(|text| Line::new(Tone::Dim, &format!("  | {text}")));
    std::iter::once(first).chain(shown).collect()
}
