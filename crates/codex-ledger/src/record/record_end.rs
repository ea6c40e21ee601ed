//! [`RecordEnd`]: what the caller observed after the last turn of a record.

use jiff::Timestamp;

use crate::manifest::{CheckStatus, PurgedFile, RecordState, TaskEntry, Violation};
use crate::texts::{AdrText, ContextValue};

/// Says what the caller observed after the last turn of a record.
///
/// ```
/// use codex_ledger::{CheckResult, CheckStatus, RecordEnd};
///
/// let end = RecordEnd::new().tests(CheckResult::new(CheckStatus::Passed));
/// assert_eq!(end.tests.unwrap().status, CheckStatus::Passed);
/// assert!(end.lint.is_none(), "then the record says that it did not run");
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RecordEnd {
    /// What the tests came to, and the `JUnit` files that they wrote.
    pub tests: Option<CheckResult>,
    /// What the linters came to.
    pub lint: Option<CheckResult>,
    /// What measuring the coverage came to, and the reports that it wrote.
    pub coverage: Option<CheckResult>,
    /// How the record ends, where it is not as the last turn's verdict says.
    pub state: Option<StateOverride>,
    /// The tasks, where they are not the one of the header.
    pub tasks: Vec<TaskEntry>,
    /// The values of the contexts, where more is known of them than when the record was opened.
    pub context: Option<Vec<ContextValue>>,
    /// Programs and tools that took part, besides those that the lines name.
    pub tools: Vec<String>,
    /// What was done, for the change log; where nobody says, it is the agent's final message, that of each task.
    pub statement_of_work: Option<String>,
    /// The text of the decision record; where nobody says, it is derived.
    pub adr: Option<AdrText>,
    /// What the change log says about these two texts, such as why the agent's report could not be used.
    pub report_notes: Vec<String>,
    /// The text of `project-files.md`.
    pub project_files: Option<String>,
    /// Whether the record holds the files that were added or modified as `project-files.md`, where nobody gives a text.
    pub lists_changed_files: bool,
    /// Files of earlier records that were removed.
    pub purged: Vec<PurgedFile>,
    /// What the caller saw that should not have happened, besides what the ledger finds itself.
    pub violations: Vec<Violation>,
}

impl RecordEnd {
    /// Nothing was checked, and the verdict on the last turn says how the record ends.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the tests came to.
    #[must_use = "this returns the changed end"]
    pub fn tests(mut self, report: CheckResult) -> Self {
        self.tests = Some(report);
        self
    }

    /// Adds what the linters came to.
    #[must_use = "this returns the changed end"]
    pub fn lint(mut self, report: CheckResult) -> Self {
        self.lint = Some(report);
        self
    }

    /// Adds what measuring the coverage came to.
    #[must_use = "this returns the changed end"]
    pub fn coverage(mut self, report: CheckResult) -> Self {
        self.coverage = Some(report);
        self
    }

    /// Ends the record so, whatever the verdict on the last turn.
    #[must_use = "this returns the changed end"]
    pub fn state(mut self, state: RecordState, reason: impl Into<String>) -> Self {
        self.state = Some(StateOverride { state, reason: reason.into() });
        self
    }

    /// Adds a task.
    #[must_use = "this returns the changed end"]
    pub fn task(mut self, task: TaskEntry) -> Self {
        self.tasks.push(task);
        self
    }

    /// Gives the values of the contexts once more, now that all is known.
    #[must_use = "this returns the changed end"]
    pub fn context(mut self, values: Vec<ContextValue>) -> Self {
        self.context = Some(values);
        self
    }

    /// Says what was done.
    #[must_use = "this returns the changed end"]
    pub fn statement_of_work(mut self, text: impl Into<String>) -> Self {
        self.statement_of_work = Some(text.into());
        self
    }

    /// Gives the text of the decision record.
    #[must_use = "this returns the changed end"]
    pub fn adr(mut self, text: AdrText) -> Self {
        self.adr = Some(text);
        self
    }

    /// Adds a sentence about where the two texts come from.
    #[must_use = "this returns the changed end"]
    pub fn report_note(mut self, sentence: impl Into<String>) -> Self {
        self.report_notes.push(sentence.into());
        self
    }

    /// Gives the text of `project-files.md`.
    #[must_use = "this returns the changed end"]
    pub fn project_files(mut self, text: impl Into<String>) -> Self {
        self.project_files = Some(text.into());
        self
    }

    /// Lets the record hold the files that were added or modified as `project-files.md`: each in a fence, without
    /// secrets; what is binary or too long is named.
    #[must_use = "this returns the changed end"]
    pub fn list_changed_files(mut self) -> Self {
        self.lists_changed_files = true;
        self
    }

    /// Names a file of an earlier record that was removed.
    #[must_use = "this returns the changed end"]
    pub fn purged(mut self, file: PurgedFile) -> Self {
        self.purged.push(file);
        self
    }

    /// Names something that should not have happened.
    #[must_use = "this returns the changed end"]
    pub fn violation(mut self, violation: Violation) -> Self {
        self.violations.push(violation);
        self
    }
}

/// Says how a record ends, whatever the verdict on its last turn.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateOverride {
    /// How it ends.
    pub state: RecordState,
    /// Why, in a word.
    pub reason: String,
}

/// Says what a command came to, and which reports it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckResult {
    /// What the command came to.
    pub status: CheckStatus,
    /// The reports that were found; those that are older than the record do not count.
    pub files: Vec<ReportFile>,
}

impl CheckResult {
    /// A command that wrote no report.
    pub fn new(status: CheckStatus) -> Self {
        Self { status, files: Vec::new() }
    }

    /// Adds a report.
    #[must_use = "this returns the changed report"]
    pub fn file(mut self, file: ReportFile) -> Self {
        self.files.push(file);
        self
    }
}

/// Holds a report as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportFile {
    /// Where it was, relative to the project root.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When it was written.
    pub modified: Timestamp,
}

impl ReportFile {
    /// Takes all of it.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>, modified: Timestamp) -> Self {
        Self { name: name.into(), bytes: bytes.into(), modified }
    }
}
