//! [`FileChange`]: a patch that the agent applied.

use serde::{Deserialize, Serialize};

use crate::open_words::open_words;

/// A patch that the agent applied; without its text, and only one that could be applied at all.
///
/// Files that a command changed are not reported by Codex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChange {
    /// The files that the patch names, in the order of their paths.
    #[serde(default)]
    pub changes: Vec<FileUpdate>,
    /// How far it came.
    pub status: PatchStatus,
}

/// One file of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileUpdate {
    /// The absolute path; of a file that was moved, the old one.
    pub path: String,
    /// What happened to the file.
    pub kind: ChangeKind,
}

open_words! {
    /// Says what a patch does to a file.
    pub enum ChangeKind: "a kind of change" {
        /// The file is new.
        Add = "add",
        /// The file is gone.
        Delete = "delete",
        /// The file has changed, or was moved.
        Update = "update",
    }
}

open_words! {
    /// Says how far a patch came.
    pub enum PatchStatus: "a patch's status" {
        /// It is being applied.
        InProgress = "in_progress",
        /// It was applied.
        Completed = "completed",
        /// It failed on the way, so that some of its files may have changed, or a reviewer refused it.
        Failed = "failed",
    }
}
