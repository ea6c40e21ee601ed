//! [`Problem`]: what is wrong with a context or a pipeline, where, and what to do about it.

use std::fmt;

use serde::Serialize;

use codex_ledger::texts::markdown::one_line;

/// Says what is wrong with a context or a pipeline, in one sentence with its place and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Problem {
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// The file, relative to the project, or what stands for it.
    pub file: String,
    /// The line in it, counted from 1; `None` where it is about the whole file.
    pub line: Option<u64>,
    /// What is wrong.
    pub sentence: String,
    /// What to do about it.
    pub way_out: String,
}

impl Problem {
    pub(crate) fn new(
        code: ProblemCode,
        file: impl Into<String>,
        line: impl Into<Option<u64>>,
        sentence: impl Into<String>,
        way_out: impl Into<String>,
    ) -> Self {
        Self {
            code,
            file: file.into(),
            line: line.into(),
            sentence: sentence.into(),
            way_out: way_out.into(),
        }
    }
}

/// Writes `FILE:LINE: SENTENCE; WAY OUT` on one line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}; {}", one_line(&self.sentence), one_line(&self.way_out))
    }
}

impl std::error::Error for Problem {}

/// Names the kind of a [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// A file that is needed is not there.
    MissingFile,
    /// A file cannot be read, or is no plain file.
    Unreadable,
    /// A file, a value or a list is longer than its limit.
    TooLong,
    /// A file is not UTF-8.
    NotUtf8,
    /// A path leads out of the folders that may be read.
    Outside,
    /// A path has a `..`.
    ParentPart,
    /// A `${` is not closed.
    Unterminated,
    /// One name is defined twice.
    DuplicateName,
    /// Variables refer to each other in a circle.
    Cycle,
    /// A variable refers to itself, and no value from outside is known.
    NoOuterValue,
    /// Nothing is known by a name; the reference stays as it is.
    UnknownName,
    /// A name or key could mean several things.
    Ambiguous,
    /// A definition is none, or is written in a way that is not read.
    Ignored,
    /// A value is a sentence and not a value; it stays as it is.
    Prose,
    /// Two places that should agree do not.
    Differs,
    /// The pattern in force cannot be found.
    NoPattern,
    /// There is no pipeline file, or no item in it.
    EmptyPipeline,
    /// No task file or agent fits an item.
    NoTask,
    /// A schema of the domain is not there.
    MissingSchema,
    /// An input of a task is not there (yet).
    MissingInput,
}

/// The most problems, and the most warnings, that are listed of one file.
const LISTED: usize = 1_000;

/// Adds a problem to a list, unless the list is long enough to show that all of it is wrong.
pub(crate) fn keep(list: &mut Vec<Problem>, problem: Problem) {
    if list.len() < LISTED {
        list.push(problem);
    }
}

/// The most characters of a text that a sentence quotes.
const QUOTED_CHARACTERS: usize = 120;

/// A text of others within a sentence: on one line, of bounded length, between backticks.
pub(crate) fn quoted(text: &str) -> String {
    let start: String = text.chars().take(QUOTED_CHARACTERS).collect();
    let dots = if start.len() < text.len() { "…" } else { "" };
    format!("`{}{dots}`", one_line(&start))
}
