//! [`Checked`]: what the checks of a project came to.

use std::time::Duration;

use codex_ledger::manifest::Violation;
use codex_ledger::{CheckResult, CheckStatus, RecordEnd};

use super::{CheckBoundary, SandboxRefusal};
use crate::settings::{CheckSettings, Origin};

/// What the checks of a project came to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// What the tests came to; nothing if none are configured.
    pub tests: Option<CheckResult>,
    /// What the linters came to.
    pub lint: Option<CheckResult>,
    /// What was measured of coverage.
    pub coverage: Option<CheckResult>,
    /// The gates that were not passed.
    pub closed: Vec<ClosedGate>,
    /// What reports did that no report may do.
    pub violations: Vec<Violation>,
    /// Whether they were stopped before they had ended.
    pub is_stopped: bool,
}

/// A check that the project requires to pass, and that did not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClosedGate {
    /// `tests`, `lint` or `coverage`.
    pub name: &'static str,
    /// What it came to.
    pub status: CheckStatus,
    /// Where it is required.
    pub origin: Origin,
}

/// One check that came to an end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndedCheck {
    /// `tests`, `lint` or `coverage`.
    pub name: &'static str,
    /// Its command, as a person wrote it.
    pub command: String,
    /// What the command could touch.
    pub boundary: CheckBoundary,
    /// What it came to.
    pub status: CheckStatus,
    /// How its command ended, such as `exit 1`, if that is not a success.
    pub how: Option<String>,
    /// How long it took.
    pub duration: Duration,
    /// The last lines of its output, if it did not pass.
    pub output: Vec<String>,
    /// What its sandbox refused, if it failed because of that.
    pub refusal: Option<SandboxRefusal>,
    /// Whether its sandbox could not be made, so that it has not run.
    pub has_no_sandbox: bool,
}

impl Checked {
    /// Adds what was found to the end of a record.
    pub(crate) fn add_to(&self, mut end: RecordEnd) -> RecordEnd {
        end.tests.clone_from(&self.tests);
        end.lint.clone_from(&self.lint);
        end.coverage.clone_from(&self.coverage);
        self.violations.iter().cloned().fold(end, RecordEnd::violation)
    }

    /// Checks that were stopped before one began.
    pub(crate) fn stopped() -> Self {
        Self { is_stopped: true, ..Self::default() }
    }
}

impl ClosedGate {
    pub(super) fn new(settings: &CheckSettings, status: CheckStatus) -> Self {
        Self { name: settings.name, status, origin: settings.gate.origin.clone() }
    }

    /// Returns the word for the record, such as `tests-failed`.
    pub fn reason(&self) -> String {
        format!("{}-{}", self.name, self.status)
    }
}
