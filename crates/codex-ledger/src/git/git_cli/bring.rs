//! Brings a private index to the worktree without asking anything of a repository inside it.
//!
//! `git add` asks each submodule for its status, and a status runs what the configuration of the submodule names. So git
//! only lists what differs, and is told path by path what to do.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use super::GitCli;
use super::private_index::PrivateIndex;
use super::process::Call;
use super::sorted_paths::{SortedPaths, is_locked, is_there};
use super::status::{GitStatus, InnerLook};
use crate::git::vcs::{LargeFile, VcsError};
use crate::values::{RepoPath, TreeId};

pub(super) const STEP: &str = "read the worktree";
/// How often git is started to find the paths that it will not take.
const STARTS: usize = 400;
/// How long git may take to read the HEAD of a few repositories.
const LINK_LIMIT: Duration = Duration::from_secs(5);
/// `--ignore-submodules` keeps git from looking into them.
pub(super) const DIFFERING: &[&str] = &["diff-files", "-z", "--name-only", "--ignore-submodules=all"];
const PUT: &[&str] = &["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
pub(super) const UNTRACKED: &[&str] = &["ls-files", "-z", "--others", "--exclude-standard"];

/// How content gets into an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// As `git add` stores it.
    Converted,
    /// As `git add` would store it with the attributes of this tree.
    ConvertedBy(&'a TreeId),
    /// Its bytes as they are.
    Raw,
}

impl Content<'_> {
    /// Lets a call that may read a file do it like this. Whatever writes an index may: it looks again at each file that
    /// changed in the moment in which the index was written before.
    pub(super) fn govern<'c>(self, call: Call<'c>, git: &GitCli) -> Call<'c> {
        match self {
            Self::Converted => call,
            Self::ConvertedBy(tree) => call.env("GIT_ATTR_SOURCE", tree.as_str()),
            // Attributes and settings that change content on its way in would hide what was changed.
            Self::Raw => call.env("GIT_ATTR_SOURCE", git.empty_tree.as_str()).args([
                "-c",
                "core.autocrlf=false",
                "-c",
                "core.attributesFile=/dev/null",
            ]),
        }
    }
}

/// What is brought to the worktree.
pub(super) struct Bringing<'a> {
    git: &'a GitCli,
    index: &'a PrivateIndex,
    content: Content<'a>,
    deadline: Instant,
    starts: usize,
    /// What git will not take.
    pub(super) unreadable: Vec<RepoPath>,
    /// What is longer than it may be.
    pub(super) too_large: Vec<LargeFile>,
}

impl<'a> Bringing<'a> {
    pub(super) fn new(git: &'a GitCli, index: &'a PrivateIndex, content: Content<'a>) -> Self {
        let deadline = Instant::now() + git.runner.limits.snapshot;
        Self { git, index, content, deadline, starts: 0, unreadable: Vec::new(), too_large: Vec::new() }
    }

    /// Brings along what differs in the scope, as git lists it.
    pub(super) fn bring(&mut self, scope: &[OsString]) -> Result<(), VcsError> {
        let links = self.links()?;
        let scope: Vec<OsString> = scope.iter().cloned().chain(links.iter().map(not)).collect();
        let mut paths = self.listed(DIFFERING, &scope)?;
        paths.append(&mut self.listed(UNTRACKED, &scope)?);
        self.bring_all(&paths, &links)
    }

    /// Brings along these paths, and the repositories that the index has.
    pub(super) fn bring_listed(&mut self, paths: &BTreeSet<RepoPath>) -> Result<(), VcsError> {
        let links = self.links()?;
        self.bring_all(paths, &links)
    }

    /// Brings along these files, and what else of a folder the index has.
    pub(super) fn bring_folder(
        &mut self,
        folder: &RepoPath,
        mut files: BTreeSet<RepoPath>,
    ) -> Result<(), VcsError> {
        let links = self.links()?;
        if self.index.exists() {
            let mut inside = OsString::from(":(top,literal)");
            inside.push(OsStr::from_bytes(folder.as_bytes()));
            let scope: Vec<OsString> = std::iter::once(inside).chain(links.iter().map(not)).collect();
            files.append(&mut self.listed(DIFFERING, &scope)?);
        }
        self.bring_all(&files, &links)
    }

    pub(super) fn bring_all(
        &mut self,
        paths: &BTreeSet<RepoPath>,
        links: &BTreeSet<RepoPath>,
    ) -> Result<(), VcsError> {
        let mut sorted = SortedPaths::with_limit(match self.content {
            Content::Converted | Content::ConvertedBy(_) => self.git.runner.limits.file_bytes,
            Content::Raw => u64::MAX,
        });
        let root = &self.git.runner.root;
        for path in paths.difference(links) {
            sorted.sort_in(root, path);
        }
        for path in links {
            sorted.sort_link_in(root, path);
        }
        self.forget(&sorted.gone)?;
        self.put(&sorted.files, Kind::File)?;
        self.put(&sorted.links, Kind::Link)?;
        self.unreadable.sort();
        self.too_large = sorted.too_large;
        Ok(())
    }

    /// The paths where the index has a commit of another repository.
    pub(super) fn links(&self) -> Result<BTreeSet<RepoPath>, VcsError> {
        if let Some(links) = self.index.repositories()? {
            return Ok(links);
        }
        let staged = self.call(self.content).args(["ls-files", "-s", "-z", "--full-name"]).succeed()?;
        let link = |line: &[u8]| {
            let tab = memchr::memchr(b'\t', line)?;
            let path = line.starts_with(b"160000 ").then_some(&line[tab + 1..])?;
            RepoPath::from_bytes(path).ok()
        };
        Ok(staged.split(|byte| *byte == 0).filter_map(link).collect())
    }

    /// The paths that a command prints of a scope.
    pub(super) fn listed(
        &self,
        command: &[impl AsRef<OsStr>],
        scope: &[OsString],
    ) -> Result<BTreeSet<RepoPath>, VcsError> {
        Ok(paths(
            &self
                .call(self.content)
                .args(command.iter().map(AsRef::as_ref))
                .arg("--")
                .args(scope)
                .succeed()?,
        )
        .collect())
    }

    /// What differs in a scope, in one start of git. The repositories that the index has are not in the scope.
    pub(super) fn status(&self, scope: &[OsString]) -> Result<GitStatus, VcsError> {
        self.git.status(self.call(self.content), scope, InnerLook::Nothing)
    }

    /// Halves the list until what git will not take stands alone.
    fn put(&mut self, paths: &[RepoPath], kind: Kind) -> Result<(), VcsError> {
        if paths.is_empty() {
            return Ok(());
        }
        let call = self.call(self.content).stdin(zero_ended(paths));
        let call = if kind == Kind::Link { call.limit(LINK_LIMIT.min(self.left())) } else { call };
        let call = call.args(PUT);
        self.starts += 1;
        let error = match call.run() {
            Ok(output) if output.code == Some(0) => {
                // Git skips reserved names with a warning, and reports success.
                return if output.stderr.contains("Ignoring path ") { self.look_for(paths) } else { Ok(()) };
            }
            Ok(output) => output.failed(),
            // A pipe in the place of a HEAD. The killed git left its lock behind.
            Err(error @ VcsError::TimedOut { .. }) if kind == Kind::Link => {
                self.index.unlock();
                error
            }
            Err(error) => return Err(error),
        };
        if self.starts > STARTS {
            return self.put_rest(paths, kind, error);
        }
        if kind == Kind::File {
            let root = &self.git.runner.root;
            let (locked, open): (Vec<_>, Vec<_>) =
                paths.iter().cloned().partition(|path| is_locked(root, path));
            if !locked.is_empty() {
                self.unreadable.extend(locked);
                return self.put(&open, kind);
            }
        }
        if let [path] = paths {
            if kind == Kind::File && is_of_encoding(&error) && self.put_raw(paths)? {
                return Ok(());
            }
            if is_there(&self.git.runner.root, path) {
                self.unreadable.push(path.clone());
                return Ok(());
            }
            return self.forget(paths);
        }
        let (one, other) = paths.split_at(paths.len() / 2);
        self.put(one, kind)?;
        self.put(other, kind)
    }

    /// Gives up on dividing the paths. Files are stored as they are: if even that fails, the error is of the machine and not of
    /// their content.
    fn put_rest(&mut self, paths: &[RepoPath], kind: Kind, error: VcsError) -> Result<(), VcsError> {
        if kind == Kind::File {
            return if self.put_raw(paths)? { Ok(()) } else { Err(error) };
        }
        let root = &self.git.runner.root;
        self.unreadable.extend(paths.iter().filter(|path| is_there(root, path)).cloned());
        Ok(())
    }

    /// Stores files without conversion, and returns whether git did.
    fn put_raw(&self, paths: &[RepoPath]) -> Result<bool, VcsError> {
        let call = self.call(Content::Raw).stdin(zero_ended(paths)).args(PUT);
        Ok(call.run()?.code == Some(0))
    }

    /// Adds the paths that the index lacks, although they exist, to the unreadable ones.
    fn look_for(&mut self, paths: &[RepoPath]) -> Result<(), VcsError> {
        let taken = self.listed(&["ls-files", "-z", "--full-name"], &[".".into()])?;
        let root = &self.git.runner.root;
        let refused = paths.iter().filter(|path| !taken.contains(path) && is_there(root, path));
        self.unreadable.extend(refused.cloned());
        Ok(())
    }

    /// Takes paths out of the index, whatever stands there.
    fn forget(&self, gone: &[RepoPath]) -> Result<(), VcsError> {
        if gone.is_empty() {
            return Ok(());
        }
        let call = self.call(self.content).stdin(zero_ended(gone));
        call.args(["update-index", "-z", "--force-remove", "--stdin"]).succeed().map(drop)
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn call(&self, content: Content<'_>) -> Call<'a> {
        let call = self.git.runner.git(STEP).index(self.index.path()).limit(self.left());
        // With these, nobody makes a file look unchanged without a trace.
        let call = call.args(["-c", "core.trustctime=true", "-c", "core.checkStat=default"]);
        content.govern(call, self.git)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Link,
}

/// Returns whether git failed because a file does not have the encoding that an attribute claims.
fn is_of_encoding(error: &VcsError) -> bool {
    let VcsError::Failed { stderr: said, .. } = error else { return false };
    said.contains("failed to encode") || said.contains("BOM is ")
}

/// The pathspec that leaves a path out.
pub(super) fn not(path: &RepoPath) -> OsString {
    let mut spec = OsString::from(":(top,exclude,literal)");
    spec.push(OsStr::from_bytes(path.as_bytes()));
    spec
}

/// Paths that are ended by zero bytes. A name that ends with a slash is that of a nested repository.
fn paths(bytes: &[u8]) -> impl Iterator<Item = RepoPath> {
    bytes
        .split(|byte| *byte == 0)
        .filter_map(|path| RepoPath::from_bytes(path.strip_suffix(b"/").unwrap_or(path)).ok())
}

fn zero_ended(paths: &[RepoPath]) -> Vec<u8> {
    paths.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect()
}
