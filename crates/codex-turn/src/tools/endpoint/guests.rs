//! [`Guests`]: the connections in the order in which they came, and which of them have shown the token.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::AbortHandle;

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Guest {
    has_shown_token: AtomicBool,
}

impl Guest {
    pub(super) fn show_token(&self) {
        self.has_shown_token.store(true, Ordering::Relaxed);
    }

    /// Comes to an end if the token was not shown within this time.
    pub(super) async fn overstays(&self, limit: Duration) {
        tokio::time::sleep(limit).await;
        if self.has_shown_token.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }
}

/// The connections that are open, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Guests(VecDeque<(Arc<Guest>, AbortHandle)>);

impl Guests {
    pub(super) fn add(&mut self, guest: Arc<Guest>, task: AbortHandle) {
        self.0.retain(|(_, task)| !task.is_finished());
        self.0.push_back((guest, task));
    }

    pub(super) fn has_stranger(&self) -> bool {
        self.oldest_stranger().is_some()
    }

    pub(super) fn close_oldest_stranger(&mut self) {
        if let Some((_, task)) = self.oldest_stranger().and_then(|at| self.0.remove(at)) {
            task.abort();
        }
    }

    fn oldest_stranger(&self) -> Option<usize> {
        let is_stranger = |(guest, task): &(Arc<Guest>, AbortHandle)| {
            !task.is_finished() && !guest.has_shown_token.load(Ordering::Relaxed)
        };
        self.0.iter().position(is_stranger)
    }
}
