//! [`Secret`] and [`ApiKey`]: text that is handed to Codex by its environment alone and never printed.

use std::fmt;

/// Holds text that must not be seen: it is never printed and never part of an argument.
///
/// ```
/// let token = codex_exec::Secret::new("s3cr3t");
/// assert_eq!(format!("{token:?}"), "Secret(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// Returns the text: on purpose, for a process layer that hands it to Codex, and never to be printed.
    ///
    /// ```
    /// assert_eq!(codex_exec::Secret::new("s3cr3t").expose(), "s3cr3t");
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Holds the key that Codex signs its requests with.
///
/// It reaches Codex in the variable [`ApiKey::VARIABLE`], which is emptied for the commands that the agent
/// runs. It is no argument, since arguments are visible to every process of the machine.
///
/// ```
/// let key = codex_exec::ApiKey::new("sk-1234");
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Secret);

impl ApiKey {
    /// Names the variable that Codex reads the key from; `OPENAI_API_KEY` alone has no effect on it.
    pub const VARIABLE: &str = "CODEX_API_KEY";

    /// Takes the key over.
    pub fn new(key: impl Into<String>) -> Self {
        Self(Secret::new(key))
    }

    /// Returns the key: on purpose, for a process layer that hands it to Codex, and never to be printed.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
