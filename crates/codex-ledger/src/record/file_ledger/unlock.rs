//! Opens the top of the worktree again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::manifest::Violation;
use crate::record::parts::LedgerParts;

/// The rights that the owner needs to read a folder.
const READABLE: u32 = 0o500;

/// Gives the owner of a worktree back the right to read it, without which nothing below it can be recorded.
pub(super) fn unlock(parts: &LedgerParts) -> Option<Violation> {
    let root = parts.vcs.worktree_root();
    let mode = fs::metadata(root).ok()?.permissions().mode();
    if mode & READABLE == READABLE {
        return None;
    }
    parts.disk.set_mode(root, mode | 0o700).ok()?;
    let detail = "the top of the worktree was locked during the turn and is open again";
    Some(Violation::new("worktree-locked", detail))
}
