//! Takes the worktree, by git.

use std::ffi::OsString;
use std::path::Path;

use super::GitCli;
use super::before::IGNORED;
use super::bring::{Bringing, Content, DIFFERING, UNTRACKED, not};
use super::private_index::PrivateIndex;
use super::rule_files::read_rules;
use super::sorted_paths::is_there;
use super::status::{GitStatus, InnerLook, STEP};
use super::user_index::STEP as ADVANCE;
use crate::git::PrivateDirs;
use crate::git::vcs::{Exclude, Identity, Rules, Snapshot, Standing, VcsError, Worktree};
use crate::values::{RepoPath, TreeId, sha256_hex};

impl Worktree for GitCli {
    fn worktree_root(&self) -> &Path {
        &self.runner.root
    }

    fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    fn user_name(&self) -> Result<Option<String>, VcsError> {
        Ok(self.runner.configured_user()?.name)
    }

    fn identity(&self) -> Result<Option<Identity>, VcsError> {
        let user = self.runner.configured_user()?;
        Ok(user.name.zip(user.email).map(|(name, email)| Identity::new(name, email)))
    }

    /// Where the worktree stands and the worktree as a tree, out of one status.
    fn look(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError> {
        let index = PrivateIndex::of_user_without(self, &exclude.ledger_root)?;
        let call = self.runner.git(STEP).index(index.path()).limit(self.runner.limits.snapshot);
        let scope = [".".into(), not(&exclude.ledger_root)];
        let GitStatus { standing, mut differing, mut untracked, ignored } =
            self.status(call, &scope, InnerLook::Head)?;
        differing.append(&mut untracked);
        let mut bringing = Bringing::new(self, &index, Content::Converted);
        bringing.bring_listed(&differing)?;
        let (unreadable, too_large) = (bringing.unreadable, bringing.too_large);
        let ignored_rules = read_rules(&self.runner.root, &ignored);
        let tree = self.write_snapshot(&index, exclude, Content::Converted)?;
        Ok((standing, Snapshot { unreadable, too_large, ignored_rules, ..Snapshot::new(tree) }))
    }

    fn snapshot(&self, exclude: &Exclude) -> Result<Snapshot, VcsError> {
        let index = PrivateIndex::of_user_without(self, &exclude.ledger_root)?;
        let mut bringing = Bringing::new(self, &index, Content::Converted);
        bringing.bring(&[".".into(), not(&exclude.ledger_root)])?;
        let (unreadable, too_large) = (bringing.unreadable, bringing.too_large);
        let tree = self.write_snapshot(&index, exclude, Content::Converted)?;
        Ok(Snapshot { unreadable, too_large, ..Snapshot::new(tree) })
    }

    fn snapshot_by(&self, exclude: &Exclude, rules: &Rules) -> Result<Snapshot, VcsError> {
        let index = PrivateIndex::of_user_without(self, &exclude.ledger_root)?;
        let mut bringing = Bringing::new(self, &index, Content::ConvertedBy(&rules.tree));
        let links = bringing.links()?;
        let mut scope = vec![OsString::from("."), not(&exclude.ledger_root)];
        scope.extend(links.iter().map(not));
        // The index may have changed, too: what it no longer has is listed by the earlier tree alone, and what it has and
        // neither that nor the worktree has, by the index alone.
        let differ = ["diff-index", "-z", "--name-only", "--no-renames", "--ignore-submodules=all"];
        let mut differing = bringing.listed(&[&differ[..], &[rules.tree.as_str()]].concat(), &scope)?;
        let mut standing = None;
        let (mut changed, mut untracked, ignored) = match bringing.status(&scope) {
            Ok(status) => {
                standing = Some(status.standing);
                (status.differing, status.untracked, status.ignored)
            }
            // A status needs a HEAD that can be read, and these do not.
            Err(VcsError::Failed { .. }) => (
                bringing.listed(DIFFERING, &scope)?,
                bringing.listed(UNTRACKED, &scope)?,
                bringing.listed(IGNORED, &scope)?,
            ),
            Err(error) => return Err(error),
        };
        differing.append(&mut changed);
        let mut broken = self.broken_rules(rules, &[&differing, &untracked, &ignored])?;
        if !broken.ignore_files.is_empty() {
            let earlier = self.untracked_by(&bringing, rules, &scope)?;
            broken.uncovered = untracked.difference(&earlier).count() as u64;
            let hidden: Vec<RepoPath> = earlier.difference(&untracked).cloned().collect();
            let limit = self.runner.limits.hidden_files;
            broken.hidden_beyond_the_limit = hidden.len().saturating_sub(limit) as u64;
            broken.hidden = hidden.into_iter().take(limit).collect();
            untracked = earlier.intersection(&untracked).cloned().collect();
            untracked.extend(broken.hidden.iter().cloned());
        }
        differing.append(&mut untracked);
        bringing.bring_all(&differing, &links)?;
        let (unreadable, too_large) = (bringing.unreadable, bringing.too_large);
        let tree = self.write_snapshot(&index, exclude, Content::ConvertedBy(&rules.tree))?;
        Ok(Snapshot { unreadable, too_large, standing, broken, ..Snapshot::new(tree) })
    }

    fn folder_tree(&self, folder: &RepoPath) -> Result<Option<TreeId>, VcsError> {
        if !is_there(&self.runner.root, folder) {
            return Ok(None);
        }
        let name = format!("kept-{}", &sha256_hex(folder.as_bytes())[..16]);
        let kept = PrivateDirs::indexes(&self.git_dir).join(name);
        if kept.exists() {
            // Objects that only an index names may be gone by now; then everything is read again.
            if let Ok(tree) = self.take_folder_with(PrivateIndex::copy_of(self, &kept)?, folder, &kept) {
                return Ok(tree);
            }
        }
        self.take_folder_with(PrivateIndex::empty(self)?, folder, &kept)
    }

    fn attach_head(&self, branch_ref: &str) -> Result<(), VcsError> {
        let call = self.runner.git("switch the branch").args(["symbolic-ref", "-m", "turn", "HEAD"]);
        call.arg(branch_ref).succeed().map(drop)
    }

    /// Two trees into the user's index: at once where git sees nothing in the way, else path by path.
    fn advance_index(&self, from: &TreeId, to: &TreeId) -> Result<(), VcsError> {
        let at_once = ["read-tree", "-i", "-m", from.as_str(), to.as_str()];
        let (left, code) =
            match self.runner.git(ADVANCE).env("GIT_ATTR_SOURCE", from.as_str()).args(at_once).succeed() {
                Ok(_) => (Vec::new(), None),
                Err(VcsError::Failed { code, .. }) => (self.bring_paths(from, to)?, code),
                Err(error) => return Err(error),
            };
        // Its exit code says that files differ from the index, which is no failure.
        let refresh = self.runner.git("refresh the index").env("GIT_ATTR_SOURCE", from.as_str());
        refresh.args(["update-index", "-q", "--refresh"]).thorough().run()?;
        if left.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = left.iter().map(ToString::to_string).collect();
        let stderr = format!("something else is staged: {}", names.join(", "));
        Err(VcsError::Failed { step: ADVANCE, code, stderr })
    }
}
