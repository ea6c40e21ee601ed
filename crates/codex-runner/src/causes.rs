//! [`causes`]: an error with its causes as one line.

pub(crate) use codex_protocol::with_causes as causes;
