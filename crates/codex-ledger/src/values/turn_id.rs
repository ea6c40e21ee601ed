//! [`TurnId`]: the number of a record.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

/// Numbers a record: from 1, never reused, at most 16 digits so that every reader of JSON keeps it exact.
///
/// ```
/// use codex_ledger::TurnId;
///
/// let id: TurnId = "42".parse()?;
/// assert_eq!(id.get(), 42);
/// assert_eq!(id.next().map(|id| id.to_string()).as_deref(), Some("43"));
/// assert!("042".parse::<TurnId>().is_err());
/// # Ok::<(), codex_ledger::values::InvalidTurnId>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct TurnId(#[schemars(range(min = 1, max = 9_999_999_999_999_999_u64))] u64);

impl TurnId {
    /// The first number.
    pub const FIRST: Self = Self(1);
    /// The last number.
    pub const LAST: Self = Self(9_999_999_999_999_999);

    /// Takes a number.
    ///
    /// # Errors
    ///
    /// The number is 0 or has more than 16 digits.
    pub fn new(number: u64) -> Result<Self, InvalidTurnId> {
        if (Self::FIRST.0..=Self::LAST.0).contains(&number) {
            Ok(Self(number))
        } else {
            Err(InvalidTurnId { text: number.to_string() })
        }
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The number after this one, unless this is the last.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1).ok()
    }
}

impl fmt::Display for TurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TurnId {
    type Err = InvalidTurnId;

    /// Reads digits without a sign, a space or a leading zero.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTurnId { text: text.chars().take(40).collect() };
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        if !is_plain {
            return Err(invalid());
        }
        text.parse().ok().and_then(|number| Self::new(number).ok()).ok_or_else(invalid)
    }
}

impl<'de> Deserialize<'de> for TurnId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Says that a text or a number is no [`TurnId`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is no turn id: a whole number from 1 to 9999999999999999 without leading zeros")]
#[non_exhaustive]
pub struct InvalidTurnId {
    /// What was given, cut after 40 characters.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::TurnId;

    #[rstest]
    #[case("1", Some(1))]
    #[case("9999999999999999", Some(9_999_999_999_999_999))]
    #[case("10000000000000000", None)]
    #[case("0", None)]
    #[case("", None)]
    #[case("01", None)]
    #[case("+1", None)]
    #[case("-1", None)]
    #[case(" 1", None)]
    #[case("1\n", None)]
    #[case("١", None)]
    #[case("99999999999999999999999", None)]
    fn a_text_is_an_id_only_in_its_one_form(#[case] text: &str, #[case] number: Option<u64>) {
        assert_eq!(text.parse::<TurnId>().ok().map(TurnId::get), number);
    }

    #[test]
    fn the_last_id_has_no_next() {
        assert_eq!(TurnId::LAST.next(), None);
        assert_eq!(TurnId::FIRST.next().map(TurnId::get), Some(2));
    }

    #[test]
    fn json_has_the_number_and_takes_no_zero() {
        assert_eq!(serde_json::to_string(&TurnId::FIRST).unwrap(), "1");
        assert!(serde_json::from_str::<TurnId>("0").is_err());
        assert!(serde_json::from_str::<TurnId>("\"1\"").is_err());
    }
}
