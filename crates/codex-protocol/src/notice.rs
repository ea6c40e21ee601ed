//! [`Notice`]: what Codex mentions in passing.

use serde::Serialize;

/// Something that Codex mentioned in the course of a turn without ending it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Notice {
    /// The line it is from, counted from 1.
    pub line: u64,
    /// What kind of line that is.
    pub source: NoticeSource,
    /// Prose.
    pub message: String,
}

/// Says what kind of line a notice is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NoticeSource {
    /// An `error` event: mostly a connection that is tried again.
    Event,
    /// An `error` item: a warning, which may come before the turn starts.
    Item,
}

impl Notice {
    pub(crate) fn new(line: u64, source: NoticeSource, message: &str) -> Self {
        Self { line, source, message: message.to_owned() }
    }

    /// Which attempt to reach the service the notice tells of, if it tells of one.
    pub fn retry(&self) -> Option<Reconnect> {
        Reconnect::read(&self.message)
    }
}

/// Counts the attempts to reach the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Reconnect {
    /// The connection is tried again, for so many times at most.
    #[non_exhaustive]
    Attempt {
        /// Which attempt this is, counted from 1.
        attempt: u32,
        /// How many there will be.
        limit: u32,
    },
    /// Codex waits until there is a network, for ever.
    WaitingForNetwork,
}

impl Reconnect {
    /// Reads `Reconnecting... 2/5 (...)`, and `stream error: ...; retrying 2/5 in 202ms…` of 0.45 and before.
    fn read(message: &str) -> Option<Self> {
        let rest = match message.strip_prefix("Reconnecting... ") {
            Some(rest) if rest.starts_with("waiting for network") => return Some(Self::WaitingForNetwork),
            Some(rest) => rest,
            None => message.rsplit_once("; retrying ")?.1,
        };
        let (attempt, limit) = rest.split_whitespace().next()?.split_once('/')?;
        Some(Self::Attempt { attempt: attempt.parse().ok()?, limit: limit.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Reconnecting... 1/5 (stream disconnected before completion: x 3/4)", Some((1, 5)))]
    #[case("Reconnecting... 5/5", Some((5, 5)))]
    #[case("stream error: stream disconnected; retrying 2/5 in 202ms…", Some((2, 5)))]
    #[case("Reconnecting... soon", None)]
    #[case("Reconnecting... 1/many", None)]
    #[case("read 1/5 of it", None)]
    fn attempts_are_read(#[case] message: &str, #[case] expected: Option<(u32, u32)>) {
        let expected = expected.map(|(attempt, limit)| Reconnect::Attempt { attempt, limit });
        assert_eq!(Notice::new(1, NoticeSource::Event, message).retry(), expected);
    }

    #[test]
    fn waiting_for_the_network_has_no_count() {
        let message = "Reconnecting... waiting for network (Connection failed: error sending request)";
        assert_eq!(Notice::new(1, NoticeSource::Event, message).retry(), Some(Reconnect::WaitingForNetwork));
    }
}
