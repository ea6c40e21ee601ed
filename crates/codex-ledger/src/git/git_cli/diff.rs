//! What differs between two trees.

use super::GitCli;
use super::process::Call;
use crate::git::vcs::{Changes, EntryKind, PathChange, VcsError};
use crate::values::{Oid, RepoPath, TreeId};

/// A list of the paths that differ.
pub(super) const CHANGES: &[&str] = &["-z", "--raw", "--numstat"];
/// A patch that `git apply` takes.
pub(super) const PATCH: &[&str] = &["--unified=3", "--binary"];
pub(super) const STEP: &str = "compare two trees";

impl GitCli {
    /// The attributes are those of the tree before: nobody makes his own changes unreadable.
    pub(super) fn diff_tree(&self, form: &[&str], before: Option<&TreeId>, after: &TreeId) -> Call<'_> {
        let before = before.unwrap_or(&self.empty_tree);
        self.differ(before).args(form).arg(before.as_str()).arg(after.as_str()).arg("--")
    }

    /// Compares trees as every difference of a record is made.
    pub(super) fn differ(&self, attributes: &TreeId) -> Call<'_> {
        let call = self.runner.git(STEP).thorough().env("GIT_ATTR_SOURCE", attributes.as_str());
        let call = call.args(["-c", "core.attributesFile=/dev/null", "-c", "diff.orderFile=/dev/null"]);
        let call = call.args(["diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv"]);
        let call = call.args(["--no-color", "--no-relative", "--full-index", "--ignore-submodules=none"]);
        let call = call.args(["--submodule=short", "--src-prefix=a/", "--dst-prefix=b/"]);
        call.args(["--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic"])
    }

    /// First `:<mode> <mode> <oid> <oid> <letter>\0<path>\0` for each path, then `<added>\t<deleted>\t<path>\0`.
    pub(super) fn read_changes(&self, output: &[u8]) -> Result<Changes, VcsError> {
        let mut entries: Vec<PathChange> = Vec::new();
        let mut counts = Vec::new();
        let mut tokens = output.split(|byte| *byte == 0).filter(|token| !token.is_empty());
        while let Some(token) = tokens.next() {
            if let Some(raw) = token.strip_prefix(b":") {
                let path = tokens.next().unwrap_or_default();
                entries.push(self.read_raw(raw, path).ok_or_else(|| unreadable(token))?);
            } else {
                counts.push(read_counts(token).ok_or_else(|| unreadable(token))?);
            }
        }
        if counts.len() != entries.len() {
            let reason = format!("{} paths and {} counts", entries.len(), counts.len());
            return Err(VcsError::Unreadable { step: STEP, reason });
        }
        for (entry, (path, lines)) in entries.iter_mut().zip(counts) {
            if entry.path != path {
                return Err(unreadable(path.as_bytes()));
            }
            entry.lines = lines;
        }
        Ok(Changes::new(entries))
    }

    pub(super) fn read_raw(&self, raw: &[u8], path: &[u8]) -> Option<PathChange> {
        let words: Vec<&[u8]> = raw.split(|byte| *byte == b' ').collect();
        let [mode_before, mode_after, before, after, _letter] = words.as_slice() else { return None };
        let path = RepoPath::from_bytes(path).ok()?;
        Some(PathChange::new(path, self.side(mode_before, before)?, self.side(mode_after, after)?))
    }

    /// Mode 000000 means that nothing is there.
    #[expect(clippy::option_option, reason = "not readable, nothing there, something there")]
    fn side(&self, mode: &[u8], oid: &[u8]) -> Option<Option<(EntryKind, Oid)>> {
        if mode == b"000000" {
            return Some(None);
        }
        Some(Some((EntryKind::from_mode(mode)?, self.oid(oid, STEP).ok()?)))
    }
}

type LineCounts = Option<(u64, u64)>;

fn read_counts(token: &[u8]) -> Option<(RepoPath, LineCounts)> {
    let mut fields = token.splitn(3, |byte| *byte == b'\t');
    let (added, deleted, path) = (fields.next()?, fields.next()?, fields.next()?);
    let path = RepoPath::from_bytes(path).ok()?;
    if added == b"-" {
        return Some((path, None));
    }
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    Some((path, Some((number(added)?, number(deleted)?))))
}

pub(super) fn unreadable(token: &[u8]) -> VcsError {
    VcsError::Unreadable { step: STEP, reason: format!("{:?}", String::from_utf8_lossy(token)) }
}
