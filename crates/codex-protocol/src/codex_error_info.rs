//! [`CodexErrorInfo`]: the code that Codex's app-server prints beside the message of a failure.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// Tells what failed, without prose.
///
/// These are the names of Codex 0.169; releases add and remove some, and what this version does not know is kept
/// in [`Other`](Self::Other). Serialised it is what Codex prints.
///
/// ```
/// use codex_protocol::CodexErrorInfo;
///
/// let info: CodexErrorInfo = serde_json::from_str(r#"{"httpConnectionFailed":{"httpStatusCode":401}}"#)?;
/// assert_eq!(info.status(), Some(401));
/// let info: CodexErrorInfo = serde_json::from_str(r#""somethingNew""#)?;
/// assert_eq!(info, CodexErrorInfo::Other("somethingNew".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodexErrorInfo {
    /// The conversation does not fit into the model any more.
    ContextWindowExceeded,
    /// The budget of the session is used up.
    SessionBudgetExceeded,
    /// What the account may use is used up.
    UsageLimitExceeded,
    /// Too many requests in a short time.
    RateLimitExceeded,
    /// There is no capacity for requests of low priority.
    FlexUnavailable,
    /// The model has no capacity.
    ServerOverloaded,
    /// The model does not exist, or not for this account.
    ModelNotFound,
    /// The check of the request against a policy has no capacity.
    PolicyCapacityUnavailable,
    /// A hook of the workspace denied the request.
    InferenceHookDenied,
    /// The request was taken for an attack.
    CyberPolicy,
    /// The turn broke a policy.
    MisalignmentPolicyViolation,
    /// Too many actions of the turn were denied.
    TooManyDenials,
    /// The service failed on its own side.
    InternalServerError,
    /// The credentials are missing or refused.
    Unauthorized,
    /// The service refuses the request as it is.
    BadRequest,
    /// The thread could not be set back.
    ThreadRollbackFailed,
    /// Codex could not use its sandbox.
    SandboxError,
    /// The connection could not be made.
    #[non_exhaustive]
    HttpConnectionFailed {
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// The stream of the answer could not be opened.
    #[non_exhaustive]
    ResponseStreamConnectionFailed {
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// The stream of the answer broke.
    #[non_exhaustive]
    ResponseStreamDisconnected {
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// Codex retried as often as it may.
    #[non_exhaustive]
    ResponseTooManyFailedAttempts {
        /// The HTTP status of the last attempt, if there was one.
        status: Option<u16>,
    },
    /// A code that this version does not know, as it was printed.
    Other(Value),
}

const STATUS: &str = "httpStatusCode";

impl CodexErrorInfo {
    /// Returns the HTTP status that the code names.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::HttpConnectionFailed { status }
            | Self::ResponseStreamConnectionFailed { status }
            | Self::ResponseStreamDisconnected { status }
            | Self::ResponseTooManyFailedAttempts { status } => *status,
            Self::ContextWindowExceeded
            | Self::SessionBudgetExceeded
            | Self::UsageLimitExceeded
            | Self::RateLimitExceeded
            | Self::FlexUnavailable
            | Self::ServerOverloaded
            | Self::ModelNotFound
            | Self::PolicyCapacityUnavailable
            | Self::InferenceHookDenied
            | Self::CyberPolicy
            | Self::MisalignmentPolicyViolation
            | Self::TooManyDenials
            | Self::InternalServerError
            | Self::Unauthorized
            | Self::BadRequest
            | Self::ThreadRollbackFailed
            | Self::SandboxError
            | Self::Other(_) => None,
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "contextWindowExceeded" => Self::ContextWindowExceeded,
            "sessionBudgetExceeded" => Self::SessionBudgetExceeded,
            "usageLimitExceeded" => Self::UsageLimitExceeded,
            "rateLimitExceeded" => Self::RateLimitExceeded,
            "flexUnavailable" => Self::FlexUnavailable,
            "serverOverloaded" => Self::ServerOverloaded,
            "modelNotFound" => Self::ModelNotFound,
            "policyCapacityUnavailable" => Self::PolicyCapacityUnavailable,
            "inferenceHookDenied" => Self::InferenceHookDenied,
            "cyberPolicy" => Self::CyberPolicy,
            "misalignmentPolicyViolation" => Self::MisalignmentPolicyViolation,
            "tooManyDenials" => Self::TooManyDenials,
            "internalServerError" => Self::InternalServerError,
            "unauthorized" => Self::Unauthorized,
            "badRequest" => Self::BadRequest,
            "threadRollbackFailed" => Self::ThreadRollbackFailed,
            "sandboxError" => Self::SandboxError,
            _ => return None,
        })
    }

    fn of_object(name: &str, fields: &Value) -> Option<Self> {
        let status = match fields.as_object()?.get(STATUS) {
            None | Some(Value::Null) => None,
            Some(status) => Some(u16::try_from(status.as_u64()?).ok()?),
        };
        Some(match name {
            "httpConnectionFailed" => Self::HttpConnectionFailed { status },
            "responseStreamConnectionFailed" => Self::ResponseStreamConnectionFailed { status },
            "responseStreamDisconnected" => Self::ResponseStreamDisconnected { status },
            "responseTooManyFailedAttempts" => Self::ResponseTooManyFailedAttempts { status },
            _ => return None,
        })
    }

    fn of_value(value: &Value) -> Option<Self> {
        if let Some(word) = value.as_str() {
            return Self::of_word(word);
        }
        let object = value.as_object().filter(|object| object.len() == 1)?;
        let (name, fields) = object.iter().next()?;
        Self::of_object(name, fields)
    }

    fn to_value(&self) -> Value {
        let word = match self {
            Self::ContextWindowExceeded => "contextWindowExceeded",
            Self::SessionBudgetExceeded => "sessionBudgetExceeded",
            Self::UsageLimitExceeded => "usageLimitExceeded",
            Self::RateLimitExceeded => "rateLimitExceeded",
            Self::FlexUnavailable => "flexUnavailable",
            Self::ServerOverloaded => "serverOverloaded",
            Self::ModelNotFound => "modelNotFound",
            Self::PolicyCapacityUnavailable => "policyCapacityUnavailable",
            Self::InferenceHookDenied => "inferenceHookDenied",
            Self::CyberPolicy => "cyberPolicy",
            Self::MisalignmentPolicyViolation => "misalignmentPolicyViolation",
            Self::TooManyDenials => "tooManyDenials",
            Self::InternalServerError => "internalServerError",
            Self::Unauthorized => "unauthorized",
            Self::BadRequest => "badRequest",
            Self::ThreadRollbackFailed => "threadRollbackFailed",
            Self::SandboxError => "sandboxError",
            Self::HttpConnectionFailed { status } => {
                return json!({ "httpConnectionFailed": { STATUS: status } });
            }
            Self::ResponseStreamConnectionFailed { status } => {
                return json!({ "responseStreamConnectionFailed": { STATUS: status } });
            }
            Self::ResponseStreamDisconnected { status } => {
                return json!({ "responseStreamDisconnected": { STATUS: status } });
            }
            Self::ResponseTooManyFailedAttempts { status } => {
                return json!({ "responseTooManyFailedAttempts": { STATUS: status } });
            }
            Self::Other(value) => return value.clone(),
        };
        word.into()
    }
}

impl Serialize for CodexErrorInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CodexErrorInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self::of_value(&value).unwrap_or(Self::Other(value)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::words(&[
        "contextWindowExceeded", "sessionBudgetExceeded", "usageLimitExceeded", "rateLimitExceeded",
        "flexUnavailable", "serverOverloaded", "modelNotFound", "policyCapacityUnavailable",
        "inferenceHookDenied", "cyberPolicy", "misalignmentPolicyViolation", "tooManyDenials",
        "internalServerError", "unauthorized", "badRequest", "threadRollbackFailed", "sandboxError",
    ].map(|word| json!(word)))]
    #[case::objects(&[
        "httpConnectionFailed", "responseStreamConnectionFailed", "responseStreamDisconnected",
        "responseTooManyFailedAttempts",
    ].map(|name| json!({ name: { STATUS: 503 } })))]
    fn each_name_is_known_and_written_as_it_was_printed(#[case] printed: &[Value]) {
        for value in printed {
            let info: CodexErrorInfo = serde_json::from_value(value.clone()).unwrap();
            assert!(!matches!(info, CodexErrorInfo::Other(_)), "{value}");
            assert_eq!(info.status().is_some(), value.is_object());
            assert_eq!(serde_json::to_value(&info).unwrap(), *value);
        }
    }

    #[rstest]
    #[case::word(json!("other"))]
    #[case::object(json!({ "activeTurnNotSteerable": { "turnKind": "review" } }))]
    #[case::two_names(json!({ "httpConnectionFailed": {}, "more": {} }))]
    #[case::no_status(json!({ "httpConnectionFailed": { STATUS: "401" } }))]
    #[case::large_status(json!({ "httpConnectionFailed": { STATUS: 65_536 } }))]
    #[case::neither(json!([1]))]
    fn what_is_not_known_is_kept(#[case] value: Value) {
        let info: CodexErrorInfo = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(info, CodexErrorInfo::Other(value.clone()));
        assert_eq!(serde_json::to_value(&info).unwrap(), value);
    }

    #[test]
    fn a_missing_status_is_none() {
        let info: CodexErrorInfo = serde_json::from_str(r#"{"responseStreamDisconnected":{}}"#).unwrap();
        assert_eq!(info, CodexErrorInfo::ResponseStreamDisconnected { status: None });
    }
}
