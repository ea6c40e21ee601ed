//! Brings the user's index to a commit that was made beside it.

use std::collections::HashMap;

use super::GitCli;
use super::trees::add_line;
use crate::git::vcs::{EntryKind, PathChange, ReadObjects as _, VcsError};
use crate::values::{LEDGER_ROOT, Oid, RepoPath, TreeId};

pub(super) const STEP: &str = "bring the index to the new commit";

/// What the index has at a path; nothing where a merge has left several things there.
type IndexEntry = HashMap<RepoPath, Option<(EntryKind, Oid)>>;

impl GitCli {
    /// Brings along each path that has not been staged otherwise, and gives the others.
    ///
    /// Below the ledger all are brought along: its files are only ever added to, so what is staged there is older.
    pub(super) fn bring_paths(&self, from: &TreeId, to: &TreeId) -> Result<Vec<RepoPath>, VcsError> {
        let staged = self.staged()?;
        let (mut lines, mut left) = (Vec::new(), Vec::new());
        let nothing = "0".repeat(to.as_str().len());
        for change in self.changes(Some(from), to)?.entries {
            let here = staged.get(&change.path);
            let is_merged = here.is_none_or(Option::is_some);
            let here = here.cloned().flatten();
            if here == change.after {
                continue;
            }
            if is_merged && (here == change.before || is_of_ledger(&change)) {
                match &change.after {
                    Some((kind, oid)) => add_line(&mut lines, *kind, oid, change.path.as_bytes()),
                    None => lines
                        .extend([b"0 ", nothing.as_bytes(), b"\t", change.path.as_bytes(), b"\0"].concat()),
                }
            } else {
                left.push(change.path);
            }
        }
        if !lines.is_empty() {
            let call = self.runner.git(STEP).env("GIT_ATTR_SOURCE", from.as_str()).stdin(lines);
            call.args(["update-index", "-z", "--add", "--replace", "--index-info"]).succeed()?;
        }
        Ok(left)
    }

    /// `<mode> <oid> <stage>\t<path>\0` for each path.
    fn staged(&self) -> Result<IndexEntry, VcsError> {
        let output =
            self.runner.git(STEP).args(["ls-files", "-s", "-z", "--full-name"]).thorough().succeed()?;
        let mut staged = IndexEntry::new();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let unreadable = || {
                let reason = format!("{:?} is no entry of the index", String::from_utf8_lossy(line));
                VcsError::Unreadable { step: STEP, reason }
            };
            let tab = memchr::memchr(b'\t', line).ok_or_else(unreadable)?;
            let words: Vec<&[u8]> = line[..tab].split(|byte| *byte == b' ').collect();
            let [mode, oid, stage] = words.as_slice() else { return Err(unreadable()) };
            let path = RepoPath::from_bytes(&line[tab + 1..]).map_err(|_| unreadable())?;
            let kind = EntryKind::from_mode(mode).ok_or_else(unreadable)?;
            let entry = Some((kind, self.oid(oid, STEP)?)).filter(|_| *stage == b"0");
            staged.insert(path, entry);
        }
        Ok(staged)
    }
}

fn is_of_ledger(change: &PathChange) -> bool {
    change.path.as_bytes().strip_prefix(LEDGER_ROOT.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
}
