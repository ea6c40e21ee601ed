//! [`DecodePolicy`]: what a bad line means to a turn.

/// Says what a line that cannot be decoded does to the turn it belongs to.
///
/// ```
/// assert_eq!(codex_protocol::DecodePolicy::default(), codex_protocol::DecodePolicy::Collect);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodePolicy {
    /// The line is delivered and counted, and the turn goes on.
    #[default]
    Collect,
    /// The turn is stopped and fails with the line.
    Fail,
}
