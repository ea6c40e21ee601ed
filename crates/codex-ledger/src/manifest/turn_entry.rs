//! [`TurnEntry`]: one turn of the agent in a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Extra, TokenSource};

/// One turn of the agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TurnEntry {
    /// The thread that it belongs to.
    pub thread_id: Option<String>,
    /// How it ended, in one word; `None` if nobody saw its end.
    pub verdict: Option<String>,
    /// The kind of its failure, in one word.
    pub failure_kind: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// How long it took.
    pub elapsed_ms: Option<u64>,
    /// How its process ended.
    pub exit: ExitEntry,
    /// Its tokens.
    pub usage: TurnTokens,
    /// The SHA-256 of the bytes of its prompt.
    pub prompt_sha256: Option<String>,
    /// The last message of the agent.
    pub final_message: Option<String>,
    /// The task that it belongs to, where the record has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What it was for, where that was not the work itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a process ended; both `None` if nobody saw it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ExitEntry {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The tokens of a turn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TurnTokens {
    /// The total of its thread up to its end.
    pub thread: TokenCounts,
    /// Its own share.
    pub turn: TokenCounts,
    /// Where its own share comes from.
    pub source: Option<TokenSource>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Counts of tokens. What is not known is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TokenCounts {
    /// Tokens sent to the model, cached ones included.
    pub input_tokens: Option<u64>,
    /// The part of them that was read from a cache.
    pub cached_input_tokens: Option<u64>,
    /// The part of them that was written to a cache.
    pub cache_write_input_tokens: Option<u64>,
    /// Tokens that the model produced, reasoning included.
    pub output_tokens: Option<u64>,
    /// The part of those that was reasoning.
    pub reasoning_output_tokens: Option<u64>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl From<codex_protocol::Usage> for TokenCounts {
    fn from(usage: codex_protocol::Usage) -> Self {
        Self {
            input_tokens: Some(usage.input_tokens),
            cached_input_tokens: Some(usage.cached_input_tokens),
            cache_write_input_tokens: usage.cache_write_input_tokens,
            output_tokens: Some(usage.output_tokens),
            reasoning_output_tokens: usage.reasoning_output_tokens,
            extra: Extra::new(),
        }
    }
}
