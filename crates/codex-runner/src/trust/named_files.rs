//! [`named_files`]: the files of a project that a command names.
//!
//! What a tool finds by itself is not among them (the Makefile of `make`, the scripts of `npm test`, `build.rs`): each
//! turn changes such files, so that their bytes say nothing, and checks run in the sandbox for that reason. A program
//! or script that the command itself names is what was looked at when it was trusted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicBool;

use glob::Pattern;

use super::file_list::FileList;
use super::project_file::{FileRefused, read_below};
use super::trust_error::TrustError;
use super::words::words;
use crate::files_matching::{SearchLimits, files_matching};

/// A larger file that a command names cannot be trusted.
const LIMIT_BYTES: u64 = 16 << 20;
/// As many paths of a command are looked at; one that names more cannot be trusted.
const PATHS: usize = 20_000;
/// As many patterns of a command are looked at.
const PATTERNS: usize = 500;

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
    let words = words(command).ok_or(TrustError::ManyWords { limit: PATHS })?;
    let paths: BTreeSet<PathBuf> = words.iter().filter_map(|word| below(root, word)).collect();
    let folders = paths.iter().filter(|path| fs::metadata(root.join(path)).is_ok_and(|found| found.is_dir()));
    // `cd ci && ./test.sh` names ci/test.sh.
    let folders: Vec<PathBuf> = folders.cloned().collect();
    let within = folders.iter().flat_map(|folder| paths.iter().map(move |path| folder.join(path)));
    let mut candidates: BTreeSet<PathBuf> = paths.iter().cloned().chain(within.take(PATHS + 1)).collect();
    candidates.extend(matched(root, &words, &folders)?);
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

/// The files that patterns such as `ci/*.sh` stand for, by themselves and in each of these folders.
///
/// `*` alone is a word of many settings and names nothing.
fn matched(
    root: &Path,
    words: &BTreeSet<String>,
    folders: &[PathBuf],
) -> Result<BTreeSet<PathBuf>, TrustError> {
    let is_pattern = |word: &&String| word.contains(['*', '?', '[']) && word.contains(['/', '.']);
    let plain: Vec<String> = words.iter().filter(is_pattern).map(|word| plain(word)).collect();
    let within = folders
        .iter()
        .flat_map(|folder| plain.iter().map(move |word| format!("{}/{word}", folder.display())));
    let patterns: Vec<String> = plain.iter().cloned().chain(within).collect();
    let patterns: Vec<String> =
        patterns.into_iter().filter(|pattern| Pattern::new(pattern).is_ok()).collect();
    if patterns.is_empty() {
        return Ok(BTreeSet::new());
    }
    if patterns.len() > PATTERNS {
        return Err(TrustError::ManyWords { limit: PATTERNS });
    }
    let limits = SearchLimits { files: PATHS, ..SearchLimits::default() };
    let found = files_matching(root, &patterns, limits, &AtomicBool::new(false));
    if found.is_cut {
        return Err(TrustError::ManyWords { limit: PATHS });
    }
    Ok(found.files.into_iter().chain(found.links).collect())
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
