//! [`RolloutSummary`]: what the file in which Codex keeps a thread adds to the stream.

mod call;
mod line;
mod summary;

pub use call::RolloutCall;
pub use line::RolloutLine;
pub use summary::{RolloutSession, RolloutSummary, RolloutTurn};
