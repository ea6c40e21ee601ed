//! What the tests of the command share: how a program is started, and what it did.

use std::ffi::OsStr;
use std::process::{Command, Output};

/// What the command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Prepares the start of a program: the one place of these tests that may.
#[expect(clippy::disallowed_methods, reason = "the one place of these tests where processes come from")]
pub(crate) fn new_command(program: &OsStr) -> Command {
    codex_fixtures::restore_default_signals();
    Command::new(program)
}

/// A folder for a user's state. What decides of trust is refused in a temporary folder, where agents may write.
pub(crate) fn state_folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}
