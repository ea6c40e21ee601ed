//! [`with_causes`]: an error and all that caused it, as one line.

use std::error::Error;
use std::iter;

/// Returns the message of an error and those of all its causes, the nearest first.
///
/// ```
/// use codex_protocol::with_causes;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the door is shut")]
/// struct Shut(#[source] std::num::ParseIntError);
///
/// let shut = Shut("many".parse::<u8>().unwrap_err());
/// assert_eq!(with_causes(&shut), "the door is shut: invalid digit found in string");
/// ```
pub fn with_causes(error: &dyn Error) -> String {
    let causes = iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
