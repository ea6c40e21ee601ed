//! The line of a check that has ended, and what to do if it failed because of its sandbox.

use codex_ledger::CheckStatus;
use codex_runner::{ClosedGate, EndedCheck, RefusalKind, SandboxRefusal};

use crate::failure::error_line;
use crate::failure::hint::NO_SANDBOX;
use crate::render::{Line, Tone, seconds};

/// How much of a line is quoted.
const QUOTED_CHARACTERS: usize = 160;

/// The line of a check that has ended.
pub(crate) fn line(outcome: &EndedCheck) -> Line {
    let (tone, mark) = match outcome.status {
        CheckStatus::Passed => (Tone::Good, "✓ "),
        CheckStatus::NotRun => (Tone::Dim, "• "),
        CheckStatus::Failed | CheckStatus::Error | _ => (Tone::Bad, "✗ "),
    };
    let how = match (&outcome.how, &outcome.status) {
        (Some(how), _) => format!(" → {how}"),
        (None, CheckStatus::Passed) => String::new(),
        (None, CheckStatus::Failed) => " → its report has failures".to_owned(),
        (None, _) => " → its report cannot be read".to_owned(),
    };
    let label = format!("{}: {}", outcome.name, outcome.command);
    let boundary = format!(" ({})", outcome.boundary.words());
    let line = Line::new(tone, mark).and_long(&label).and(Tone::Dim, &boundary);
    line.and(tone, &how).and(Tone::Dim, &format!(" ({})", seconds(outcome.duration)))
}

/// What to do about a check that failed because of its sandbox.
pub(crate) fn hint(outcome: &EndedCheck) -> Option<String> {
    if outcome.has_no_sandbox {
        return Some(NO_SANDBOX.to_owned());
    }
    outcome.refusal.as_ref().map(of_refusal)
}

/// What to do about a command whose sandbox refused something.
pub(crate) fn of_refusal(refusal: &SandboxRefusal) -> String {
    let quoted: String = refusal.line.chars().take(QUOTED_CHARACTERS).collect();
    let write = "`--add-dir DIR` makes a folder writable";
    let network =
        "`network = true` below its table in codex-turns.toml, or `--check-network`, opens the network";
    let (means, way_out) = match refusal.kind {
        RefusalKind::Cache => {
            ("the caches of package managers are read-only in the sandbox of checks", write)
        }
        RefusalKind::Write => {
            ("the sandbox of checks lets them write to the project and to $TMPDIR alone", write)
        }
        RefusalKind::Network => ("the sandbox of checks has no network", network),
        RefusalKind::Unclear | _ => ("the sandbox of checks refuses sockets, also to this machine", network),
    };
    let may = if refusal.kind == RefusalKind::Unclear { "perhaps " } else { "" };
    format!(
        "it says \"{quoted}\": {may}{means}; {way_out}, `--check-sandbox off` runs checks without a sandbox"
    )
}

/// The line of a gate that was not passed.
pub(crate) fn gate(gate: &ClosedGate) -> Line {
    let how = match gate.status {
        CheckStatus::Failed => "did not pass",
        CheckStatus::Passed | CheckStatus::NotRun | CheckStatus::Error | _ => "could not be judged",
    };
    error_line(&format!("{} {how}, and the project requires it ({})", gate.name, gate.origin))
}
