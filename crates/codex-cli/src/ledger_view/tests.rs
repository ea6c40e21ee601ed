//! Tests of what is shown of the ledger.

use codex_ledger::manifest::{
    CoverageEntry, LedgerPart, RecordState, RedactionCount, TokenCounts, Violation,
};
use codex_ledger::{CheckStatus, Manifest, TurnId};
use jiff::Timestamp;

use super::*;
use crate::render::Line;

fn now() -> Timestamp {
    "2026-01-10T12:00:00Z".parse().unwrap()
}

fn turn_id(number: u64) -> TurnId {
    TurnId::new(number).unwrap()
}

/// A record with everything that a record can have.
fn full() -> Manifest {
    let mut manifest = Manifest::new(turn_id(12), "2026-01-10T09:00:00Z");
    manifest.task.name = "make it\u{1b}[2J pass".to_owned();
    manifest.actor.initiator = "Ada".to_owned();
    manifest.actor.agent = "codex@0.169.0".to_owned();
    manifest.changes.added = (0..25).map(|number| format!("src/new_{number}.rs")).collect();
    manifest.changes.deleted = vec!["old.rs".to_owned()];
    let metrics = &mut manifest.metrics;
    (metrics.files_changed, metrics.lines_added, metrics.lines_deleted) = (Some(26), Some(310), Some(4));
    (metrics.tests_passed, metrics.tests_failed, metrics.coverage_delta_pct) = (Some(7), Some(2), Some(-1.5));
    manifest.validation.tests_status = CheckStatus::Failed;
    manifest.validation.lint_status = CheckStatus::Passed;
    let git = manifest.git.as_mut().unwrap();
    git.head_before = Some("0123456789abcdef".to_owned());
    git.head_after = Some("fedcba9876543210".to_owned());
    (git.branch, git.tag) = (Some("main".to_owned()), Some("turn/12".to_owned()));
    let ledger = manifest.ledger.as_mut().unwrap();
    (ledger.state, ledger.reason) = (RecordState::Failed, Some("tests-failed".to_owned()));
    ledger.agent.model = Some("gpt-5".to_owned());
    ledger.elapsed_ms = Some(187_000);
    (ledger.usage.input_tokens, ledger.usage.output_tokens) = (Some(1000), Some(50));
    ledger.usage.cached_input_tokens = Some(800);
    let mut coverage = CoverageEntry::default();
    (coverage.after, coverage.kind) = (Some(80.0), Some("lcov-lines".to_owned()));
    ledger.coverage = coverage;
    let mut violation = Violation::default();
    (violation.kind, violation.detail) = ("ledger-touched".to_owned(), "it was restored".to_owned());
    violation.path = Some("turns/1/adr.md".to_owned());
    ledger.violations.push(violation);
    for path in ["logs/a", "logs/b"] {
        let mut redaction = RedactionCount::default();
        (redaction.path, redaction.count) = (path.to_owned(), 2);
        ledger.redactions.push(redaction);
    }
    let parent = serde_json::json!({ "turnId": 11, "uid": "x", "manifestSha256": "abcdef0123456789" });
    ledger.parents.push(serde_json::from_value(parent).unwrap());
    manifest
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_record_fits_on_a_screen() {
    let prompt = "=== turn 1 of 1 ===\n\none\ntwo\n\nthree\nfour\nfive\nsix\nseven\n";
    insta::assert_snapshot!(text(&show(&full(), Some(prompt), "ai/agentic-pipeline/turns/12", now())));
}

#[test]
fn what_is_unknown_is_called_so() {
    let mut manifest = Manifest::new(turn_id(1), "2026-01-10T11:59:58Z");
    manifest.ledger = Some(LedgerPart::default());
    manifest.ledger.as_mut().unwrap().usage = TokenCounts::default();
    let text = text(&show(&manifest, None, "turns/1", now()));
    assert!(text.contains("an unknown time, tokens unknown"), "{text}");
    assert!(text.contains("changes   unknown"), "{text}");
    assert!(text.contains("no branch at nothing"), "{text}");
}

#[test]
fn the_oldest_records_have_no_state() {
    let mut manifest = full();
    (manifest.ledger, manifest.git) = (None, None);
    let entries = [
        ListEntry { turn_id: turn_id(7), manifest: Ok(&manifest) },
        ListEntry { turn_id: turn_id(1234), manifest: Err("not a manifest".to_owned()) },
    ];
    insta::assert_snapshot!(text(&list(&entries, now())));
    assert!(text(&show(&manifest, None, "turns/7", now())).contains("agent     codex@0.169.0"));
}
