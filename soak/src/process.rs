//! The one place of this program that makes a [`Command`].

use std::ffi::OsStr;
use std::process::Command;

/// Prepares to start a program.
#[expect(clippy::disallowed_methods, reason = "the one place of the soak that starts processes")]
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}
