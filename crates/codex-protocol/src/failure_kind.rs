//! [`FailureKind`]: what the prose of a failure means.

mod body;
mod rules;
mod time;

use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use body::Body;

use crate::codex_error_info::CodexErrorInfo;

/// Says what kind of failure a message tells of.
///
/// Codex prints prose without codes, and the prose differs between releases, so this is a guess at what to do
/// next, never a proof; the message is always kept beside it. The same prose stands in notices of retries.
///
/// Serialised it is one object with `name` and, where known, `resetAfterSeconds` and `resetAt`.
///
/// ```
/// use std::time::Duration;
/// use codex_protocol::FailureKind;
///
/// let kind = FailureKind::classify("Rate limit reached for gpt-5.5. Please try again in 1.5s.");
/// assert!(matches!(kind, FailureKind::RateLimit { .. }));
/// assert_eq!(kind.reset_after(), Some(Duration::from_millis(1500)));
/// assert_eq!(FailureKind::classify("something new"), FailureKind::Other);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// Too many requests in a short time; a later try may succeed.
    #[non_exhaustive]
    RateLimit {
        /// How long to wait, if the message says so.
        reset_after: Option<Duration>,
    },
    /// What the account may use is used up.
    #[non_exhaustive]
    UsageLimit {
        /// How long to wait, if the message says so.
        reset_after: Option<Duration>,
        /// When it is there again, in the words of the message, such as `Sep 2nd, 2026 3:04 PM` in Codex's
        /// time zone.
        reset_at: Option<String>,
    },
    /// The credentials are missing or refused, or the account may not do this.
    Auth,
    /// The conversation does not fit into the model any more.
    ContextWindow,
    /// The service or the model has no capacity, or failed on its own side.
    Overloaded,
    /// The connection could not be made or broke too often.
    StreamLost,
    /// Codex could not set up or use its sandbox.
    Sandbox,
    /// The service refuses the request as it is; the same again will be refused again.
    InvalidRequest,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// Reads a message.
    pub fn classify(message: &str) -> Self {
        let body = Body::find(message);
        let text = plain(message);
        let said = body.as_ref().and_then(|body| body.message.as_deref()).map(plain);
        let said = said.as_deref();
        body.as_ref()
            .and_then(|body| rules::of_code(body.codes()))
            .or_else(|| said.and_then(rules::of_prose))
            .or_else(|| rules::of_prose(&text))
            .or_else(|| Self::status(message).and_then(rules::of_status))
            .or_else(|| rules::of_late_prose(&text))
            .map_or(Self::Other, |kind| kind.with_reset(message, body.as_ref()))
    }

    /// Reads the code beside a message, and the message for the wait; `None` if the code says nothing of the kind.
    pub(crate) fn of_info(info: &CodexErrorInfo, message: &str) -> Option<Self> {
        rules::of_info(info).map(|kind| kind.with_reset(message, Body::find(message).as_ref()))
    }

    /// The HTTP status that a message names, such as that of `unexpected status 401 Unauthorized: ...`.
    ///
    /// ```
    /// use codex_protocol::FailureKind;
    ///
    /// let message = "exceeded retry limit, last status: 429 Too Many Requests";
    /// assert_eq!(FailureKind::status(message), Some(429));
    /// assert_eq!(FailureKind::status("Quota exceeded."), None);
    /// ```
    pub fn status(message: &str) -> Option<u16> {
        ["unexpected status ", "last status: "].iter().find_map(|phrase| {
            let (_, rest) = message.split_once(phrase)?;
            let digits: &str = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok().filter(|status| (100..600).contains(status))
        })
    }

    /// The kind's name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RateLimit { .. } => "rateLimit",
            Self::UsageLimit { .. } => "usageLimit",
            Self::Auth => "auth",
            Self::ContextWindow => "contextWindow",
            Self::Overloaded => "overloaded",
            Self::StreamLost => "streamLost",
            Self::Sandbox => "sandbox",
            Self::InvalidRequest => "invalidRequest",
            Self::Other => "other",
        }
    }

    /// How long the message says to wait.
    pub fn reset_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimit { reset_after } | Self::UsageLimit { reset_after, .. } => *reset_after,
            Self::Auth
            | Self::ContextWindow
            | Self::Overloaded
            | Self::StreamLost
            | Self::Sandbox
            | Self::InvalidRequest
            | Self::Other => None,
        }
    }

    fn with_reset(mut self, message: &str, body: Option<&Body>) -> Self {
        let named = body.and_then(|body| body.resets_in_seconds).map(Duration::from_secs);
        match &mut self {
            Self::RateLimit { reset_after } => *reset_after = named.or_else(|| time::after(message)),
            Self::UsageLimit { reset_after, reset_at } => {
                *reset_after = named.or_else(|| time::after(message));
                *reset_at = time::at(message);
            }
            Self::Auth
            | Self::ContextWindow
            | Self::Overloaded
            | Self::StreamLost
            | Self::Sandbox
            | Self::InvalidRequest
            | Self::Other => {}
        }
        self
    }
}

impl Serialize for FailureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("FailureKind", 3)?;
        object.serialize_field("name", self.name())?;
        match self.reset_after() {
            Some(after) => object.serialize_field("resetAfterSeconds", &after.as_secs_f64())?,
            None => object.skip_field("resetAfterSeconds")?,
        }
        if let Self::UsageLimit { reset_at: Some(at), .. } = self {
            object.serialize_field("resetAt", at)?;
        } else {
            object.skip_field("resetAt")?;
        }
        object.end()
    }
}

/// In lower case, and with the one kind of apostrophe that is on every keyboard.
fn plain(message: &str) -> String {
    message.replace('\u{2019}', "'").to_lowercase()
}

#[cfg(test)]
mod tests;
