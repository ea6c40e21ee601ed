//! [`Failure`]: why a turn failed, as Codex says it.

use std::fmt;

use serde::Serialize;

use crate::brief::Brief;
use crate::codex_error_info::CodexErrorInfo;
use crate::failure_kind::FailureKind;

/// Says why a turn failed: what Codex said, and what that means.
///
/// ```
/// use codex_protocol::{CodexErrorInfo, Failure, FailureKind};
///
/// let failure = Failure::new("unexpected status 401 Unauthorized: no key");
/// assert_eq!((failure.kind, failure.status), (FailureKind::Auth, Some(401)));
///
/// // A code says more than prose.
/// let failure = Failure::new("something new").with_info(CodexErrorInfo::ContextWindowExceeded);
/// assert_eq!(failure.kind, FailureKind::ContextWindow);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// The HTTP status that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The message.
    pub message: String,
    /// The code beside the message; `codex exec` prints none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<CodexErrorInfo>,
}

impl Failure {
    /// Reads a message.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        let (kind, status) = (FailureKind::classify(&message), FailureKind::status(&message));
        Self { kind, status, message, info: None }
    }

    /// Adds the code that came with the message, which decides kind and status if it says something of them.
    #[must_use = "this returns the changed failure"]
    pub fn with_info(mut self, info: CodexErrorInfo) -> Self {
        if let Some(kind) = FailureKind::of_info(&info, &self.message) {
            self.kind = kind;
        }
        self.status = info.status().or(self.status);
        self.info = Some(info);
        self
    }
}

/// Shows the beginning of the message.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("message", &Brief::new(&self.message, 400))
            .field("info", &Brief::new(&self.info, 100))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing_said(CodexErrorInfo::Other("news".into()), FailureKind::Auth, Some(401))]
    #[case::no_kind(CodexErrorInfo::TooManyDenials, FailureKind::Auth, Some(401))]
    #[case::word(CodexErrorInfo::ServerOverloaded, FailureKind::Overloaded, Some(401))]
    #[case::no_status(
        CodexErrorInfo::ResponseStreamDisconnected { status: None },
        FailureKind::StreamLost,
        Some(401),
    )]
    #[case::status(
        CodexErrorInfo::HttpConnectionFailed { status: Some(500) },
        FailureKind::Overloaded,
        Some(500),
    )]
    fn a_code_decides_if_it_says_something(
        #[case] info: CodexErrorInfo,
        #[case] kind: FailureKind,
        #[case] status: Option<u16>,
    ) {
        let failure = Failure::new("unexpected status 401 Unauthorized: no").with_info(info.clone());
        assert_eq!((&failure.kind, failure.status, &failure.info), (&kind, status, &Some(info)));
    }

    #[test]
    fn the_wait_is_still_read_from_the_message() {
        let failure = Failure::new("Slow down. Please try again in 1.5s.")
            .with_info(CodexErrorInfo::ResponseTooManyFailedAttempts { status: Some(429) });
        assert_eq!(failure.kind, FailureKind::RateLimit { reset_after: Some(Duration::from_millis(1500)) });
    }

    #[test]
    fn json_has_the_code_only_if_there_is_one() {
        let failure = Failure::new("no");
        let plain = r#"{"kind":{"name":"other"},"message":"no"}"#;
        assert_eq!(serde_json::to_string(&failure).unwrap(), plain);
        let failure = failure.with_info(CodexErrorInfo::Unauthorized);
        let coded = r#"{"kind":{"name":"auth"},"message":"no","info":"unauthorized"}"#;
        assert_eq!(serde_json::to_string(&failure).unwrap(), coded);
    }
}
