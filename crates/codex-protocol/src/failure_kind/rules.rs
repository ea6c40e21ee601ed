//! What codes, phrases and statuses mean; the first rule that fits decides.

use super::FailureKind;
use crate::codex_error_info::CodexErrorInfo as Info;

const RATE_LIMIT: FailureKind = FailureKind::RateLimit { reset_after: None };
const USAGE_LIMIT: FailureKind = FailureKind::UsageLimit { reset_after: None, reset_at: None };

const CODES: &[(&str, FailureKind)] = &[
    ("rate_limit_exceeded", RATE_LIMIT),
    ("insufficient_quota", USAGE_LIMIT),
    ("usage_limit_reached", USAGE_LIMIT),
    ("usage_not_included", FailureKind::Auth),
    ("invalid_api_key", FailureKind::Auth),
    ("token_expired", FailureKind::Auth),
    ("authentication_error", FailureKind::Auth),
    ("permission_error", FailureKind::Auth),
    ("context_length_exceeded", FailureKind::ContextWindow),
    ("server_is_overloaded", FailureKind::Overloaded),
    ("slow_down", FailureKind::Overloaded),
    ("server_error", FailureKind::Overloaded),
    ("invalid_prompt", FailureKind::InvalidRequest),
    ("cyber_policy", FailureKind::InvalidRequest),
    ("invalid_request_error", FailureKind::InvalidRequest),
];

/// In lower case, with straight apostrophes, and the more telling before the less telling.
const PHRASES: &[(&str, FailureKind)] = &[
    ("hit your usage limit", USAGE_LIMIT),
    ("quota exceeded", USAGE_LIMIT),
    ("exceeded your current quota", USAGE_LIMIT),
    ("usage limit has been reached", USAGE_LIMIT),
    ("out of credits", USAGE_LIMIT),
    ("to use codex with your chatgpt plan", FailureKind::Auth),
    ("context window", FailureKind::ContextWindow),
    ("maximum context length", FailureKind::ContextWindow),
    ("rate limit reached", RATE_LIMIT),
    ("at capacity", FailureKind::Overloaded),
    ("high demand", FailureKind::Overloaded),
    ("server is overloaded", FailureKind::Overloaded),
    ("servers are currently overloaded", FailureKind::Overloaded),
    ("missing environment variable", FailureKind::Auth),
    ("not logged in", FailureKind::Auth),
    ("please log in", FailureKind::Auth),
    ("log out and sign in again", FailureKind::Auth),
    ("access token could not be refreshed", FailureKind::Auth),
    ("please run codex login", FailureKind::Auth),
    ("invalid prompt", FailureKind::InvalidRequest),
    ("was flagged", FailureKind::InvalidRequest),
    ("been flagged", FailureKind::InvalidRequest),
    ("the model does not exist", FailureKind::InvalidRequest),
    ("does not exist or you do not have access", FailureKind::InvalidRequest),
    ("max_output_tokens", FailureKind::InvalidRequest),
    ("content_filter", FailureKind::InvalidRequest),
];

/// These stand beside anything in a message, so that a status says more.
const LATE_PHRASES: &[(&str, FailureKind)] = &[
    ("sandbox", FailureKind::Sandbox),
    ("landlock", FailureKind::Sandbox),
    ("seccomp", FailureKind::Sandbox),
    ("bubblewrap", FailureKind::Sandbox),
    ("bwrap", FailureKind::Sandbox),
    ("stream disconnected", FailureKind::StreamLost),
    ("stream closed before", FailureKind::StreamLost),
    ("stream error", FailureKind::StreamLost),
    ("connection failed", FailureKind::StreamLost),
    ("connection refused", FailureKind::StreamLost),
    ("error sending request", FailureKind::StreamLost),
    ("waiting for network", FailureKind::StreamLost),
    ("request timed out", FailureKind::StreamLost),
    ("idle timeout waiting for", FailureKind::StreamLost),
    ("error decoding response body", FailureKind::StreamLost),
];

pub(super) fn of_code<'a>(codes: impl Iterator<Item = &'a str>) -> Option<FailureKind> {
    codes
        .flat_map(|code| CODES.iter().filter(move |(known, _)| *known == code))
        .next()
        .map(|(_, kind)| kind.clone())
}

pub(super) fn of_prose(text: &str) -> Option<FailureKind> {
    first(PHRASES, text)
}

pub(super) fn of_late_prose(text: &str) -> Option<FailureKind> {
    first(LATE_PHRASES, text)
}

fn first(rules: &[(&str, FailureKind)], text: &str) -> Option<FailureKind> {
    rules.iter().find(|(phrase, _)| text.contains(phrase)).map(|(_, kind)| kind.clone())
}

pub(super) fn of_info(info: &Info) -> Option<FailureKind> {
    match info {
        Info::ContextWindowExceeded => Some(FailureKind::ContextWindow),
        Info::UsageLimitExceeded => Some(USAGE_LIMIT),
        Info::RateLimitExceeded => Some(RATE_LIMIT),
        Info::FlexUnavailable
        | Info::ServerOverloaded
        | Info::PolicyCapacityUnavailable
        | Info::InternalServerError => Some(FailureKind::Overloaded),
        Info::ModelNotFound
        | Info::InferenceHookDenied
        | Info::CyberPolicy
        | Info::MisalignmentPolicyViolation
        | Info::BadRequest => Some(FailureKind::InvalidRequest),
        Info::Unauthorized => Some(FailureKind::Auth),
        Info::SandboxError => Some(FailureKind::Sandbox),
        Info::HttpConnectionFailed { status }
        | Info::ResponseStreamConnectionFailed { status }
        | Info::ResponseStreamDisconnected { status }
        | Info::ResponseTooManyFailedAttempts { status } => {
            status.and_then(of_status).or(Some(FailureKind::StreamLost))
        }
        Info::SessionBudgetExceeded | Info::TooManyDenials | Info::ThreadRollbackFailed | Info::Other(_) => {
            None
        }
    }
}

pub(super) fn of_status(status: u16) -> Option<FailureKind> {
    match status {
        401 | 403 => Some(FailureKind::Auth),
        408 => Some(FailureKind::StreamLost),
        429 => Some(RATE_LIMIT),
        400..=499 => Some(FailureKind::InvalidRequest),
        500..=599 => Some(FailureKind::Overloaded),
        _ => None,
    }
}
