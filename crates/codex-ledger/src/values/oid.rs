//! [`Oid`]: the name of an object in git.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Names an object of a git repository: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
///
/// ```
/// use codex_ledger::values::Oid;
///
/// let oid: Oid = "4B825DC642CB6EB9A060E54BF8D69288FBEE4904".parse()?;
/// assert_eq!(oid.as_str(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
/// assert!(oid.zero().is_zero());
/// assert!("4b825dc".parse::<Oid>().is_err());
/// # Ok::<(), codex_ledger::values::InvalidOid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oid(String);

/// Names a tree.
pub type TreeId = Oid;

impl Oid {
    /// Reads the bytes of a name.
    ///
    /// # Errors
    ///
    /// They are not 40 or 64 hexadecimal digits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidOid> {
        let text = String::from_utf8_lossy(bytes);
        text.parse()
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the same length that stands for "no object".
    #[must_use]
    pub fn zero(&self) -> Self {
        Self("0".repeat(self.0.len()))
    }

    /// Whether it stands for "no object".
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Oid> for String {
    fn from(oid: Oid) -> Self {
        oid.0
    }
}

impl TryFrom<String> for Oid {
    type Error = InvalidOid;

    fn try_from(text: String) -> Result<Self, InvalidOid> {
        text.parse()
    }
}

impl FromStr for Oid {
    type Err = InvalidOid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && matches!(text.len(), 40 | 64) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidOid { text: text.chars().take(80).collect() })
        }
    }
}

/// Says that a text is no full object id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is no full object id")]
#[non_exhaustive]
pub struct InvalidOid {
    /// What was given, cut after 80 characters.
    pub text: String,
}
