//! Says where the worktree stands, and what in it differs from HEAD.

use std::collections::BTreeSet;

use super::GitCli;
use super::bring::not;
use super::process::Call;
use crate::git::vcs::{Exclude, Refs as _, Standing, VcsError};
use crate::values::RepoPath;

pub(super) const STEP: &str = "look at the worktree";

/// What a status says.
#[derive(Debug, Default)]
pub(super) struct GitStatus {
    pub(super) standing: Standing,
    /// What differs from the index or is not in it.
    pub(super) differing: BTreeSet<RepoPath>,
    /// What is ignored.
    pub(super) ignored: BTreeSet<RepoPath>,
}

impl GitCli {
    /// With `--ignore-submodules=dirty` git reads the commit at the HEAD of a submodule, and nothing else of it.
    pub(super) fn status(&self, call: Call<'_>, exclude: &Exclude) -> Result<GitStatus, VcsError> {
        let call = call.limit(self.runner.limits.snapshot);
        let call = call.args(["status", "--porcelain=v2", "--branch", "-z"]);
        let call = call.args(["--untracked-files=all", "--ignored=matching", "--no-renames"]);
        let call = call.args(["--ignore-submodules=dirty", "--no-ahead-behind", "--", "."]);
        let output = call.arg(not(&exclude.ledger_root)).succeed()?;
        let mut status = GitStatus::default();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            self.read_line(line, &mut status)?;
        }
        // A branch may be called so.
        if status.standing.branch.as_deref() == Some("(detached)") {
            status.standing.branch = self.branch()?;
        }
        Ok(status)
    }

    /// `# <key> <value>`, `1 <XY> <6 fields> <path>`, `u <XY> <8 fields> <path>`, `? <path>` or `! <path>`.
    fn read_line(&self, line: &[u8], status: &mut GitStatus) -> Result<(), VcsError> {
        let standing = &mut status.standing;
        let unreadable = || {
            let reason = format!("{:?} is no line of a status", String::from_utf8_lossy(line));
            VcsError::Unreadable { step: STEP, reason }
        };
        if let Some(header) = line.strip_prefix(b"# ") {
            if let Some(head) = header.strip_prefix(b"branch.oid ") {
                standing.head = if head == b"(initial)" { None } else { Some(self.oid(head, STEP)?) };
            } else if let Some(branch) = header.strip_prefix(b"branch.head ") {
                standing.branch = Some(String::from_utf8_lossy(branch).into_owned());
            }
            return Ok(());
        }
        if let Some(path) = line.strip_prefix(b"! ") {
            status.ignored.extend(RepoPath::from_bytes(path).ok());
            return Ok(());
        }
        standing.dirty = true;
        let fields = match line.first() {
            Some(b'1') => 8,
            Some(b'u') => 10,
            Some(b'?') => 1,
            _ => return Err(unreadable()),
        };
        // In an ordinary line, the second letter says how the worktree differs from the index.
        if line.starts_with(b"1 ") && line.get(3) == Some(&b'.') {
            return Ok(());
        }
        let path = line.splitn(fields + 1, |byte| *byte == b' ').nth(fields).ok_or_else(unreadable)?;
        let path = path.strip_suffix(b"/").unwrap_or(path);
        status.differing.extend(RepoPath::from_bytes(path).ok());
        Ok(())
    }
}
