//! [`is_git_dir`]: recognises the git directory of a repository.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::system::plain_file::open_behind_links;

/// `HEAD` and `.git` files are shorter.
const LIMIT_BYTES: u64 = 8 << 10;

/// Returns whether git would accept this path as a git directory, or as a file that names one.
///
/// It reads only the beginning of a regular file, never blocks on a pipe, and starts nothing. Other programs leave empty `.git` folders
/// behind, which are not accepted.
///
/// ```
/// let folder = std::env::temp_dir().join("no such folder");
/// assert!(!codex_ledger::git::is_git_dir(&folder.join(".git")));
/// ```
pub fn is_git_dir(path: &Path) -> bool {
    let has_refs = || path.join("objects").is_dir() && path.join("refs").is_dir();
    path.is_file() || is_head(&path.join("HEAD")) && (path.join("commondir").is_file() || has_refs())
}

/// Returns whether an entry called `.git` turns its folder into a nested repository.
pub(crate) fn is_of_repository(entry: &Path) -> bool {
    if !entry.is_file() {
        return is_git_dir(entry);
    }
    let Ok(text) = short_text(entry) else { return false };
    let (Some(named), Some(folder)) = (text.strip_prefix("gitdir: "), entry.parent()) else { return false };
    let target = folder.join(named.trim_end_matches(['\n', '\r']));
    target.is_dir() && is_git_dir(&target)
}

/// Returns whether two folders are worktrees of one repository, without asking git.
pub fn share_repository(one: &Path, other: &Path) -> bool {
    let common = |root: &Path| fs::canonicalize(git_dirs(root)?.1).ok();
    common(one).is_some_and(|one| common(other) == Some(one))
}

/// Returns the git directory of a worktree and the one that it shares with others, without asking git.
pub(crate) fn git_dirs(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let entry = root.join(".git");
    if entry.is_dir() {
        return Some((entry.clone(), entry));
    }
    let text = short_text(&entry).ok()?;
    let git_dir = root.join(text.strip_prefix("gitdir: ")?.trim_end_matches(['\n', '\r']));
    let common_dir = match short_text(&git_dir.join("commondir")) {
        Ok(text) => git_dir.join(text.trim_end_matches(['\n', '\r'])),
        Err(_) => git_dir.clone(),
    };
    Some((git_dir, common_dir))
}

/// Returns whether this is a valid `HEAD`: a ref, an object name, or a link as old versions of git made them.
fn is_head(path: &Path) -> bool {
    match fs::read_link(path) {
        Ok(target) => target.starts_with("refs"),
        Err(_) => short_text(path).is_ok_and(|text| {
            let text = text.trim_end();
            let is_object =
                matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_object || text.strip_prefix("ref:").is_some_and(|name| name.trim_start().starts_with("refs/"))
        }),
    }
}

/// Reads the beginning of a regular file.
fn short_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_behind_links(path)?.take(LIMIT_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn repository(folder: &Path) -> PathBuf {
        fs::create_dir_all(folder.join("objects")).unwrap();
        fs::create_dir_all(folder.join("refs")).unwrap();
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        folder.to_owned()
    }

    #[test]
    fn a_pipe_is_no_head() {
        let scratch = tempfile::tempdir().unwrap();
        let git = repository(&scratch.path().join(".git"));
        assert!(is_git_dir(&git));
        fs::remove_file(git.join("HEAD")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            git.join("HEAD"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        assert!(!is_git_dir(&git));
        fs::remove_file(git.join("HEAD")).unwrap();
        symlink("refs/heads/unborn", git.join("HEAD")).unwrap();
        assert!(is_git_dir(&git));
    }

    #[test]
    fn a_file_makes_a_repository_if_it_names_one() {
        let scratch = tempfile::tempdir().unwrap();
        let elsewhere = repository(&scratch.path().join("elsewhere"));
        let entry = scratch.path().join(".git");
        for (text, expected) in [
            ("gitdir: elsewhere\n".to_owned(), true),
            (format!("gitdir: {}", elsewhere.display()), true),
            ("gitdir: nowhere\n".to_owned(), false),
            ("gitdir: .\n".to_owned(), false),
            ("#!/bin/sh\n".to_owned(), false),
            ("gitdir: elsewhere\n#!/bin/sh\n".to_owned(), false),
        ] {
            fs::write(&entry, &text).unwrap();
            assert_eq!(is_of_repository(&entry), expected, "{text:?}");
        }
    }
}
