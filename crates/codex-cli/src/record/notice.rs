//! What is said once per project: that nothing is recorded, and how that is changed.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use codex_exec::StateDir;
use codex_ledger::sha256_hex;
use codex_runner::Project;

use crate::failure::print;
use crate::render::{Line, Tone};

/// Whether the user is told what is good to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// On standard error.
    Yes,
    /// Nothing but the turn's own output is wanted.
    No,
}

/// Says that turns are not recorded in a project, the first time that it is asked to.
pub(super) fn tell_once(project: &Project, told: Told) {
    // Without git nothing can be recorded, and there is nothing to say.
    let root = project.root();
    let has_git = || project.environment().git().discover(root).is_ok();
    if told == Told::Yes && is_first(root).unwrap_or(false) && has_git() {
        let text = "turns are not recorded here; `codex-turns ledger init` switches that on";
        print(&[Line::new(Tone::Dim, text)]);
    }
}

/// Whether nobody has been told; notes in the user's state that now somebody has.
fn is_first(root: &Path) -> io::Result<bool> {
    let folder = StateDir::for_user().path().join("told");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let note = folder.join(&sha256_hex(root.as_os_str().as_bytes())[..32]);
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(note) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
