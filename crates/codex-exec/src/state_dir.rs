//! [`StateDir`]: the folder in which starts and threads are noted while they last.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Names the folder that keeps what must be known across processes: which starts are not over, and which
/// threads are in use.
///
/// Its subfolders are made when they are first asked for, for this user alone (mode 0700).
///
/// ```
/// use std::os::unix::fs::PermissionsExt;
///
/// let scratch = tempfile::tempdir()?;
/// let state = codex_exec::StateDir::at(scratch.path().join("state"));
/// let threads = state.threads()?;
/// assert_eq!(threads, scratch.path().join("state/threads"));
/// assert_eq!(threads.metadata()?.permissions().mode() & 0o777, 0o700);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// Takes the folder; nothing is made yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Takes the folder that this user's state belongs into: `$XDG_STATE_HOME/codex-turns`, else
    /// `~/.local/state/codex-turns`, else one in the temporary folder that carries the user's number.
    pub fn for_user() -> Self {
        let user = rustix::process::geteuid().as_raw();
        Self::choose(env::var_os("XDG_STATE_HOME"), env::home_dir(), &env::temp_dir(), user)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of the starts that are not over, made if need be.
    ///
    /// # Errors
    ///
    /// It cannot be made, or others could write to it.
    pub fn starts(&self) -> io::Result<PathBuf> {
        self.make("starts")
    }

    /// The folder of the threads in use, made if need be.
    ///
    /// # Errors
    ///
    /// As [`StateDir::starts`].
    pub fn threads(&self) -> io::Result<PathBuf> {
        self.make("threads")
    }

    /// The folder of the private folders of [sandboxed commands](crate::SandboxedCommands), made if need be.
    ///
    /// # Errors
    ///
    /// As [`StateDir::starts`].
    pub fn commands(&self) -> io::Result<PathBuf> {
        self.make("commands")
    }

    fn choose(xdg: Option<OsString>, home: Option<PathBuf>, temp: &Path, user: u32) -> Self {
        // The specification of these folders says to ignore relative ones.
        let absolute = |path: &PathBuf| path.is_absolute();
        let xdg = xdg.map(PathBuf::from).filter(absolute).map(|state| state.join("codex-turns"));
        let home = home.filter(absolute).map(|home| home.join(".local/state/codex-turns"));
        Self(xdg.or(home).unwrap_or_else(|| temp.join(format!("codex-turns-{user}"))))
    }

    fn make(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.0.join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        ours(&self.0)?;
        ours(&folder)?;
        Ok(folder)
    }
}

/// Refuses a folder that somebody else made or may write to, as anybody could in the temporary folder: what
/// stands in it says which processes are to be killed.
fn ours(folder: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(folder)?;
    let safe =
        found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o022 == 0;
    if safe {
        return Ok(());
    }
    let message = format!("{} is not a directory that only this user can write to", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use rstest::rstest;
    use tempfile::tempdir;

    use super::*;

    #[rstest]
    #[case::xdg_first(Some("/x"), Some("/h"), "/x/codex-turns")]
    #[case::a_relative_xdg_does_not_count(Some("x"), Some("/h"), "/h/.local/state/codex-turns")]
    #[case::home_next(None, Some("/h"), "/h/.local/state/codex-turns")]
    #[case::without_a_home(None, None, "/t/codex-turns-7")]
    fn the_folder_follows_the_user(
        #[case] xdg: Option<&str>,
        #[case] home: Option<&str>,
        #[case] expected: &str,
    ) {
        let chosen = StateDir::choose(xdg.map(Into::into), home.map(Into::into), Path::new("/t"), 7);
        assert_eq!(chosen.path(), Path::new(expected));
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        let scratch = tempdir().unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        state.starts().unwrap();
        fs::set_permissions(state.path(), Permissions::from_mode(0o777)).unwrap();
        let refused = state.starts().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{refused}");
    }
}
