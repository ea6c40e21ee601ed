//! [`Prompt`]: what the agent is asked, and which texts Codex would refuse.

use std::fmt;

use crate::InvocationError;

/// The most characters (Unicode scalar values) that Codex takes as one prompt.
pub const PROMPT_LIMIT_CHARACTERS: usize = 1_048_576;

/// The text of one turn's request. Debug output shows its length alone: prompts do not belong into logs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Prompt(String);

impl Prompt {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_blank(&self) -> bool {
        // Codex removes a byte order mark before it looks at the text.
        self.0.trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// Refuses what Codex would refuse, the second case only after it has opened a thread.
    pub(crate) fn check(&self) -> Result<(), InvocationError> {
        if self.is_blank() {
            return Err(InvocationError::BlankPrompt);
        }
        // A character takes at least one byte, so that short texts need not be counted.
        if self.0.len() > PROMPT_LIMIT_CHARACTERS {
            let characters = self.0.chars().count();
            if characters > PROMPT_LIMIT_CHARACTERS {
                return Err(InvocationError::LongPrompt { characters });
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prompt({} characters)", self.0.chars().count())
    }
}
