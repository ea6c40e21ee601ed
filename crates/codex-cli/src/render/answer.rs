//! The answer as it is printed on a terminal.

use super::sanitize::many_lines;

/// Makes an answer safe to print on a terminal; a pipe and a file get it as it is.
pub(crate) fn for_terminal(answer: &str) -> String {
    many_lines(answer)
}
