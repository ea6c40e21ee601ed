//! Says where the worktree stands, and what in it differs from HEAD.

use std::collections::BTreeSet;

use super::GitCli;
use super::bring::{Bringing, Content, not};
use super::private_index::PrivateIndex;
use super::process::Call;
use super::rule_files::read_rules;
use crate::RepoPath;
use crate::vcs::{Exclude, Snapshot, Standing, VcsError};

pub(super) const STEP: &str = "look at the worktree";

/// What a status says.
#[derive(Debug, Default)]
struct Status {
    standing: Standing,
    /// What differs from the index or is not in it.
    differing: BTreeSet<RepoPath>,
    /// What is ignored, if that was asked.
    ignored: BTreeSet<RepoPath>,
}

impl GitCli {
    pub(super) fn look_where(&self, exclude: &Exclude) -> Result<Standing, VcsError> {
        self.status(self.runner.git(STEP), exclude, "--ignored=no").map(|status| status.standing)
    }

    /// Where the worktree stands and the worktree as a tree, out of one status.
    pub(super) fn look_around(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError> {
        let index = PrivateIndex::copy_of(self, &self.git_dir.join("index"))?;
        let call = self.runner.git(STEP).index(index.path());
        let Status { standing, differing, ignored } = self.status(call, exclude, "--ignored=matching")?;
        let mut bringing = Bringing::new(self, &index, Content::Converted);
        bringing.bring_listed(&differing)?;
        let (unreadable, too_large) = (bringing.unreadable, bringing.too_large);
        let ignored_rules = read_rules(&self.runner.root, &ignored);
        let tree = self.write_snapshot(&index, exclude, Content::Converted)?;
        Ok((standing, Snapshot { unreadable, too_large, ignored_rules, ..Snapshot::new(tree) }))
    }

    /// With `--ignore-submodules=dirty` git reads the commit at the HEAD of a submodule, and nothing else of it.
    fn status(&self, call: Call<'_>, exclude: &Exclude, ignored: &str) -> Result<Status, VcsError> {
        let call = call.limit(self.runner.limits.snapshot);
        let call = call.args(["status", "--porcelain=v2", "--branch", "-z"]);
        let call = call.args(["--untracked-files=all", ignored, "--no-renames"]);
        let call = call.args(["--ignore-submodules=dirty", "--no-ahead-behind", "--", "."]);
        let output = call.arg(not(&exclude.ledger_root)).succeed()?;
        let mut status = Status::default();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            self.read_line(line, &mut status)?;
        }
        // A branch may be called so.
        if status.standing.branch.as_deref() == Some("(detached)") {
            status.standing.branch = self.current_branch()?;
        }
        Ok(status)
    }

    /// `# <key> <value>`, `1 <XY> <6 fields> <path>`, `u <XY> <8 fields> <path>`, `? <path>` or `! <path>`.
    fn read_line(&self, line: &[u8], status: &mut Status) -> Result<(), VcsError> {
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
