//! [`Closing`]: the last lines of a turn: verdict, duration, tokens, and how to go on.

use std::time::Duration;

use codex_protocol::{ThreadId, TurnUsage, Usage, Verdict};

use super::line::{Line, Tone};
use super::status::seconds;

/// What the last lines tell.
#[derive(Debug)]
pub(crate) struct Closing<'a> {
    /// How the turn ended, for people.
    pub(crate) verdict: &'a str,
    /// Whether that is a success.
    pub(crate) tone: Tone,
    /// How long it took; `None` where nobody measured it.
    pub(crate) duration: Option<Duration>,
    /// What it used.
    pub(crate) usage: &'a TurnUsage,
    /// How the thread is resumed, if it can be.
    pub(crate) resumption: Option<&'a Resumption>,
}

/// How a thread is resumed: with the options of this turn, because Codex remembers none.
#[derive(Debug)]
pub(crate) struct Resumption {
    /// The thread.
    pub(crate) thread: ThreadId,
    /// The options to name again, each an argument.
    pub(crate) options: Vec<String>,
}

impl Closing<'_> {
    /// The lines.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let time = self.duration.map(|time| format!(" in {}", seconds(time))).unwrap_or_default();
        let first = Line::new(self.tone, self.verdict)
            .and(Tone::Plain, &time)
            .and(Tone::Dim, &format!("  tokens: {}", usage_text(self.usage)));
        let resume = self.resumption.map(Resumption::line);
        std::iter::once(first).chain(resume).collect()
    }
}

impl Resumption {
    /// The line that tells it.
    pub(crate) fn line(&self) -> Line {
        Line::new(Tone::Dim, &self.text())
    }

    fn text(&self) -> String {
        let mut words = vec!["resume: codex-turns run --resume".to_owned(), self.thread.to_string()];
        words.extend(self.options.iter().map(|option| quoted(option)));
        words.push("PROMPT".to_owned());
        words.join(" ")
    }
}

/// The verdict without the message of a failure, which has a line of its own.
pub(crate) fn short(verdict: &Verdict) -> String {
    if matches!(verdict, Verdict::Failed(_)) { verdict.word().to_owned() } else { verdict.to_string() }
}

/// What is not known is called so, never nothing.
pub(super) fn usage_text(usage: &TurnUsage) -> String {
    let thread = usage.thread.map_or_else(|| "unknown".to_owned(), |usage| grouped(usage.total()));
    let turn = usage.turn.map_or_else(|| "unknown".to_owned(), |usage| parts(&usage));
    format!("turn {turn}, thread {thread}")
}

fn parts(usage: &Usage) -> String {
    let cached = match usage.cached_input_tokens {
        0 => String::new(),
        cached => format!(", {} of them cached", grouped(cached)),
    };
    let (input, output) = (grouped(usage.input_tokens), grouped(usage.output_tokens));
    format!("{} ({input} in{cached}, {output} out)", grouped(usage.total()))
}

pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// As a shell takes it for one argument.
fn quoted(argument: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use codex_protocol::UsageSource;
    use rstest::rstest;

    use super::*;

    fn text(usage: &TurnUsage, resumption: Option<&Resumption>) -> String {
        let closing = Closing {
            verdict: "completed",
            tone: Tone::Good,
            duration: Some(Duration::from_millis(4_200)),
            usage,
            resumption,
        };
        closing.lines().iter().map(Line::text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_unknown_is_called_unknown() {
        assert_eq!(
            text(&TurnUsage::default(), None),
            "completed in 4.2s  tokens: turn unknown, thread unknown"
        );
    }

    #[test]
    fn a_turn_and_its_thread_are_told_apart() {
        let mut turn = Usage::new(1_000, 50);
        turn.cached_input_tokens = 800;
        let usage =
            TurnUsage::default().with_thread(Usage::new(1_234_567, 80)).with_turn(turn, UsageSource::Rollout);
        assert_eq!(
            text(&usage, None),
            "completed in 4.2s  tokens: turn 1,050 (1,000 in, 800 of them cached, 50 out), thread 1,234,647"
        );
    }

    #[test]
    fn the_options_of_a_thread_are_named_again() {
        let resumption = Resumption {
            thread: ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a53").unwrap(),
            options: vec!["-C".to_owned(), "it's here".to_owned()],
        };
        let text = text(&TurnUsage::default(), Some(&resumption));
        let resume = text.lines().nth(1).unwrap();
        assert_eq!(
            resume,
            "resume: codex-turns run --resume 0199a213-81c0-7800-8aa1-bbab2a035a53 -C 'it'\\''s here' PROMPT"
        );
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1_000, "1,000")]
    #[case(1_234_567, "1,234,567")]
    fn numbers_are_grouped(#[case] number: u64, #[case] expected: &str) {
        assert_eq!(grouped(number), expected);
    }
}
