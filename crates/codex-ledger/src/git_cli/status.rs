//! Says whether the worktree differs from HEAD.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::GitCli;
use crate::vcs::{Exclude, VcsError};

impl GitCli {
    pub(super) fn has_changes_outside(&self, exclude: &Exclude) -> Result<bool, VcsError> {
        let mut spec = OsString::from(":(top,exclude,literal)");
        spec.push(OsStr::from_bytes(exclude.ledger_root.as_bytes()));
        let call = self.runner.git("look for changes").thorough();
        let call = call.args(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"]);
        let call = call.args(["--ignore-submodules=dirty", "--no-ahead-behind", "--", "."]).arg(spec);
        Ok(!call.succeed()?.is_empty())
    }
}
