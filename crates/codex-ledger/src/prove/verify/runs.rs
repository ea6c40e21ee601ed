//! [`runs`]: numbers in a row as text.

use crate::values::TurnId;

/// Runs of numbers as text: `turn 3`, `turns 5 to 9`.
pub(super) fn runs(numbers: &[TurnId]) -> Vec<String> {
    let mut runs: Vec<(TurnId, TurnId)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.next() == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    runs.into_iter()
        .map(
            |(first, last)| {
                if first == last { format!("turn {first}") } else { format!("turns {first} to {last}") }
            },
        )
        .collect()
}
