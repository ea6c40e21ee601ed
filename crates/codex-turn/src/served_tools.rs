//! [`ServedTools`]: the host tools of a turn, or that there are none.

use std::task::{Context, Poll};

use codex_exec::Invocation;
use tokio_util::sync::CancellationToken;

use crate::steps::OptionSteps;
use crate::{ObserveTurn, TurnError};

/// The host tools of a turn, or that there are none: the one place that knows whether they are compiled.
#[derive(Default)]
pub(crate) struct ServedTools {
    #[cfg(feature = "tools")]
    running: Option<crate::tools::RunningTools>,
}

type Observers = [Box<dyn ObserveTurn>];

#[cfg(feature = "tools")]
impl ServedTools {
    /// Serves all tools that were asked for.
    pub(crate) fn start<'a>(
        told: impl Iterator<Item = &'a OptionSteps>,
        invocation: Invocation,
        cancel: &CancellationToken,
    ) -> Result<(Self, Invocation), TurnError> {
        let sets: Vec<_> = told.flat_map(OptionSteps::tools).cloned().collect();
        if sets.is_empty() {
            return Ok((Self::default(), invocation));
        }
        let (running, invocation) = crate::tools::RunningTools::start(&sets, invocation, cancel)
            .map_err(|error| TurnError::Tools(std::sync::Arc::new(error)))?;
        Ok((Self { running: Some(running) }, invocation))
    }

    /// Shows the observers what has happened since.
    pub(crate) fn show_events(&mut self, observers: &Observers, cx: &mut Context<'_>) {
        let Some(running) = &mut self.running else { return };
        while let Poll::Ready(Some(event)) = running.poll_event(cx) {
            show(observers, &event);
        }
    }

    /// Takes the tools down, and shows how the calls that still ran have ended.
    pub(crate) fn poll_close(&mut self, observers: &Observers, cx: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.running else { return Poll::Ready(()) };
        while let Some(event) = std::task::ready!(running.poll_last_event(cx)) {
            show(observers, &event);
        }
        self.running = None;
        Poll::Ready(())
    }
}

#[cfg(feature = "tools")]
fn show(observers: &Observers, event: &crate::ToolEvent) {
    for observer in observers {
        observer.on_tool_event(event);
    }
}

#[cfg(not(feature = "tools"))]
#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_ref_mut,
    reason = "these say what there is without tools, and are called like those that say what there is with them"
)]
impl ServedTools {
    pub(crate) fn start<'a>(
        _told: impl Iterator<Item = &'a OptionSteps>,
        invocation: Invocation,
        _cancel: &CancellationToken,
    ) -> Result<(Self, Invocation), TurnError> {
        Ok((Self::default(), invocation))
    }

    pub(crate) fn show_events(&mut self, _observers: &Observers, _cx: &mut Context<'_>) {}

    pub(crate) fn poll_close(&mut self, _observers: &Observers, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}
