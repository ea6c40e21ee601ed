//! [`SandboxFolders`]: the private folders of one sandboxed command.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::StateDir;

/// Ends the name of the lock beside a folder.
const LOCK: &str = "lock";
/// Ends it until it is locked: whoever removes what is abandoned takes an unlocked one for one of the dead.
const UNLOCKED: &str = "new";

/// Holds the private folders of one sandboxed command, and removes them when dropped.
///
/// They are in the user's state and not in `/tmp`, where other sandboxes may write: an agent that put a `config.toml` into the
/// home of Codex would loosen the sandbox.
#[derive(Debug)]
pub(super) struct SandboxFolders {
    root: PathBuf,
    lock: PathBuf,
    /// Locked while the owner lives.
    locked: File,
    /// How the folder of the mark stood before the sandbox started.
    unmarked: (u64, i64, i64),
}

impl SandboxFolders {
    /// Makes the folders, and removes those whose owner has died.
    pub(super) fn make(state: &StateDir) -> io::Result<Self> {
        let parent = fs::canonicalize(state.commands()?)?;
        remove_abandoned(&parent);
        let root = tempfile::Builder::new().prefix("command-").tempdir_in(&parent)?.keep();
        let (lock, unlocked) = (root.with_extension(LOCK), root.with_extension(UNLOCKED));
        let locked = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unlocked)?;
        let mut folders = Self { root, lock, locked, unmarked: (0, 0, 0) };
        folders.locked.lock()?;
        fs::rename(&unlocked, &folders.lock)?;
        for folder in [folders.home(), folders.of_codex(), folders.temporary(), folders.mark_folder()] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        folders.unmarked = state_of(&fs::symlink_metadata(folders.mark_folder())?);
        Ok(folders)
    }

    /// The home that Codex gets: empty, so that neither the user's configuration nor that of a trusted project counts.
    pub(super) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The temporary folder of Codex itself.
    pub(super) fn of_codex(&self) -> PathBuf {
        self.root.join("codex")
    }

    /// The folder that the command may write to. Codex lays empty folders of its own over some names in it.
    pub(super) fn writable(&self) -> PathBuf {
        self.root.join("writable")
    }

    /// The temporary folder of the command.
    pub(super) fn temporary(&self) -> PathBuf {
        self.writable().join("tmp")
    }

    /// The file that is made when the sandbox starts the command.
    pub(super) fn started(&self) -> PathBuf {
        self.mark_folder().join("started")
    }

    /// Returns whether the sandbox started the command. The command may remove the mark, but not hide that somebody wrote to
    /// its folder: the time of that is the system's.
    pub(super) fn has_started(&self) -> bool {
        fs::symlink_metadata(self.mark_folder()).ok().map(|found| state_of(&found)) != Some(self.unmarked)
    }

    fn mark_folder(&self) -> PathBuf {
        self.writable().join("mark")
    }
}

fn state_of(folder: &Metadata) -> (u64, i64, i64) {
    (folder.ino(), folder.ctime(), folder.ctime_nsec())
}

impl Drop for SandboxFolders {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.root));
        drop(fs::remove_file(&self.lock));
        // Closing the file is not enough: a process that is just being started holds a copy until its program begins.
        drop(self.locked.unlock());
    }
}

/// Removes folders that nobody holds the lock of.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|end| end != LOCK) {
            continue;
        }
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            drop(fs::remove_dir_all(path.with_extension("")));
            drop(fs::remove_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_removed_with_their_owner_or_by_the_next_one() {
        let scratch = tempfile::tempdir().unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        let first = SandboxFolders::make(&state).unwrap();
        let abandoned = state.commands().unwrap().join("command-dead");
        fs::create_dir(&abandoned).unwrap();
        fs::write(abandoned.with_extension(LOCK), "").unwrap();
        let second = SandboxFolders::make(&state).unwrap();
        assert!(first.temporary().is_dir() && second.home().is_dir() && !abandoned.exists());
        drop((first, second));
        assert_eq!(fs::read_dir(state.commands().unwrap()).unwrap().count(), 0);
    }
}
