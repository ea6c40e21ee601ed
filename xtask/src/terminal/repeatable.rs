//! [`repeatable`]: what a program printed, without what is new each time.

use crate::record::substitute::is_uuid;

const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
const TURN_TIME: &str = "6.7s";

/// Puts stand-ins for the id of the thread and the time of a turn, leaves the time of a command out, which is shown from a
/// second on, and changes nothing else.
pub(super) fn repeatable(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (taken, stand_in) = if let Some(length) = command_time(rest) {
            (length, "")
        } else if let Some(length) = kept.ends_with(" in ").then(|| seconds(rest)).flatten() {
            (length, TURN_TIME)
        } else if is_uuid(rest) {
            (THREAD.len(), THREAD)
        } else {
            (letter.len_utf8(), &rest[..letter.len_utf8()])
        };
        kept.push_str(stand_in);
        rest = &rest[taken..];
    }
    kept
}

/// The length of a time such as ` (1.0s)`.
fn command_time(text: &str) -> Option<usize> {
    let time = text.strip_prefix(" (")?;
    let length = seconds(time)?;
    time[length..].starts_with(')').then_some(length + " ()".len())
}

/// The length of a time such as `6.7s`.
fn seconds(text: &str) -> Option<usize> {
    let number = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    (number > 0 && text[number..].starts_with('s')).then_some(number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_are_the_same_each_time() {
        let text = "thread 01a1fd1c-f614-7183-96e8-de838fd00072\n✓ $ sh test.sh (1.2s)\n\u{1b}[1mcompleted\u{1b}[0m in 12.3s  (500 in)";
        let wanted =
            format!("thread {THREAD}\n✓ $ sh test.sh\n\u{1b}[1mcompleted\u{1b}[0m in 6.7s  (500 in)");
        assert_eq!(repeatable(text), wanted);
    }

    #[test]
    fn all_else_stays() {
        for text in ["(0 of 3)", "completed in time", "1 file +1 \u{2212}1", "3.5s alone"] {
            assert_eq!(repeatable(text), text);
        }
    }
}
