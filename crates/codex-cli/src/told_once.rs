//! Says once per project that nothing is recorded, and how that is changed.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};

use codex_ledger::values::sha256_hex;
use codex_runner::Project;

use crate::render::{Line, Tone};

/// The line that says that turns are not recorded in a project, the first time that it is asked for.
pub(crate) fn line(project: &Project) -> Option<Line> {
    // Without git nothing can be recorded, and there is nothing to say.
    let has_git = || project.environment().git().discover(project.root()).is_ok();
    let text = "turns are not recorded here; `codex-turns ledger init` switches that on";
    (is_first(project).unwrap_or(false) && has_git()).then(|| Line::new(Tone::Dim, text))
}

/// Whether the user has not been told yet; notes in the user's state that this has been done.
fn is_first(project: &Project) -> io::Result<bool> {
    let folder = project.environment().state_dir().path().join("told");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let note = folder.join(&sha256_hex(project.root().as_os_str().as_bytes())[..32]);
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(note) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
