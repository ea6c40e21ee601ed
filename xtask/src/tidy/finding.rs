//! [`RuleFinding`]: one place that breaks one rule.

use std::fmt;

/// Prints as `path:line: rule: sentence`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RuleFinding {
    path: String,
    line: usize,
    rule: &'static str,
    sentence: String,
}

impl RuleFinding {
    /// The line is counted from 1.
    pub(super) fn new(path: &str, line: usize, rule: &'static str, sentence: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, sentence: sentence.into() }
    }

    #[cfg(test)]
    pub(super) fn rule(&self) -> &'static str {
        self.rule
    }
}

impl fmt::Display for RuleFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.sentence)
    }
}
