//! [`GitSettings`]: the settings that keep the git of Codex from starting programs of a repository within a repository.

mod config_keys;
mod overrides;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use self::config_keys::config_keys;
use self::overrides::{always, overrides};
use crate::{InvocationError, InvocationParts, NestedRepository};

/// A configuration is shorter, and so is the environment that answers it.
const FILE_LIMIT_BYTES: u64 = 256 << 10;
const OVERRIDES_LIMIT_BYTES: usize = 64 << 10;

/// Holds settings of git for one start, which come before those of any file; none, unless a repository is nested.
///
/// They reach the shells of the agent too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitSettings {
    pairs: Vec<(OsString, OsString)>,
}

impl GitSettings {
    /// Reads the configuration of the repositories between the working directory and the top of the outermost one.
    ///
    /// It blocks on the file system and starts no git.
    ///
    /// # Errors
    ///
    /// A nested repository is refused, or its configuration includes other files or cannot be read.
    pub fn of(parts: &InvocationParts) -> Result<Self, InvocationError> {
        if parts.nested_repository == NestedRepository::Trust {
            return Ok(Self::default());
        }
        let cwd = parts.cwd.clone().map_or_else(std::env::current_dir, Ok).and_then(fs::canonicalize);
        // Codex does not start in a folder that is not there.
        let Ok(cwd) = cwd else { return Ok(Self::default()) };
        let mut folders: Vec<_> =
            cwd.ancestors().filter(|folder| fs::symlink_metadata(folder.join(".git")).is_ok()).collect();
        // Git passes over a `.git` without `HEAD`, so more than one can be between it and the outermost.
        let is_git = |top: &Path| {
            let entry = top.join(".git");
            entry.is_file() || entry.join("HEAD").symlink_metadata().is_ok()
        };
        while folders.last().is_some_and(|top| !is_git(top)) {
            folders.pop();
        }
        let Some(top) = folders.pop() else { return Ok(Self::default()) };
        let mut pairs = if folders.is_empty() { Vec::new() } else { Vec::from(always()) };
        for folder in folders {
            let refused = |reason| InvocationError::NestedRepository {
                path: folder.to_owned(),
                top: top.to_owned(),
                reason,
            };
            if parts.nested_repository == NestedRepository::Refuse {
                return Err(refused("it could start programs outside of the sandbox"));
            }
            pairs.extend(overrides_of(folder, top).map_err(refused)?);
        }
        if pairs.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > OVERRIDES_LIMIT_BYTES {
            let reason = "its configuration names too many programs";
            return Err(InvocationError::NestedRepository { path: cwd.clone(), top: top.to_owned(), reason });
        }
        Ok(Self { pairs })
    }

    /// The settings, by their keys.
    pub fn pairs(&self) -> &[(OsString, OsString)] {
        &self.pairs
    }
}

/// What is set against the configuration of the repository at a folder, or why nothing helps.
fn overrides_of(folder: &Path, top: &Path) -> Result<Vec<(OsString, OsString)>, &'static str> {
    const UNREADABLE: &str = "its configuration cannot be read";
    let mut pairs = Vec::new();
    let Some(git) = git_folder(folder).map_err(|_| UNREADABLE)? else { return Ok(pairs) };
    let common = match read(&git.join("commondir")).map_err(|_| UNREADABLE)? {
        Some(path) => git.join(OsStr::from_bytes(trimmed(&path))),
        None => git.clone(),
    };
    // What lies in the git folder of the outermost repository no sandboxed agent has written.
    let outermost = git_folder(top).ok().flatten().and_then(|folder| folder.canonicalize().ok());
    let is_outermost = |path: &Path| {
        let real = path.canonicalize().ok();
        real.zip(outermost.as_ref()).is_some_and(|(real, outermost)| real.starts_with(outermost))
    };
    let is_protected = is_outermost(&git) && is_outermost(&common);
    let mut files = vec![common.join("config"), git.join("config.worktree")];
    if common != git {
        files.push(git.join("config"));
    }
    for file in files {
        let Some(text) = read(&file).map_err(|_| UNREADABLE)? else { continue };
        let keys = config_keys(&text).ok_or("its configuration cannot be understood")?;
        if !is_protected && keys.iter().any(|(key, _)| key.starts_with(b"include")) {
            return Err("its configuration includes other files");
        }
        pairs.extend(overrides(&keys));
    }
    Ok(pairs)
}

/// The folder that `.git` is or names; none, if it names none, which git refuses too.
fn git_folder(folder: &Path) -> io::Result<Option<PathBuf>> {
    let dot = folder.join(".git");
    if fs::metadata(&dot).is_ok_and(|found| found.is_dir()) {
        return Ok(Some(dot));
    }
    let Some(text) = read(&dot)? else { return Ok(None) };
    Ok(text.strip_prefix(b"gitdir: ").map(|path| folder.join(OsString::from_vec(trimmed(path).to_vec()))))
}

fn trimmed(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    &text[..end]
}

/// Reads a short file if it is there, and nothing that could block.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !found.is_file() || found.len() > FILE_LIMIT_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    fs::read(path).map(Some)
}

#[cfg(test)]
mod tests;
