//! [`Snapshot`]: the worktree at one moment, and the [`Rules`] by which it was taken.

use serde::{Deserialize, Serialize};

use super::data::Standing;
use crate::values::{RepoPath, TreeId};

/// The worktree at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Its tree.
    pub tree: TreeId,
    /// Files that could not be read; in the tree they are as they were in the user's index, or absent.
    pub unreadable: Vec<RepoPath>,
    /// Files that are longer than the limit; in the tree they are as they were in the user's index, or absent.
    pub too_large: Vec<LargeFile>,
    /// Files with ignore rules that are themselves ignored, so that the tree does not have them. Only a
    /// [look](crate::git::Worktree::look) fills it.
    pub ignored_rules: Vec<RuleFile>,
    /// Where the worktree stood at that moment, if git said so with it.
    pub standing: Option<Standing>,
    /// What differs from the rules by which it was taken, if other rules than its own were.
    pub broken: BrokenRules,
}

impl Snapshot {
    /// Creates one of which everything could be read.
    pub fn new(tree: TreeId) -> Self {
        Self {
            tree,
            unreadable: Vec::new(),
            too_large: Vec::new(),
            ignored_rules: Vec::new(),
            standing: None,
            broken: BrokenRules::default(),
        }
    }
}

/// A file that is longer than a snapshot takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LargeFile {
    /// Where it lies.
    pub path: RepoPath,
    /// How long it is.
    pub bytes: u64,
}

impl LargeFile {
    /// Takes both.
    pub fn new(path: RepoPath, bytes: u64) -> Self {
        Self { path, bytes }
    }
}

/// A file with ignore rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleFile {
    /// Where it lies.
    pub path: RepoPath,
    /// What it says.
    pub text: String,
}

impl RuleFile {
    /// Takes both.
    pub fn new(path: RepoPath, text: impl Into<String>) -> Self {
        Self { path, text: text.into() }
    }
}

/// The rules that decide what is ignored, and which attributes files have: those of an earlier moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// The worktree at that moment.
    pub tree: TreeId,
    /// The files with ignore rules that the tree does not have.
    pub ignored: Vec<RuleFile>,
}

impl Rules {
    /// Takes both.
    pub fn new(tree: TreeId, ignored: Vec<RuleFile>) -> Self {
        Self { tree, ignored }
    }
}

/// How the rules of a worktree differ from those by which its snapshot was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BrokenRules {
    /// Files with ignore rules that are new, changed or gone.
    pub ignore_files: Vec<RepoPath>,
    /// Files with attributes that are new, changed or gone.
    pub attribute_files: Vec<RepoPath>,
    /// Files that only the rules of the worktree hide. They are in the tree, up to a limit.
    pub hidden: Vec<RepoPath>,
    /// How many more are hidden, and not in the tree.
    pub hidden_beyond_the_limit: u64,
    /// How many files the worktree no longer ignores that the rules do. They are not in the tree.
    pub uncovered: u64,
}
