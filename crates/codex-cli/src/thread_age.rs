//! The age of a thread, from its id: whether `--resume last` has found one, or Codex has silently opened another.

use std::time::{Duration, SystemTime};

use codex_protocol::ThreadId;

/// Whether a thread was opened at this time or later. `false` where its id does not say.
///
/// Codex names threads by UUIDs of version 7, which begin with the time in milliseconds.
pub(crate) fn is_opened_since(thread: &ThreadId, time: SystemTime) -> bool {
    opened(thread).is_some_and(|opened| opened >= time)
}

fn opened(thread: &ThreadId) -> Option<SystemTime> {
    let digits: String = thread.as_str().chars().filter(|character| *character != '-').collect();
    if !thread.is_uuid() || digits.as_bytes().get(12) != Some(&b'7') {
        return None;
    }
    let milliseconds = u64::from_str_radix(&digits[..12], 16).ok()?;
    // The id has whole milliseconds: the time is the last of them that it can stand for.
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds) + Duration::from_micros(999))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// 0x0199a21381c0 milliseconds.
    const OPENED: Duration = Duration::from_millis(1_759_360_811_456);

    #[rstest]
    #[case::at_that_time("0199a213-81c0-7800-8aa1-bbab2a035a53", 0, true)]
    #[case::before("0199a213-81c0-7800-8aa1-bbab2a035a53", -1, true)]
    #[case::after("0199a213-81c0-7800-8aa1-bbab2a035a53", 1, false)]
    #[case::another_kind_of_uuid("0199a213-81c0-4800-8aa1-bbab2a035a53", -1, false)]
    #[case::no_uuid("yesterday", -1, false)]
    fn the_id_tells_when_a_thread_was_opened(
        #[case] id: &str,
        #[case] later_seconds: i64,
        #[case] expected: bool,
    ) {
        let opened = SystemTime::UNIX_EPOCH + OPENED;
        let apart = Duration::from_secs(later_seconds.unsigned_abs());
        let time = if later_seconds < 0 { opened - apart } else { opened + apart };
        assert_eq!(is_opened_since(&ThreadId::from_wire(id), time), expected);
    }
}
