//! Says where the worktree stands, and what in it differs from HEAD.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::GitCli;
use super::process::Call;
use crate::git::vcs::{Refs as _, Standing, VcsError};
use crate::values::RepoPath;

pub(super) const STEP: &str = "look at the worktree";

/// What a status says.
#[derive(Debug, Default)]
pub(super) struct GitStatus {
    pub(super) standing: Standing,
    /// What differs from the index.
    pub(super) differing: BTreeSet<RepoPath>,
    /// What is not in the index.
    pub(super) untracked: BTreeSet<RepoPath>,
    /// What is ignored.
    pub(super) ignored: BTreeSet<RepoPath>,
}

/// How much of a repository inside is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InnerLook {
    /// The commit at its HEAD.
    Head,
    Nothing,
}

impl GitCli {
    /// Asks what differs from the index in a scope.
    pub(super) fn status(
        &self,
        call: Call<'_>,
        scope: &[OsString],
        inner: InnerLook,
    ) -> Result<GitStatus, VcsError> {
        let call = call.args(["status", "--porcelain=v2", "--branch", "-z"]);
        let call = call.args(["--untracked-files=all", "--ignored=matching", "--no-renames"]);
        let call = call.arg(match inner {
            InnerLook::Head => "--ignore-submodules=dirty",
            InnerLook::Nothing => "--ignore-submodules=all",
        });
        let output = call.args(["--no-ahead-behind", "--"]).args(scope).succeed()?;
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
        let path = RepoPath::from_bytes(path.strip_suffix(b"/").unwrap_or(path)).ok();
        let list = if line.starts_with(b"?") { &mut status.untracked } else { &mut status.differing };
        list.extend(path);
        Ok(())
    }
}
