//! [`ComputedValues`]: what only the program that runs the turn can know.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::resolved_context::ValuePart;
use codex_ledger::TurnId;
use codex_ledger::system::utc_seconds;
use codex_ledger::values::LEDGER_ROOT;

/// Holds what only the program that runs the turn can know; what is not known yet stays a reference.
///
/// | name | value |
/// | --- | --- |
/// | `TURN_ID` | the number of the record |
/// | `TURN_START_TIME`, `TURN_END_TIME` | `YYYY-MM-DDTHH:MM:SSZ` |
/// | `TURN_ELAPSED_TIME` | `HH:MM:SS`, from start to end |
///
/// ```
/// use codex_ledger::TurnId;
/// use codex_runner::ComputedValues;
///
/// let values = ComputedValues::new().turn(TurnId::FIRST).start("2025-09-05T17:42:10Z".parse()?);
/// assert_eq!(values.get("TURN_ID").as_deref(), Some("1"));
/// assert_eq!(values.get("TURN_START_TIME").as_deref(), Some("2025-09-05T17:42:10Z"));
/// assert_eq!(values.get("TURN_ELAPSED_TIME"), None, "the turn has not ended");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "this is a value to resolve contexts with"]
pub struct ComputedValues {
    turn: Option<TurnId>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

/// The name itself, if it is one that is always computed.
pub(crate) fn is_of_the_turn(name: &str) -> Option<&'static str> {
    ComputedValues::NAMES.into_iter().find(|known| *known == name)
}

impl ComputedValues {
    /// The names that are always computed, whatever a context says.
    pub const NAMES: [&str; 4] = ["TURN_ID", "TURN_START_TIME", "TURN_END_TIME", "TURN_ELAPSED_TIME"];

    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the number of the record.
    pub fn turn(mut self, turn: TurnId) -> Self {
        self.turn = Some(turn);
        self
    }

    /// Gives the start of the turn.
    pub fn start(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Gives the end of the turn.
    pub fn end(mut self, end: Timestamp) -> Self {
        self.end = Some(end);
        self
    }

    /// The value of one of the four names, if it is known by now.
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "TURN_ID" => self.turn.map(|turn| turn.to_string()),
            "TURN_START_TIME" => self.start.map(utc_seconds),
            "TURN_END_TIME" => self.end.map(utc_seconds),
            "TURN_ELAPSED_TIME" => {
                let elapsed = self.end?.duration_since(self.start?);
                Some(clock_time(Duration::try_from(elapsed).unwrap_or_default()))
            }
            _ => None,
        }
    }
}

/// The folder of the record of the turn, whose number is not known yet.
pub(crate) fn turn_directory(project: &Path) -> Vec<ValuePart> {
    let turns = format!("{}/{LEDGER_ROOT}/turns/", project.display());
    vec![ValuePart::Text(turns), ValuePart::Pending(ComputedValues::NAMES[0])]
}

fn clock_time(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_is_hours_minutes_and_seconds() {
        let start: Timestamp = "2025-09-05T17:42:10Z".parse().unwrap();
        let end: Timestamp = "2025-09-07T18:43:12.9Z".parse().unwrap();
        let elapsed = |start, end| ComputedValues::new().start(start).end(end).get("TURN_ELAPSED_TIME");
        assert_eq!(elapsed(start, end).as_deref(), Some("49:01:02"));
        assert_eq!(elapsed(end, start).as_deref(), Some("00:00:00"), "a clock that was set back");
    }
}
