//! [`named_files`]: the files of a project that a command names.
//!
//! What a tool finds by itself is not among them (the Makefile of `make`, the scripts of `npm test`, `build.rs`): each
//! turn changes such files, so that their bytes say nothing, and checks run in the sandbox for that reason. A program
//! or script that the command itself names is what was looked at when it was trusted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

use super::file_list::FileList;
use super::project_file::{FileRefused, read_below};
use super::trust_error::TrustError;

/// A larger file that a command names cannot be trusted.
const LIMIT_BYTES: u64 = 16 << 20;
/// As many paths of a command are looked at; one that names more cannot be trusted.
const PATHS: usize = 1000;

/// Adds the files below a folder with a real path that a command names, as a word or as a part of one. What matches
/// one of `reports` is written by the command, and left out.
///
/// # Errors
///
/// One of them leads out of the project or cannot be read, so that nobody can say what it does.
pub(crate) fn named_files(
    root: &Path,
    command: &str,
    reports: &[String],
    files: &mut FileList,
) -> Result<(), TrustError> {
    let reports: Vec<Pattern> =
        reports.iter().filter_map(|report| Pattern::new(&plain(report)).ok()).collect();
    let paths: BTreeSet<PathBuf> = words(command).filter_map(|word| below(root, word)).collect();
    let folders = paths.iter().filter(|path| fs::metadata(root.join(path)).is_ok_and(|found| found.is_dir()));
    // `cd ci && ./test.sh` names ci/test.sh.
    let folders: Vec<PathBuf> = folders.cloned().collect();
    let within = folders.iter().flat_map(|folder| paths.iter().map(move |path| folder.join(path)));
    let candidates: BTreeSet<PathBuf> = paths.iter().cloned().chain(within.take(PATHS + 1)).collect();
    if candidates.len() > PATHS {
        return Err(TrustError::ManyWords { limit: PATHS });
    }
    for path in candidates {
        if reports.iter().any(|report| report.matches_path(&path)) {
            continue;
        }
        let refused = |source| TrustError::File { path: path.clone(), source };
        match read_below(root, &path, LIMIT_BYTES) {
            Ok(Some(bytes)) => files.add(path.to_string_lossy(), &bytes),
            Ok(None) | Err(FileRefused::NotAFile) => {}
            Err(source) => return Err(refused(source)),
        }
    }
    Ok(())
}

/// A path or pattern without `.` in it.
fn plain(report: &str) -> String {
    report.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

/// The words of a command, without what a shell reads as something else.
fn words(command: &str) -> impl Iterator<Item = &str> {
    let is_between = |character: char| character.is_whitespace() || "\"'`;|&<>(){}$=,:".contains(character);
    // A path may have any of these in it where there is no shell.
    let whole = command.lines().chain(command.split(char::is_whitespace));
    command.split(is_between).chain(whole).filter(|word| !word.is_empty() && word.len() < 4096)
}

/// The path of a word below the project, unless it leaves it or is the project itself.
fn below(root: &Path, word: &str) -> Option<PathBuf> {
    let word = Path::new(word);
    let relative = if word.is_absolute() { word.strip_prefix(root).ok()? } else { word };
    let mut path = PathBuf::new();
    for part in relative.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!path.as_os_str().is_empty()).then_some(path)
}
