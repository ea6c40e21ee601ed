//! Says where the worktree stands, and whether it differs from HEAD.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::GitCli;
use crate::vcs::{Exclude, Standing, VcsError};

const STEP: &str = "look at the worktree";

impl GitCli {
    pub(super) fn look_where(&self, exclude: &Exclude) -> Result<Standing, VcsError> {
        let mut spec = OsString::from(":(top,exclude,literal)");
        spec.push(OsStr::from_bytes(exclude.ledger_root.as_bytes()));
        let call = self.runner.git(STEP).thorough();
        let call = call.args(["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all"]);
        let call = call.args(["--no-renames", "--ignore-submodules=dirty", "--no-ahead-behind"]);
        let output = call.args(["--", "."]).arg(spec).succeed()?;
        let mut standing = Standing::default();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            if let Some(head) = line.strip_prefix(b"# branch.oid ") {
                standing.head = if head == b"(initial)" { None } else { Some(self.oid(head, STEP)?) };
            } else if let Some(branch) = line.strip_prefix(b"# branch.head ") {
                standing.branch = Some(String::from_utf8_lossy(branch).into_owned());
            } else if !line.starts_with(b"# ") {
                standing.dirty = true;
            }
        }
        // A branch may be called so.
        if standing.branch.as_deref() == Some("(detached)") {
            standing.branch = self.current_branch()?;
        }
        Ok(standing)
    }
}
