//! [`WorkView`]: what is shown of work in addition to its turns: notices, checks, the agent's report, the record.

use std::time::Instant;

use codex_ledger::CheckStatus;
use codex_runner::{EndedCheck, ProjectKind, ProjectNotice, RunnerEvent};

use crate::check_view;
use crate::console::Console;
use crate::failure::{hint_line, warning_line};
use crate::notices;
use crate::render::{Line, Tone, seconds};
use crate::show::Show;
use crate::told_once;

/// What is shown of work in addition to its turns.
pub(crate) struct WorkView<'a> {
    pub(crate) show: Show,
    pub(crate) console: &'a Console,
    /// What the flags ask of a record that is not kept here.
    pub(crate) asked: RecordAsked,
    pub(crate) project: &'a codex_runner::Project,
    check: Option<(String, Instant)>,
}

/// Whether flags ask something of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordAsked {
    Yes,
    No,
}

impl<'a> WorkView<'a> {
    pub(crate) fn new(
        show: Show,
        console: &'a Console,
        asked: RecordAsked,
        project: &'a codex_runner::Project,
    ) -> Self {
        Self { show, console, asked, project, check: None }
    }

    /// Shows an event that is not one of a turn.
    #[expect(clippy::wildcard_enum_match_arm, reason = "not every event shows something")]
    pub(crate) async fn show(&mut self, event: &RunnerEvent) {
        match event {
            RunnerEvent::Notice(notice) => self.notice(notice).await,
            RunnerEvent::Opening => self.status("opening a record"),
            RunnerEvent::Asking => self.status("asking the agent for its account of the work"),
            RunnerEvent::Recording => {
                self.check = None;
                self.status("recording the turn");
            }
            RunnerEvent::CheckStarted { name, command, .. } => {
                self.check = Some((format!("{name}: {command}"), Instant::now()));
                self.draw();
            }
            RunnerEvent::CheckEnded(outcome) => {
                self.check = None;
                self.check_ended(outcome).await;
            }
            RunnerEvent::Reported(account) if self.show == Show::Progress => {
                self.console.lines(vec![reported(account)]).await;
            }
            _ => {}
        }
    }

    /// Draws the status line of a check.
    pub(crate) fn draw(&self) {
        if let Some((label, since)) = &self.check {
            self.status(&format!("{label} ({})", seconds(since.elapsed())));
        }
    }

    fn status(&self, text: &str) {
        self.console.status(Line::new(Tone::Dim, text));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most notices are shown with the progress")]
    async fn notice(&self, notice: &ProjectNotice) {
        let is_shown = match notice {
            // A person relies on these, whatever else is shown.
            ProjectNotice::Unrecorded { .. }
            | ProjectNotice::Recovered { .. }
            | ProjectNotice::Waiting { .. }
            | ProjectNotice::ClaimsOn { .. }
            | ProjectNotice::PushesTo { .. }
            | ProjectNotice::CheckTightened { .. } => true,
            ProjectNotice::SettingsFileChanged => self.show != Show::Nothing,
            ProjectNotice::NotRecordedHere => return self.not_recorded().await,
            _ => self.show == Show::Progress,
        };
        if is_shown {
            self.console.statements(notices::lines(std::slice::from_ref(notice))).await;
        }
    }

    async fn not_recorded(&self) {
        let line = if self.asked == RecordAsked::Yes {
            let text = "turns are not recorded here, so --task, --git and --report say nothing; \
                        `codex-turns ledger init` switches recording on";
            Some(warning_line(text))
        } else if self.project.place().kind == ProjectKind::Worktree && self.show == Show::Progress {
            told_once::line(self.project)
        } else {
            None
        };
        self.console.statements(line.into_iter().collect()).await;
    }

    async fn check_ended(&self, outcome: &EndedCheck) {
        if self.show != Show::Progress {
            return;
        }
        let output = outcome.output.iter().map(|text| Line::new(Tone::Dim, &format!("  | {text}")));
        let is_failing = !matches!(outcome.status, CheckStatus::Passed | CheckStatus::NotRun);
        let hint = check_view::hint(outcome).filter(|_| is_failing).map(|hint| hint_line(&hint));
        let lines = std::iter::once(check_view::line(outcome)).chain(output).chain(hint);
        self.console.lines(lines.collect()).await;
    }
}

fn reported(account: &codex_runner::AgentAccount) -> Line {
    match &account.report {
        Ok(report) => {
            let count = report.decisions().len();
            let decisions = if count == 1 { "decision" } else { "decisions" };
            Line::new(Tone::Good, "✓ ").and(Tone::Plain, &format!("report: {count} {decisions}"))
        }
        Err(_) => Line::new(Tone::Bad, "✗ ").and(Tone::Plain, "report: none that can be used"),
    }
}
