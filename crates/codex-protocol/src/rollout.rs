//! [`RolloutSummary`]: what the file in which Codex keeps a thread adds to the stream.

mod call;
mod line;
mod meter;
mod session;
mod shell_words;
mod summary;
mod turn;
mod unconfirmed;
mod unseen;

pub use call::RolloutCall;
pub use line::RolloutLine;
pub use session::RolloutSession;
pub use summary::RolloutSummary;
pub use turn::{RolloutEnd, RolloutTurn};
pub use unconfirmed::Unconfirmed;

#[cfg(test)]
mod tests;
