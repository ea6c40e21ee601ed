//! [`MockVcs`]: a mock of all parts of git.
#![expect(clippy::ref_option_ref, reason = "the mock keeps its arguments")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::{
    Addition, Alteration, Changes, Commit, CommitInfo, Comparison, Created, Difference, Exclude, GitObject,
    History, Identity, ObjectKind, Patch, PushOutcome, PushedRef, ReadObjects, RefEntry, Refs, Rules,
    Snapshot, Standing, Swapped, Tag, TagInfo, TreeEntry, VcsError, WholeCommit, Worktree, WriteObjects,
};
use crate::values::{Oid, RepoPath, TreeId};

mockall::mock! {
    /// Mocks git as a whole. Where less is asked for, the mock of a part does.
    pub Vcs {}

    impl ReadObjects for Vcs {
        fn tree_of(&self, commit: &Oid) -> Result<TreeId, VcsError>;
        fn entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError>;
        fn entries<'a>(&self, tree: &TreeId, folder: Option<&'a RepoPath>) -> Result<Vec<TreeEntry>, VcsError>;
        fn read_object(&self, object: &Oid) -> Result<Option<GitObject>, VcsError>;
        fn read_objects(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError>;
        fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError>;
        fn blob_sha256s(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError>;
        fn changes<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Result<Changes, VcsError>;
        fn patch<'a>(
            &self,
            before: Option<&'a TreeId>,
            after: &TreeId,
            limit_bytes: u64,
        ) -> Result<Patch, VcsError>;
        fn patch_id<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Result<Option<String>, VcsError>;
        fn difference(&self, before: &TreeId, after: &TreeId, limit_bytes: u64) -> Result<Difference, VcsError>;
        fn compare<'a>(
            &self,
            pairs: &[(TreeId, TreeId)],
            exclude: Option<&'a Exclude>,
        ) -> Result<Vec<Comparison>, VcsError>;
        fn patches<'a>(
            &self,
            pairs: &[(TreeId, TreeId)],
            exclude: Option<&'a Exclude>,
            limit_bytes: u64,
        ) -> Result<Vec<Patch>, VcsError>;
        fn commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError>;
        fn log(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError>;
        fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError>;
        fn is_shallow(&self) -> Result<bool, VcsError>;
    }

    impl WriteObjects for Vcs {
        fn write_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError>;
        fn tree_with<'a>(&self, base: Option<&'a TreeId>, entries: &[TreeEntry]) -> Result<TreeId, VcsError>;
        fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> Result<TreeId, VcsError>;
        fn apply(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError>;
        fn commit_tree(&self, commit: &Commit) -> Result<Oid, VcsError>;
    }

    impl Worktree for Vcs {
        fn worktree_root(&self) -> &Path;
        fn git_dir(&self) -> &Path;
        fn common_dir(&self) -> &Path;
        fn user_name(&self) -> Result<Option<String>, VcsError>;
        fn identity(&self) -> Result<Option<Identity>, VcsError>;
        fn look(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError>;
        fn snapshot(&self, exclude: &Exclude) -> Result<Snapshot, VcsError>;
        fn snapshot_by(&self, exclude: &Exclude, rules: &Rules) -> Result<Snapshot, VcsError>;
        fn folder_tree(&self, folder: &RepoPath) -> Result<Option<TreeId>, VcsError>;
        fn attach_head(&self, branch_ref: &str) -> Result<(), VcsError>;
        fn advance_index(&self, from: &TreeId, to: &TreeId) -> Result<(), VcsError>;
    }

    impl Refs for Vcs {
        fn head(&self) -> Result<Option<Oid>, VcsError>;
        fn branch(&self) -> Result<Option<String>, VcsError>;
        fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsError>;
        fn list_refs(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError>;
        fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError>;
        fn broken_refs(&self, prefix: &str) -> Result<Vec<String>, VcsError>;
        fn remove_broken_ref(&self, name: &str) -> Result<bool, VcsError>;
        fn create_whole_commit(&self, name: &str, commit: &WholeCommit) -> Result<Created, VcsError>;
        fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Result<Swapped, VcsError>;
        fn create_tag(&self, tag: &Tag) -> Result<Created, VcsError>;
        fn tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError>;
        fn push_new_ref(
            &self,
            remote: &str,
            new: &RefEntry,
            patterns: &[String],
            limit: Duration,
        ) -> Result<PushedRef, VcsError>;
        fn push_refs(&self, remote: &str, names: &[String], limit: Duration) -> Result<Vec<PushOutcome>, VcsError>;
        fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Result<Vec<RefEntry>, VcsError>;
    }

    impl History for Vcs {
        fn alterations<'a>(
            &self,
            since: Option<&'a Oid>,
            to: &Oid,
            folder: &RepoPath,
        ) -> Result<Vec<Alteration>, VcsError>;
        fn additions(&self, paths: &[RepoPath], except: &[String]) -> Result<Vec<Addition>, VcsError>;
        fn commit_named(&self, revision: &str) -> Result<Option<Oid>, VcsError>;
        fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, VcsError>;
        fn objects_of(&self, kind: ObjectKind) -> Result<Vec<Oid>, VcsError>;
        fn left_out(&self, folder: &RepoPath) -> Result<BTreeSet<RepoPath>, VcsError>;
    }
}
