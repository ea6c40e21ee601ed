//! The one place of this program that makes a [`Command`], and the folders every chore works in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prepares to start a program.
#[expect(clippy::disallowed_methods, reason = "the one place of xtask that starts processes")]
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Prepares to start the cargo that runs this program.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The root of the workspace.
pub(crate) fn workspace_root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("xtask lies in the workspace").to_owned()
}
