//! [`TurnSpan`]: the span that a turn leaves in the caller's tracing.

use std::time::Instant;

use codex_protocol::{ThreadId, TurnUsage};
use tracing::field::Empty;
use tracing::{Span, info, info_span};

/// The span of one turn; its fields are listed in the documentation of the crate. Never the prompt.
#[derive(Debug)]
pub(crate) struct TurnSpan {
    span: Span,
    started: Instant,
}

impl TurnSpan {
    pub(crate) fn open(model: Option<&str>) -> Self {
        let span = info_span!(
            "turn",
            model,
            thread_id = Empty,
            verdict = Empty,
            input_tokens = Empty,
            output_tokens = Empty,
            thread_input_tokens = Empty,
            thread_output_tokens = Empty,
            duration_ms = Empty,
        );
        Self { span, started: Instant::now() }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn named(&self, thread: &ThreadId) {
        self.span.record("thread_id", tracing::field::display(thread));
    }

    /// Records how the turn ended.
    pub(crate) fn settle(&self, verdict: &str, usage: &TurnUsage) {
        self.span.record("verdict", verdict);
        if let Some(turn) = usage.turn {
            self.span.record("input_tokens", turn.input_tokens);
            self.span.record("output_tokens", turn.output_tokens);
        }
        if let Some(thread) = usage.thread {
            self.span.record("thread_input_tokens", thread.input_tokens);
            self.span.record("thread_output_tokens", thread.output_tokens);
        }
        let duration = self.started.elapsed();
        self.span.record("duration_ms", u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        info!(parent: &self.span, verdict, "turn settled");
    }
}
