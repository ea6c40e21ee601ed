//! [`ConfigStamp`]: how the files of git's configuration stood when they were read.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How the files stood that the configuration came from, and those that it would come from if they were there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ConfigStamp(Vec<(PathBuf, Option<FileStamp>)>);

/// Number, length and times of a file, the time of the last change among them, which an ordinary process cannot set.
type FileStamp = [i128; 5];

impl ConfigStamp {
    /// Takes that of files of which something is set, and of those in the usual places.
    pub(super) fn of(origins: impl IntoIterator<Item = PathBuf>, git_dirs: &[&Path]) -> Self {
        let folders =
            git_dirs.iter().flat_map(|folder| [folder.join("config"), folder.join("config.worktree")]);
        let files: BTreeSet<PathBuf> = origins.into_iter().chain(folders).chain(of_user()).collect();
        let stamped = |file: PathBuf| {
            let stamp = stamp(&file);
            (file, stamp)
        };
        Self(files.into_iter().map(stamped).collect())
    }

    /// Whether all files stand as they did.
    pub(super) fn is_current(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(file, then)| stamp(file) == *then)
    }
}

fn of_user() -> impl Iterator<Item = PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| home.as_ref().map(|home| home.join(".config")));
    let global = std::env::var_os("GIT_CONFIG_GLOBAL").map(PathBuf::from);
    let files =
        [home.map(|home| home.join(".gitconfig")), folder.map(|folder| folder.join("git/config")), global];
    files.into_iter().flatten()
}

fn stamp(file: &Path) -> Option<FileStamp> {
    let found = fs::metadata(file).ok()?;
    let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    Some([
        found.dev().into(),
        found.ino().into(),
        found.len().into(),
        nanoseconds(found.mtime(), found.mtime_nsec()),
        nanoseconds(found.ctime(), found.ctime_nsec()),
    ])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::ConfigStamp;

    #[test]
    fn a_file_that_comes_changes_or_goes_is_noticed() {
        let scratch = tempfile::tempdir().unwrap();
        let (folder, other) = (scratch.path(), scratch.path().join("included"));
        fs::write(folder.join("config"), "a").unwrap();
        let stamp = || ConfigStamp::of([other.clone()], &[folder]);
        let mut last = stamp();
        assert!(last.is_current() && !ConfigStamp::default().is_current());
        let mut check = |story: &str, change: &dyn Fn()| {
            change();
            assert!(!last.is_current(), "{story}");
            last = stamp();
            assert!(last.is_current(), "{story}");
        };
        check("another length", &|| fs::write(folder.join("config"), "ab").unwrap());
        check("an included file", &|| fs::write(&other, "").unwrap());
        check("one of the worktree", &|| fs::write(folder.join("config.worktree"), "").unwrap());
        check("gone", &|| fs::remove_file(folder.join("config")).unwrap());
    }
}
