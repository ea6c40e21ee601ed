//! When a limit ends, as prose tells it.

use std::time::Duration;

/// Reads `try again in 1.5s` and `try again in 3 days 2 hours 5 minutes`.
pub(super) fn after(message: &str) -> Option<Duration> {
    let (_, rest) = message.split_once("try again in ").or_else(|| message.split_once("retry after "))?;
    let mut seconds = None;
    let mut rest = rest.trim_start();
    while let Some((length, unread)) = leading_span(rest) {
        seconds = Some(seconds.unwrap_or(0.0) + length);
        rest = unread.trim_start_matches(',').trim_start();
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    Duration::try_from_secs_f64(seconds?).ok()
}

/// Reads `try again at Sep 2nd, 2026 3:04 PM.`, up to the end of the sentence.
pub(super) fn at(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("try again at ")?;
    let end = rest.find(". ").or_else(|| rest.find('\n')).unwrap_or(rest.len());
    let time = rest[..end].trim().trim_end_matches(['.', ')', '"']);
    (!time.is_empty()).then(|| time.to_owned())
}

/// A number and its unit, in seconds, and what follows them.
fn leading_span(text: &str) -> Option<(f64, &str)> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..unit_at].parse().ok()?;
    let unit_text = text[unit_at..].trim_start();
    let end = unit_text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit_text.len());
    let unit = match &unit_text[..end] {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "week" | "weeks" => 604_800.0,
        _ => return None,
    };
    Some((number * unit, &unit_text[end..]))
}
