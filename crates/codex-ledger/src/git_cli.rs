//! [`GitCli`]: git, by its own program.

mod batch;
mod before;
mod branch;
mod bring;
mod command_words;
mod commits;
mod compare;
mod diff;
mod discover;
mod environment;
mod ground;
mod nest;
mod obstacles;
mod private_index;
mod process;
mod refs;
mod remote;
mod rule_files;
mod snapshot;
mod sorted_paths;
mod status;
mod switched_off;
mod trees;
mod user_index;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use self::environment::Inheritance;
use self::process::{Prepare, Runner};
use self::switched_off::SwitchedOff;
use crate::abort::Abort;
use crate::vcs::{
    Changes, Commit, CommitInfo, Comparison, Created, Exclude, GitObject, Identity, Patch, PushOutcome,
    RefEntry, Rules, Snapshot, Standing, Swapped, Tag, TagInfo, TreeEntry, Vcs, VcsError,
};
use crate::{Oid, RepoPath, TreeId};

/// How long git may take, and how much it may take in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitLimits {
    /// For what only looks something up or writes a little. Default: 60 s.
    pub quick: Duration,
    /// For what reads the whole worktree or a whole difference. Default: 10 min.
    pub thorough: Duration,
    /// For a snapshot of the worktree, with all that it needs of git. Default: 5 min.
    pub snapshot: Duration,
    /// The longest file that a snapshot takes, in bytes. Default: 100 MiB.
    pub file_bytes: u64,
    /// How many files that new ignore rules hide a snapshot takes nevertheless. Default: 5000.
    pub hidden_files: usize,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self {
            quick: Duration::from_mins(1),
            thorough: Duration::from_mins(10),
            snapshot: Duration::from_mins(5),
            file_bytes: 100 << 20,
            hidden_files: 5000,
        }
    }
}

/// Git, by its own program. No setting of the user's changes what is found, and no hook of his runs.
///
/// Each call is one or a few processes, each in a process group of its own with a limit of time, without a terminal.
/// What decides the content of files on their way into git (`.gitattributes`, `core.autocrlf`, filters) is the user's,
/// because it decides what his own `git add` would store. A filter that lies in the worktree or is set there does not
/// run: the file is stored as it is.
///
/// No call asks anything of a repository inside the worktree but the commit at its HEAD. Git inherits no variable that
/// holds a secret, except where a call contacts a remote and [`remote_env`](GitCliBuilder::remote_env) names it.
///
/// Needs git 2.40 or later.
#[derive(Debug, Clone)]
pub struct GitCli {
    runner: Runner,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The tree without entries: its name tells how long names are in this repository.
    empty_tree: Oid,
}

impl GitCli {
    /// Finds the worktree that `folder` is in.
    ///
    /// # Errors
    ///
    /// There is none, or git cannot be started or refuses (a worktree of another owner).
    pub fn discover(folder: &Path) -> Result<Self, VcsError> {
        Self::builder().discover(folder)
    }

    /// Returns the settings that disable configured programs which an agent in the worktree could write, as keys and values.
    ///
    /// They are as of the last call that could have started a program. Pass them to any other git that runs outside of a
    /// sandbox.
    pub fn switched_off(&self) -> Vec<(OsString, OsString)> {
        self.runner.switched_off.programs()
    }

    /// Starts with the defaults.
    pub fn builder() -> GitCliBuilder {
        GitCliBuilder {
            program: "git".into(),
            environment: Vec::new(),
            inheritance: Inheritance::default(),
            limits: GitLimits::default(),
            abort: Abort::new(),
            prepare: Prepare::default(),
        }
    }
}

/// Says how git is started.
#[derive(Debug, Clone)]
#[must_use = "nothing is found before `discover`"]
pub struct GitCliBuilder {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    inheritance: Inheritance,
    limits: GitLimits,
    abort: Abort,
    prepare: Prepare,
}

impl GitCliBuilder {
    /// Starts another program. Default: `git`, as the absolute entries of the path say.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// Sets a variable of git's environment, above all that is inherited.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps variables of these names from git, besides those that hold a secret by their names or values.
    pub fn hide(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inheritance.hidden.extend(names.into_iter().map(Into::into));
        self
    }

    /// Hands variables of these names to the calls that contact a remote, although they hold secrets: what a credential
    /// helper reads. The keys of Codex are never handed over.
    pub fn remote_env(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inheritance.remote.extend(names.into_iter().map(Into::into));
        self
    }

    /// Ends git when this switch is pulled.
    pub fn abort(mut self, abort: Abort) -> Self {
        self.abort = abort;
        self
    }

    /// Changes each command before it is started, such as by tying it to the death of this process.
    pub fn prepare(mut self, prepare: impl Fn(&mut Command) + Send + Sync + 'static) -> Self {
        self.prepare = Prepare::of(prepare);
        self
    }

    /// Sets how long git may take.
    pub fn limits(mut self, limits: GitLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Finds the worktree that `folder` is in.
    ///
    /// # Errors
    ///
    /// There is none, or git cannot be started or refuses (a worktree of another owner).
    pub fn discover(self, folder: &Path) -> Result<GitCli, VcsError> {
        let runner = Runner {
            program: self.program,
            environment: self.environment,
            inheritance: self.inheritance,
            limits: self.limits,
            abort: self.abort,
            prepare: self.prepare,
            root: folder.into(),
            switched_off: SwitchedOff::default(),
        };
        discover::discover(&runner, folder)
    }
}

impl Vcs for GitCli {
    fn worktree_root(&self) -> &Path {
        &self.runner.root
    }

    fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    fn head(&self) -> Result<Option<Oid>, VcsError> {
        self.resolve("HEAD^{commit}")
    }

    fn branch(&self) -> Result<Option<String>, VcsError> {
        self.current_branch()
    }

    fn user_name(&self) -> Result<Option<String>, VcsError> {
        self.config_value("user.name")
    }

    fn identity(&self) -> Result<Option<Identity>, VcsError> {
        self.configured_identity()
    }

    fn config(&self, key: &str) -> Result<Option<String>, VcsError> {
        self.config_value(key)
    }

    fn is_shallow(&self) -> Result<bool, VcsError> {
        self.is_shallow_clone()
    }

    fn snapshot(&self, exclude: &Exclude) -> Result<Snapshot, VcsError> {
        self.take_snapshot(exclude)
    }

    fn snapshot_by(&self, exclude: &Exclude, rules: &Rules) -> Result<Snapshot, VcsError> {
        self.take_snapshot_by(exclude, rules)
    }

    fn look(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError> {
        self.look_around(exclude)
    }

    fn folder_tree(&self, folder: &RepoPath) -> Result<Option<TreeId>, VcsError> {
        self.take_folder(folder)
    }

    fn standing(&self, exclude: &Exclude) -> Result<Standing, VcsError> {
        self.look_where(exclude)
    }

    fn tree_of(&self, commit: &Oid) -> Result<TreeId, VcsError> {
        self.tree_of_commit(commit)
    }

    fn entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError> {
        self.tree_entry(tree, path)
    }

    fn entries(&self, tree: &TreeId, folder: Option<&RepoPath>) -> Result<Vec<TreeEntry>, VcsError> {
        self.tree_entries(tree, folder)
    }

    fn tree_with(&self, base: Option<&TreeId>, entries: &[TreeEntry]) -> Result<TreeId, VcsError> {
        self.change_tree(base, &[], entries)
    }

    fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> Result<TreeId, VcsError> {
        self.change_tree(Some(base), paths, &[])
    }

    fn apply(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError> {
        self.apply_patch(base, patch)
    }

    fn changes(&self, before: Option<&TreeId>, after: &TreeId) -> Result<Changes, VcsError> {
        self.diff_changes(before, after)
    }

    fn patch(&self, before: Option<&TreeId>, after: &TreeId, limit_bytes: u64) -> Result<Patch, VcsError> {
        self.diff_patch(before, after, limit_bytes)
    }

    fn patch_id(&self, before: Option<&TreeId>, after: &TreeId) -> Result<Option<String>, VcsError> {
        self.diff_patch_id(before, after)
    }

    fn compare(&self, pairs: &[(TreeId, TreeId)]) -> Result<Vec<Comparison>, VcsError> {
        self.compare_many(pairs)
    }

    fn same_outside(&self, pairs: &[(TreeId, TreeId)], exclude: &Exclude) -> Result<Vec<bool>, VcsError> {
        self.compare_outside(pairs, exclude)
    }

    fn blob_sha256s(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError> {
        self.hash_blobs(blobs)
    }

    fn read_object(&self, object: &Oid) -> Result<Option<GitObject>, VcsError> {
        Ok(self.read_many(std::slice::from_ref(object))?.pop().flatten())
    }

    fn read_objects(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError> {
        self.read_many(objects)
    }

    fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError> {
        self.look_up_paths(places)
    }

    fn write_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError> {
        self.store_blob(bytes)
    }

    fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError> {
        self.make_ref(name, object, absent)
    }

    fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Result<Swapped, VcsError> {
        self.swap_ref(name, Some(new), old)
    }

    fn delete_ref(&self, name: &str, old: &Oid) -> Result<Swapped, VcsError> {
        self.swap_ref(name, None, old)
    }

    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsError> {
        self.look_up_ref(name)
    }

    fn list_refs(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError> {
        self.refs_below(prefix)
    }

    fn push_new_ref(
        &self,
        remote: &str,
        name: &str,
        object: &Oid,
        limit: Duration,
    ) -> Result<PushOutcome, VcsError> {
        self.push_to_empty(remote, name, object, limit)
    }

    fn push_ref(&self, remote: &str, name: &str, limit: Duration) -> Result<PushOutcome, VcsError> {
        self.push_as_it_is(remote, name, limit)
    }

    fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Result<Vec<RefEntry>, VcsError> {
        self.refs_of_remote(remote, pattern, limit)
    }

    fn commit_tree(&self, commit: &Commit) -> Result<Oid, VcsError> {
        self.write_commit(commit)
    }

    fn commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError> {
        self.read_commit(commit)
    }

    fn log(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError> {
        self.history(from, limit)
    }

    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError> {
        self.reaches(ancestor, descendant)
    }

    fn create_tag(&self, tag: &Tag) -> Result<Created, VcsError> {
        self.write_tag(tag)
    }

    fn tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError> {
        self.read_tag(ref_name)
    }

    fn attach_head(&self, branch_ref: &str) -> Result<(), VcsError> {
        self.point_head_at(branch_ref)
    }

    fn advance_index(&self, from: &TreeId, to: &TreeId) -> Result<(), VcsError> {
        self.bring_index(from, to)
    }
}
