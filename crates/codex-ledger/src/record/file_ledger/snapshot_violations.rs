//! [`violations_of`]: what a record says of a snapshot that does not have everything, or not by the rules of the worktree.

use crate::git::{LargeFile, Snapshot};
use crate::manifest::Violation;
use crate::values::RepoPath;

/// So many files of a kind are named, each by a violation of its own.
const MOST_NAMED: usize = 50;

/// What is to be said of a snapshot. Files that were too large before, too, are not the turn's.
pub(super) fn violations_of(snapshot: &Snapshot, large_before: &[LargeFile]) -> Vec<Violation> {
    let broken = &snapshot.broken;
    let mut all = Vec::new();
    let mut each = |kind: &str, paths: &[RepoPath], detail: &str| {
        let named = &paths[..paths.len().min(MOST_NAMED)];
        all.extend(named.iter().map(|path| Violation::new(kind, detail).at(path.to_string())));
        let unnamed = paths.len() - named.len();
        if unnamed > 0 {
            all.push(Violation::new(kind, format!("the same is true of {unnamed} more files")));
        }
    };
    let unreadable = "could not be read or stored by git as usual, so the record may lack its changes";
    each("unreadable", &snapshot.unreadable, unreadable);
    let rules = "ignore rules were changed during the turn; those from before it decide what is recorded";
    each("ignore-rules-changed", &broken.ignore_files, rules);
    let attributes =
        "attributes were changed during the turn; those from before it decide how changes are read";
    each("attributes-changed", &broken.attribute_files, attributes);
    let hidden = "is hidden by ignore rules that the turn changed; it is in the record";
    each("hidden-by-ignore", &broken.hidden, hidden);
    if broken.hidden_beyond_the_limit > 0 {
        let detail = format!(
            "{} more files are hidden so; they are not in the record",
            broken.hidden_beyond_the_limit
        );
        all.push(Violation::new("hidden-by-ignore", detail));
    }
    if broken.uncovered > 0 {
        let detail = format!(
            "{} files are no longer ignored; they are not in the record, as they were ignored before the turn",
            broken.uncovered
        );
        all.push(Violation::new("ignore-rules-changed", detail));
    }
    for file in snapshot.too_large.iter().filter(|file| !large_before.contains(file)) {
        let detail =
            format!("has {} bytes, which is too large for a record; its changes are unknown", file.bytes);
        all.push(Violation::new("file-too-large", detail).at(file.path.to_string()));
    }
    all
}
