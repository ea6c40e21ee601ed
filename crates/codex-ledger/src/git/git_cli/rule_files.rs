//! Files with ignore rules: their names, and the rules of many of them as one file.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::git::vcs::RuleFile;
use crate::system::plain_file::open_plain;
use crate::values::RepoPath;

pub(super) const IGNORE: &[u8] = b".gitignore";
pub(super) const ATTRIBUTES: &[u8] = b".gitattributes";
/// A file of rules is not longer; of what is longer the beginning counts.
const LONGEST_BYTES: u64 = 1 << 20;
/// A worktree has not more files of rules that are ignored themselves.
const MOST_FILES: usize = 2000;

/// Whether the last part of a path is this name.
pub(super) fn is_named(path: &RepoPath, name: &[u8]) -> bool {
    path.as_bytes().rsplit(|byte| *byte == b'/').next() == Some(name)
}

/// Reads those of the paths that are files with ignore rules.
pub(super) fn read_rules(root: &Path, paths: &BTreeSet<RepoPath>) -> Vec<RuleFile> {
    let files = paths.iter().filter(|path| is_named(path, IGNORE)).take(MOST_FILES);
    files.filter_map(|path| Some(RuleFile::new(path.clone(), read_text(root, path)?))).collect()
}

/// Returns the text of a file of rules; `None` without a regular file. Git follows no link there.
pub(super) fn read_text(root: &Path, path: &RepoPath) -> Option<String> {
    let file = open_plain(&root.join(OsStr::from_bytes(path.as_bytes()))).ok()?;
    let mut bytes = Vec::new();
    file.take(LONGEST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The rules of many files as one file at the top of the worktree. Later rules win, so those of inner folders come last.
pub(super) fn join_rules(mut files: Vec<RuleFile>) -> String {
    let depth = |file: &RuleFile| file.path.as_bytes().split(|byte| *byte == b'/').count();
    files.sort_by_key(depth);
    let mut joined = String::new();
    for file in &files {
        let path = file.path.to_string();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for rule in file.text.lines() {
            joined.extend(moved(folder, rule));
        }
    }
    joined
}

/// Returns a rule of a folder as a rule of the top; `None` for a line without a rule.
fn moved(folder: &str, line: &str) -> Option<String> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if folder.is_empty() {
        return Some(format!("{line}\n"));
    }
    let (not, pattern) = line.strip_prefix('!').map_or(("", line), |pattern| ("!", pattern));
    let is_anchored = pattern.trim_end().trim_end_matches('/').contains('/');
    let between = if is_anchored { "" } else { "**/" };
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    Some(format!("{not}/{}/{between}{pattern}\n", escaped(folder)))
}

/// A path as a pattern that means nothing else.
fn escaped(path: &str) -> String {
    let mut escaped = String::new();
    for letter in path.chars() {
        if matches!(letter, '\\' | '*' | '?' | '[' | ' ' | '!' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{join_rules, moved};
    use crate::git::vcs::RuleFile;

    #[rstest]
    #[case("", "*.log", Some("*.log\n"))]
    #[case("", "# words", None)]
    #[case("a/b", "", None)]
    #[case("a/b", "x", Some("/a/b/**/x\n"))]
    #[case("a/b", "x/", Some("/a/b/**/x/\n"))]
    #[case("a/b", "/x", Some("/a/b/x\n"))]
    #[case("a/b", "x/y", Some("/a/b/x/y\n"))]
    #[case("a/b", "!x", Some("!/a/b/**/x\n"))]
    #[case("a/b", "*\r", Some("/a/b/**/*\n"))]
    #[case("a[1] *", "x", Some("/a\\[1]\\ \\*/**/x\n"))]
    fn a_rule_of_a_folder_is_one_of_the_top(
        #[case] folder: &str,
        #[case] rule: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(moved(folder, rule).as_deref(), expected);
    }

    #[test]
    fn rules_of_inner_folders_come_last() {
        let file = |path: &str, text: &str| RuleFile::new(path.parse().unwrap(), text);
        let files = vec![file("a/.gitignore", "!x\n"), file(".gitignore", "x\n")];
        assert_eq!(join_rules(files), "x\n!/a/**/x\n");
    }
}
