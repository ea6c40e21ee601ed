//! What is told of calls as JSON, where that is not just its fields.

use serde::{Serialize, Serializer};

use super::{ToolCall, ToolEvent, ToolOutcome};
use crate::turn_json::in_milliseconds;

impl Serialize for ToolEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
        enum EventJson<'a> {
            Started {
                call: &'a ToolCall,
            },
            Ended {
                call: &'a ToolCall,
                outcome: &'static str,
                message: Option<&'a str>,
                duration_ms: u64,
                result_bytes: u64,
                left_out_bytes: u64,
            },
        }
        let event = match self {
            Self::Started { call } => EventJson::Started { call },
            Self::Ended { call, outcome, duration, result_bytes, left_out_bytes } => EventJson::Ended {
                call,
                outcome: outcome.word(),
                message: message(outcome),
                duration_ms: in_milliseconds(*duration),
                result_bytes: *result_bytes,
                left_out_bytes: *left_out_bytes,
            },
        };
        event.serialize(serializer)
    }
}

fn message(outcome: &ToolOutcome) -> Option<&str> {
    match outcome {
        ToolOutcome::Failed(text) | ToolOutcome::Panicked(text) => Some(text),
        ToolOutcome::Ok | ToolOutcome::TimedOut(_) | ToolOutcome::Cancelled => None,
    }
}
