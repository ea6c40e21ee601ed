//! Times as people tell them: `5 minutes ago`.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long ago a time is; the time itself where it is none.
pub(super) fn ago(time: &str, now: Timestamp) -> String {
    let Ok(then) = time.parse::<Timestamp>() else { return time.to_owned() };
    let seconds = now.as_second() - then.as_second();
    let (count, unit) = match seconds {
        // A clock of another machine may be ahead.
        ..MINUTE => return if seconds < -MINUTE { time.to_owned() } else { "just now".to_owned() },
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => match seconds / DAY {
            days @ ..14 => (days, "day"),
            days @ 14..60 => (days / 7, "week"),
            days @ 60..730 => (days / 30, "month"),
            days => (days / 365, "year"),
        },
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-01-10T12:00:00Z", "just now")]
    #[case("2026-01-10T12:00:30Z", "just now")]
    #[case("2026-01-10T13:00:00Z", "2026-01-10T13:00:00Z")]
    #[case("2026-01-10T11:59:00Z", "1 minute ago")]
    #[case("2026-01-10T11:01:00Z", "59 minutes ago")]
    #[case("2026-01-10T11:00:00Z", "1 hour ago")]
    #[case("2026-01-09T12:00:00Z", "1 day ago")]
    #[case("2025-12-27T12:00:00Z", "2 weeks ago")]
    #[case("2025-10-01T12:00:00Z", "3 months ago")]
    #[case("2020-01-10T12:00:00Z", "6 years ago")]
    #[case("yesterday", "yesterday")]
    fn times_are_told_from_now(#[case] time: &str, #[case] expected: &str) {
        assert_eq!(ago(time, "2026-01-10T12:00:00Z".parse().unwrap()), expected);
    }
}
