//! [`TurnView`]: what is shown of one turn.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use codex_protocol::{EventLine, TurnSummary};
use codex_runner::{RunnerEvent, RunnerStream};

use super::{View, WorkView};
use crate::console::Console;
use crate::failure::warning_line;
use crate::render::{Line, Transcript};
use crate::show::{Pace, Show};

/// What is shown of one turn, and of the work around it.
pub(crate) struct TurnView<'a> {
    work: WorkView<'a>,
    lines: TurnLinesView<'a>,
    is_turn: bool,
}

/// What is shown of the lines of one turn.
pub(crate) struct TurnLinesView<'a> {
    show: Show,
    pace: Pace,
    console: &'a Console,
    started: Instant,
    transcript: Transcript,
}

impl<'a> TurnView<'a> {
    /// Shows paths relative to a folder.
    pub(crate) fn new(work: WorkView<'a>, root: PathBuf) -> Self {
        let lines = TurnLinesView::new(work.show, Pace::Live, root, work.console);
        Self { work, lines, is_turn: false }
    }
}

impl<T> View<T> for TurnView<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the view of the work shows the rest")]
    async fn show(&mut self, event: RunnerEvent, stream: &RunnerStream<'_, T>) {
        match event {
            RunnerEvent::Working => {
                self.is_turn = true;
                self.lines.started = Instant::now();
            }
            RunnerEvent::Line(line) => {
                let shown = stream.with_summary(|summary| self.lines.observe(&line, summary));
                self.lines.print(&line, shown.unwrap_or_default()).await;
                self.lines.draw();
            }
            RunnerEvent::LinesEnded => {
                self.is_turn = false;
                let shown = stream.with_summary(|summary| self.lines.finish(summary));
                self.lines.console.lines(shown.unwrap_or_default()).await;
            }
            RunnerEvent::ReportLine(line) if self.lines.show == Show::RawLines => {
                self.lines.print(&line, Vec::new()).await;
            }
            other => self.work.show(&other).await,
        }
    }

    fn draw(&self) {
        if self.is_turn {
            self.lines.draw();
        } else {
            self.work.draw();
        }
    }
}

impl<'a> TurnLinesView<'a> {
    /// Shows paths relative to a folder.
    pub(crate) fn new(show: Show, pace: Pace, root: PathBuf, console: &'a Console) -> Self {
        Self { show, pace, console, started: Instant::now(), transcript: Transcript::new(root) }
    }

    /// Takes a line, and returns what is printed of it.
    pub(crate) fn observe(&mut self, line: &EventLine, summary: &TurnSummary) -> Vec<Line> {
        let now = self.now();
        if self.show == Show::Progress { self.transcript.observe(line, summary, now) } else { Vec::new() }
    }

    /// Prints what is shown of a line.
    pub(crate) async fn print(&self, line: &EventLine, shown: Vec<Line>) {
        match self.show {
            Show::Progress => self.console.lines(shown).await,
            Show::RawLines => {
                self.console.raw(line).await;
                self.console.lines(cut(line).into_iter().collect()).await;
            }
            Show::Nothing => {}
        }
    }

    /// Returns what is printed after the last line.
    pub(crate) fn finish(&mut self, summary: &TurnSummary) -> Vec<Line> {
        if self.show == Show::Progress { self.transcript.finish(summary) } else { Vec::new() }
    }

    /// Draws the status line, if one is shown.
    pub(crate) fn draw(&self) {
        if self.show == Show::Progress && self.pace == Pace::Live && self.console.terminals().is_live() {
            self.console.status(self.transcript.status(self.now()));
        }
    }

    fn now(&self) -> Duration {
        match self.pace {
            Pace::Live => self.started.elapsed(),
            Pace::Recorded => Duration::ZERO,
        }
    }
}

/// What there is to say of a line that is printed only in part.
fn cut(line: &EventLine) -> Option<Line> {
    let kept = line.raw().len();
    (kept as u64 != line.original_bytes()).then(|| {
        let (number, bytes) = (line.number(), line.original_bytes());
        warning_line(&format!("line {number} has {bytes} bytes, of which only the first {kept} were kept"))
    })
}
