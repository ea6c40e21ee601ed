//! [`Halt`]: what ends a run from outside of its steps, and remembers what it was.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::budget::BudgetKind;

/// Ends whatever a run waits for: the caller's token, the time, or a budget within a turn.
#[derive(Debug)]
pub(crate) struct Halt {
    token: CancellationToken,
    closing: CancellationToken,
    budget: Arc<OnceLock<BudgetKind>>,
    watch: Option<TimeLimit>,
}

/// Waits for the end of the time; beside the run, so that the time is over also while nobody polls the run.
#[derive(Debug)]
struct TimeLimit(JoinHandle<()>);

impl Halt {
    pub(crate) fn new(cancel: &CancellationToken, closing: &CancellationToken) -> Self {
        let (token, closing) = (cancel.child_token(), closing.clone());
        Self { token, closing, budget: Arc::default(), watch: None }
    }

    pub(crate) fn at(&mut self, deadline: Instant) {
        let (token, budget) = (self.token.clone(), Arc::clone(&self.budget));
        self.watch = Some(TimeLimit(tokio::spawn(async move {
            tokio::time::sleep_until(deadline).await;
            halt(&token, &budget, BudgetKind::WallTime);
        })));
    }

    /// Ends the turn that runs, because it has used up a budget.
    pub(crate) fn used_up(&self, kind: BudgetKind) {
        halt(&self.token, &self.budget, kind);
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Why a turn was stopped, if a budget was it.
    pub(crate) fn budget(&self) -> Arc<OnceLock<BudgetKind>> {
        Arc::clone(&self.budget)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.token.is_cancelled() || self.closing.is_cancelled()
    }

    /// Waits for something, unless the run ends before.
    pub(crate) async fn or<F: Future>(&self, future: F) -> Option<F::Output> {
        self.closing.run_until_cancelled(self.token.run_until_cancelled(future)).await.flatten()
    }

    /// The same for something that has the token too, and is given this time to end by it.
    pub(crate) async fn or_within<F: Future>(&self, grace: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        match self.or(&mut future).await {
            Some(output) => Some(output),
            None => self.closing.run_until_cancelled(timeout(grace, future)).await?.ok(),
        }
    }
}

fn halt(token: &CancellationToken, budget: &OnceLock<BudgetKind>, kind: BudgetKind) {
    // A cancel of the caller's that came before is what ended the run.
    if !token.is_cancelled() {
        budget.get_or_init(|| kind);
        token.cancel();
    }
}

impl Drop for TimeLimit {
    fn drop(&mut self) {
        self.0.abort();
    }
}
