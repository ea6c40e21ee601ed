//! [`RunView`]: what is shown of a run of turns.

use std::path::PathBuf;
use std::time::Instant;

use codex_runner::{RunnerEvent, RunnerStream};
use codex_turn::AutoRunEvent;

use super::{View, WorkView};
use crate::console::Console;
use crate::outcome::notes;
use crate::render::{Line, RunTranscript};
use crate::show::Show;

/// What is shown of a run of turns, and of the work around it.
pub(crate) struct RunView<'a> {
    work: WorkView<'a>,
    steps: StepsView<'a>,
    /// What is said before the first turn.
    first: Vec<Line>,
    is_run: bool,
}

/// What is shown of the events of a run.
pub(crate) struct StepsView<'a> {
    show: Show,
    console: &'a Console,
    started: Instant,
    steps: RunTranscript,
}

impl<'a> RunView<'a> {
    /// Shows a run in this folder, with this budget of tokens.
    pub(crate) fn new(
        mut work: WorkView<'a>,
        root: PathBuf,
        budget_tokens: Option<u64>,
        first: Vec<Line>,
    ) -> Self {
        let steps = StepsView::new(work.show, work.console, RunTranscript::new(root, budget_tokens));
        work.show = aside(work.show);
        Self { work, steps, first, is_run: false }
    }
}

/// What is shown of what is no step of a run: for programs nothing, since it is no event.
pub(crate) fn aside(show: Show) -> Show {
    if show == Show::RawLines { Show::Nothing } else { show }
}

impl<T> View<T> for RunView<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the view of the work shows the rest")]
    async fn show(&mut self, event: RunnerEvent, _: &RunnerStream<'_, T>) {
        match event {
            RunnerEvent::Working => {
                self.is_run = true;
                if self.steps.show == Show::Progress {
                    self.steps.console.lines(std::mem::take(&mut self.first)).await;
                }
                self.steps.started = Instant::now();
            }
            RunnerEvent::Run(event) => self.steps.show(&event).await,
            RunnerEvent::LinesEnded => self.is_run = false,
            RunnerEvent::ReportLine(_) => {}
            other => self.work.show(&other).await,
        }
    }

    fn draw(&self) {
        if self.is_run {
            self.steps.draw();
        } else {
            self.work.draw();
        }
    }
}

impl<'a> StepsView<'a> {
    pub(crate) fn new(show: Show, console: &'a Console, steps: RunTranscript) -> Self {
        Self { show, console, started: Instant::now(), steps }
    }

    /// Shows an event of the run.
    pub(crate) async fn show(&mut self, event: &AutoRunEvent) {
        match self.show {
            Show::Progress => {
                let lines = self.steps.observe(event, self.started.elapsed());
                self.console.lines(lines).await;
                if let AutoRunEvent::StepEnded { step, .. } = event
                    && let Some(turn) = &step.turn
                {
                    self.console.statements(notes(turn)).await;
                }
                self.draw();
            }
            Show::RawLines => {
                let json = serde_json::to_string(event).expect("an event has only keys that are strings");
                self.console.object(json).await;
            }
            Show::Nothing => {}
        }
    }

    /// Draws the status line, if one is shown.
    pub(crate) fn draw(&self) {
        if self.show == Show::Progress && self.console.terminals().is_live() {
            self.console.status(self.steps.status(self.started.elapsed()));
        }
    }
}
