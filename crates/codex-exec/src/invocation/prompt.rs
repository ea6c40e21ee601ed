//! [`Prompt`]: what the agent is asked, and how long that may be.

use std::fmt;

/// The most characters (Unicode scalar values) that Codex takes as one prompt.
pub const PROMPT_LIMIT_CHARACTERS: usize = 1_048_576;

/// The text of one turn's request. Debug output shows its length alone: prompts do not belong into logs.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Prompt(String);

impl Prompt {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn is_blank(&self) -> bool {
        // Codex removes a byte order mark before it looks at the text.
        self.0.trim_start_matches('\u{feff}').trim().is_empty()
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prompt({} characters)", self.0.chars().count())
    }
}
