//! [`Abort`]: a switch that ends git at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the git that runs, with all that it has started, and lets no other start.
///
/// Clones share one switch. A ledger whose switch was pulled fails every step that needs git; what it had begun is left
/// to [recovery](crate::record::FileLedger::recover) by another one.
///
/// ```
/// use codex_ledger::system::Abort;
///
/// let abort = Abort::new();
/// let other = abort.clone();
/// other.pull();
/// assert!(abort.is_pulled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Abort {
    pulled: Arc<AtomicBool>,
}

impl Abort {
    /// Creates a switch that is not pulled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends git. There is no way back.
    pub fn pull(&self) {
        self.pulled.store(true, Ordering::Release);
    }

    /// Returns whether it was pulled.
    pub fn is_pulled(&self) -> bool {
        self.pulled.load(Ordering::Acquire)
    }
}
