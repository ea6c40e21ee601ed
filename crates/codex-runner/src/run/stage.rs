//! [`WorkStage`]: where work tells its events and learns that it is to stop.

use tokio_util::sync::CancellationToken;

use super::{Outlet, StopHandle, Stops};
use crate::notice::ProjectNotice;
use crate::runner_event::RunnerEvent;

/// Where work tells its events and learns that it is to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkStage {
    pub(crate) outlet: Outlet,
    pub(crate) stops: StopHandle,
    pub(crate) cancel: CancellationToken,
}

impl WorkStage {
    /// Tells an event, and waits until the consumer has taken it.
    pub(crate) async fn emit(&self, event: RunnerEvent) {
        self.outlet.emit(event).await;
    }

    /// Tells notices.
    pub(crate) async fn notices(&self, notices: Vec<ProjectNotice>) {
        for notice in notices {
            self.emit(RunnerEvent::Notice(notice)).await;
        }
    }

    /// Begins a phase, and tells the event that says so.
    pub(crate) async fn begin(&self, event: RunnerEvent) -> Stops {
        let stops = self.stops.begin(&self.cancel);
        self.emit(event).await;
        stops
    }
}
