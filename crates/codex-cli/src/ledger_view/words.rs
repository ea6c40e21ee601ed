//! The words and tones of a record.

use std::time::Duration;

use codex_ledger::manifest::{Metrics, RecordState, TokenCounts};
use codex_ledger::{CheckStatus, Manifest};

use crate::render::{Tone, seconds};

/// The sign, the words and the tone of how a record ended. The oldest ones do not say.
pub(super) fn state(manifest: &Manifest) -> (Tone, String) {
    let Some(ledger) = &manifest.ledger else { return (Tone::Dim, "• unknown".to_owned()) };
    let (tone, mark) = match ledger.state {
        RecordState::Completed => (Tone::Good, '✓'),
        RecordState::Failed => (Tone::Bad, '✗'),
        RecordState::Aborted | RecordState::Interrupted => (Tone::Warning, '!'),
        RecordState::Unknown(_) | _ => (Tone::Dim, '•'),
    };
    (tone, format!("{mark} {}", ledger.state))
}

/// The reason where it tells more than the state.
pub(super) fn reason(manifest: &Manifest) -> Option<&str> {
    let ledger = manifest.ledger.as_ref()?;
    ledger.reason.as_deref().filter(|reason| *reason != ledger.state.as_str())
}

/// `3 files +10 −2`; what is not known is left out.
pub(super) fn changes(metrics: &Metrics) -> String {
    let Some(files) = metrics.files_changed else { return "unknown".to_owned() };
    if files == 0 {
        return "none".to_owned();
    }
    let mut text = format!("{files} file{}", if files == 1 { "" } else { "s" });
    if let Some(added) = metrics.lines_added {
        text.push_str(" +");
        text.push_str(&added.to_string());
    }
    if let Some(deleted) = metrics.lines_deleted {
        text.push_str(" −");
        text.push_str(&deleted.to_string());
    }
    text
}

/// The tests in a few words, and their tone.
pub(super) fn tests(manifest: &Manifest) -> (Tone, String) {
    let metrics = &manifest.metrics;
    let status = &manifest.validation.tests_status;
    let text = match (metrics.tests_passed, metrics.tests_failed) {
        (Some(passed), Some(0)) => format!("{passed} passed"),
        (Some(passed), Some(failed)) => format!("{passed} passed, {failed} failed"),
        _ => status_words(status).to_owned(),
    };
    (status_tone(status), text)
}

pub(super) fn status_words(status: &CheckStatus) -> &str {
    if *status == CheckStatus::NotRun { "not run" } else { status.as_str() }
}

pub(super) fn status_tone(status: &CheckStatus) -> Tone {
    match status {
        CheckStatus::Passed => Tone::Good,
        CheckStatus::Failed | CheckStatus::Error => Tone::Bad,
        CheckStatus::NotRun | CheckStatus::Unknown(_) | _ => Tone::Dim,
    }
}

/// What was used; `None` where it is not known.
pub(super) fn tokens(counts: &TokenCounts) -> Option<String> {
    let (input, output) = (counts.input_tokens?, counts.output_tokens?);
    let cached = match counts.cached_input_tokens {
        None | Some(0) => String::new(),
        Some(cached) => format!(", {cached} of them cached"),
    };
    Some(format!("{} tokens ({input} in{cached}, {output} out)", input.saturating_add(output)))
}

pub(super) fn took(milliseconds: u64) -> String {
    seconds(Duration::from_millis(milliseconds))
}

/// An object id as short as people write it.
pub(super) fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
