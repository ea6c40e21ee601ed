//! [`findings`]: what a verification has found, gravest last.

use codex_ledger::prove::{FindingCode, Severity};
use codex_ledger::{Finding, Verification};

use crate::render::{Line, Tone};

/// One line for each finding, and one that says what they come to.
pub(crate) fn findings(verification: &Verification) -> Vec<Line> {
    let mut sorted: Vec<&Finding> = verification.findings.iter().collect();
    sorted.sort_by_key(|finding| finding.severity);
    let mut lines: Vec<Line> = sorted.into_iter().map(line).collect();
    lines.push(sum(verification));
    lines
}

fn line(finding: &Finding) -> Line {
    let (tone, mark) = match finding.severity {
        Severity::Error => (Tone::Bad, "✗"),
        Severity::Unfinished => (Tone::Warning, "!"),
        Severity::Note => (Tone::Dim, "•"),
    };
    Line::new(tone, &format!("{mark} {}", finding.code))
        .and(Tone::Dim, &format!("  {}  ", finding.path))
        .and(Tone::Plain, &finding.sentence)
}

fn sum(verification: &Verification) -> Line {
    let count =
        |severity| verification.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, unfinished) = (count(Severity::Error), count(Severity::Unfinished));
    let records = counted(usize::try_from(verification.records).unwrap_or(usize::MAX), "record", "records");
    let notes = match count(Severity::Note) {
        0 => String::new(),
        notes => format!(", {}", counted(notes, "note", "notes")),
    };
    match (errors, unfinished) {
        (0, 0) => Line::new(Tone::Good, &format!("✓ {records}, nothing is wrong{notes}")),
        (0, unfinished) => {
            let turns = counted(unfinished, "unfinished turn", "unfinished turns");
            Line::new(
                Tone::Warning,
                &format!(
                    "! {records}, {turns}{notes}; `codex-turns ledger recover` records them, or says how to go on"
                ),
            )
        }
        (errors, _) => {
            let errors = counted(errors, "error", "errors");
            let way_out = if is_only_of_index(verification) {
                "; `codex-turns ledger rebuild-index` writes the index again from the records"
            } else {
                ""
            };
            Line::new(Tone::Bad, &format!("✗ {records}, {errors}{notes}{way_out}"))
        }
    }
}

/// Whether nothing is wrong but what can be made again.
fn is_only_of_index(verification: &Verification) -> bool {
    let of_index = [
        FindingCode::IndexMissing,
        FindingCode::IndexLineBroken,
        FindingCode::RowMissing,
        FindingCode::RowDuplicate,
        FindingCode::RowChanged,
    ];
    let mut errors = verification.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.all(|finding| of_index.contains(&finding.code))
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
