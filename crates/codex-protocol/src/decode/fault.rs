//! [`Fault`]: which field of a payload is wrong, and why.

use std::fmt;

use serde::de::Error;

/// A decoding error that knows the path to the field.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The innermost key comes first.
    path: Vec<String>,
    reason: String,
}

impl Fault {
    pub(crate) fn below(mut self, key: String) -> Self {
        self.path.push(key);
        self
    }

    pub(crate) fn into_parts(mut self) -> (String, String) {
        self.path.reverse();
        (self.path.join("."), self.reason)
    }

    fn of_field(field: &str, reason: &str) -> Self {
        Self { path: vec![field.to_owned()], reason: reason.to_owned() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in self.path.iter().rev() {
            write!(f, "`{key}`: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: Vec::new(), reason: message.to_string() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of_field(field, "it is missing")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of_field(field, "it is there twice")
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::custom(error)
    }
}
