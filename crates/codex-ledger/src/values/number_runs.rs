//! Numbers of records as runs, each with its first and last: short where many follow each other.

/// Adds a number, unless it is in one already.
pub(crate) fn add(runs: &mut Vec<(u64, u64)>, number: u64) {
    if has(runs, number) {
        return;
    }
    match runs.last_mut() {
        Some((_, last)) if *last + 1 == number => *last = number,
        _ => runs.push((number, number)),
    }
}

/// Whether a number is in one of the runs.
pub(crate) fn has(runs: &[(u64, u64)], number: u64) -> bool {
    runs.iter().any(|(first, last)| (*first..=*last).contains(&number))
}
