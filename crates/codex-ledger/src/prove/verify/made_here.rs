//! [`MadeHere`]: which numbers were claimed in this repository.

use crate::claims::HeadCache;
use crate::git::{PrivateDirs, Worktree};
use crate::values::TurnId;

/// Which numbers were claimed in this repository, as its git directory remembers.
///
/// A claim is no proof of it: claims travel with a fetch, and what guards the records may not have.
#[derive(Debug, Default)]
pub(super) struct MadeHere {
    cache: Option<HeadCache>,
}

impl MadeHere {
    pub(super) fn read(worktree: &dyn Worktree) -> Self {
        Self { cache: HeadCache::read(&PrivateDirs::of(worktree).head_cache()) }
    }

    /// Whether a number was claimed here. Before numbers were remembered one by one, all of a repository that claimed
    /// any were its own.
    pub(super) fn is_known(&self, number: TurnId) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.has_made(number).unwrap_or(true))
    }
}
