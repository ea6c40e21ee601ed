//! [`turn_sections`]: what was asked and what was answered, turn after turn.

use std::fmt::Write as _;

use crate::texts::markdown::{one_line, visible};

/// Holds the text of one Codex turn of a record, for `logs/llm_prompt.txt` or `logs/llm_response.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TurnSection<'a> {
    /// When the turn began, as the record writes times.
    pub started_at: &'a str,
    /// The thread, where it is known.
    pub thread_id: Option<&'a str>,
    /// What was asked or answered; `None` where there is no answer.
    pub text: Option<&'a str>,
}

impl<'a> TurnSection<'a> {
    /// A section of a turn whose thread is not known, and that has no text.
    pub fn new(started_at: &'a str) -> Self {
        Self { started_at, thread_id: None, text: None }
    }

    /// Names the thread.
    #[must_use = "this returns the changed section"]
    pub fn thread_id(mut self, thread_id: &'a str) -> Self {
        self.thread_id = Some(thread_id);
        self
    }

    /// Adds the text.
    #[must_use = "this returns the changed section"]
    pub fn text(mut self, text: &'a str) -> Self {
        self.text = Some(text);
        self
    }
}

/// Writes one headed section for each turn.
///
/// The heading counts the bytes of the text, so that a text that looks like a heading deceives nobody.
///
/// ```
/// use codex_ledger::texts::{TurnSection, turn_sections};
///
/// let text = turn_sections(&[TurnSection::new("2025-09-05T17:42:10Z").text("Fix it.")]);
/// assert_eq!(text, "=== turn 1 of 1, 2025-09-05T17:42:10Z, thread unknown, 7 bytes ===\nFix it.\n");
/// ```
pub fn turn_sections(sections: &[TurnSection<'_>]) -> String {
    let mut written = String::new();
    for (number, section) in (1..).zip(sections) {
        let separator = if number == 1 { "" } else { "\n" };
        let thread = section.thread_id.map_or_else(|| "unknown".to_owned(), one_line);
        let text = section.text.map(visible);
        let length = match &text {
            Some(text) => format!("{} bytes", text.len()),
            None => "no text".to_owned(),
        };
        let started = one_line(section.started_at);
        let count = sections.len();
        let _ = writeln!(
            written,
            "{separator}=== turn {number} of {count}, {started}, thread {thread}, {length} ==="
        );
        if let Some(text) = text {
            written.push_str(&text);
            if !text.ends_with('\n') {
                written.push('\n');
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turn_has_a_section_and_what_cannot_be_seen_is_visible() {
        let sections = [
            TurnSection::new("2025-09-05T17:42:10Z").thread_id("0199a213").text("one\u{1b}[31m\n"),
            TurnSection::new("2025-09-05T17:43:00Z").text("=== turn 3 of 3 ==="),
            TurnSection::new("2025-09-05T17:44:00Z"),
        ];
        insta::assert_snapshot!(turn_sections(&sections));
    }

    #[test]
    fn no_turns_are_an_empty_text() {
        assert_eq!(turn_sections(&[]), "");
    }
}
