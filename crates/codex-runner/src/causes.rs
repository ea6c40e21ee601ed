//! [`causes`]: an error with its causes as one line.

use std::error::Error;
use std::iter;

/// Returns an error and its causes in one line.
pub(crate) fn causes(error: &dyn Error) -> String {
    let causes = iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
