//! The known key that is most like an unknown one.

/// The nearest of these keys, unless none is near.
pub(super) fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |one: &str, other: &str| strsim::jaro_winkler(&folded(one), &folded(other));
    // Two keys of one table are alike by its name alone.
    let is_near = |other: &str| likeness(key, other) > 0.7 && likeness(last(key), last(other)) > 0.6;
    let rated = known.filter(|other| is_near(other)).map(|other| (likeness(key, other), other));
    rated.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, other)| other)
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// `Idle-Timeout` is near to `idle_timeout`.
fn folded(key: &str) -> String {
    key.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("tests.comand", Some("tests.command"))]
    #[case("test.command", Some("tests.command"))]
    #[case("tests.Command", Some("tests.command"))]
    #[case("ledger.claims", Some("ledger.claim"))]
    #[case("ledger.qqq", None)]
    #[case("zzz", None)]
    fn the_nearest_key_is_named(#[case] key: &str, #[case] expected: Option<&str>) {
        let known = ["run.sandbox", "ledger.git", "ledger.claim", "tests.command", "lint.command"];
        assert_eq!(nearest(key, known.into_iter()), expected);
    }
}
