//! The project's own tests, linters and coverage, run after a turn and judged by what they leave.

mod check_reports;
mod check_surroundings;
mod checked;
mod commands_of_run;
mod sandbox_refusal;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codex_exec::{CommandError, CommandOutput};
use codex_ledger::{CheckResult, CheckStatus, ReportFile};
use codex_protocol::{ExitKind, StopCause};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::causes::causes;
use crate::notice::ProjectNotice;
use crate::run::{Stops, WorkStage};
use crate::runner_event::RunnerEvent;
use crate::settings::{CheckCommand, CheckSettings};

use check_reports::{CheckReports, ReportsBefore};
pub use check_surroundings::CheckBoundary;
pub(crate) use check_surroundings::{CheckSurroundings, boundary};
pub use checked::{Checked, ClosedGate, EndedCheck};
pub use sandbox_refusal::{RefusalKind, SandboxRefusal};

/// How many lines of a check that does not pass are kept.
const OUTPUT_LINES: usize = 8;
/// How a shell ends that does not find its command, or may not start it.
const NOT_STARTED: [i32; 2] = [126, 127];

/// Runs checks one after the other.
pub(crate) struct Checks<'a> {
    pub(crate) root: &'a Path,
    pub(crate) surroundings: CheckSurroundings<'a>,
    pub(crate) stage: &'a WorkStage,
    pub(crate) stops: Stops,
}

impl Checks<'_> {
    /// Runs what is configured; a stop ends the one that runs, and the others are not begun.
    pub(crate) async fn run(&self) -> Checked {
        let settings = self.surroundings.settings;
        let mut checked = Checked::default();
        let mut before_tests = None;
        for check in [&settings.lint, &settings.tests, &settings.coverage] {
            if self.stops.stop.is_cancelled() {
                checked.is_stopped = true;
                break;
            }
            let report = match &check.command.value {
                Some(command) => {
                    let mut patterns = check.report.value.clone();
                    if check.name == "tests" && settings.coverage.command.value.is_none() {
                        // The tests may measure it.
                        patterns.extend(settings.coverage.report.value.iter().cloned());
                    }
                    let before = Arc::new(self.before(patterns).await);
                    let report = self.check(check, command, &before, &mut checked).await;
                    if check.name == "tests" {
                        before_tests = Some(before);
                    }
                    Some(report)
                }
                // Nobody has trusted the command, and the project requires that it passes.
                None if check.is_ignored => {
                    if check.gate.value {
                        checked.closed.push(ClosedGate::new(check, CheckStatus::NotRun));
                    }
                    None
                }
                // The tests may have measured it.
                None => match (before_tests.take(), check.report.value.as_slice()) {
                    (Some(before), [_, ..]) => {
                        let reports = self.reports(check, &before).await;
                        checked.violations.extend(reports.violations);
                        self.note(reports.notes).await;
                        Some(with(CheckStatus::NotRun, reports.files))
                    }
                    _ => None,
                },
            };
            match check.name {
                "lint" => checked.lint = report,
                "tests" => checked.tests = report,
                _ => checked.coverage = report,
            }
        }
        checked.is_stopped |= self.stops.stop.is_cancelled();
        checked
    }

    /// Runs one check, and adds what it came to.
    async fn check(
        &self,
        settings: &CheckSettings,
        command: &CheckCommand,
        before: &Arc<ReportsBefore>,
        checked: &mut Checked,
    ) -> CheckResult {
        if self.stops.stop.is_cancelled() {
            return CheckResult::new(CheckStatus::NotRun);
        }
        let settings = self.settings_now(settings).await;
        let settings = settings.as_ref();
        let spec = command.spec();
        let command = spec.to_string();
        self.stage.emit(RunnerEvent::CheckStarted { name: settings.name, command: command.clone() }).await;
        let started = Instant::now();
        let spec = spec.cwd(self.root).limit(settings.limit.value);
        let spec = self.surroundings.of_check(spec, settings);
        let boundary = self.surroundings.boundary_of_check(settings);
        let commands = boundary.commands(self.surroundings.program);
        let mut running = commands.run(spec, self.stops.stop.clone());
        let ended = tokio::select! {
            biased;
            ended = &mut running => Some(ended),
            // What the dropped future leaves is killed with it.
            () = self.stops.kill.cancelled() => None,
        };
        drop(running);
        let (status, how) = judge(ended.as_ref());
        let mut reports = CheckReports::default();
        if !self.stops.stop.is_cancelled() {
            reports = self.reports(settings, before).await;
        }
        let CheckReports { files, violations, notes } = reports;
        let is_stopped = self.stops.stop.is_cancelled();
        let report = if is_stopped {
            CheckResult::new(CheckStatus::NotRun)
        } else {
            let status =
                if settings.name == "tests" { check_reports::judged(status, &files) } else { status };
            with(status, files)
        };
        checked.violations.extend(violations);
        if settings.gate.value && report.status != CheckStatus::Passed && !is_stopped {
            checked.closed.push(ClosedGate::new(settings, report.status.clone()));
        }
        let failing = !matches!(report.status, CheckStatus::Passed | CheckStatus::NotRun);
        let output = ended.as_ref().and_then(|ended| ended.as_ref().ok()).filter(|_| failing);
        let outcome = EndedCheck {
            name: settings.name,
            command,
            refusal: output.and_then(|output| SandboxRefusal::find(&output.output.text(), &boundary)),
            boundary,
            status: report.status.clone(),
            how,
            duration: started.elapsed(),
            output: output.map(last_lines).unwrap_or_default(),
            has_no_sandbox: matches!(ended, Some(Err(CommandError::Sandbox { .. }))),
        };
        self.stage.emit(RunnerEvent::CheckEnded(Box::new(outcome))).await;
        self.note(notes).await;
        report
    }

    /// The settings of a check as it starts: what a file loosens was trusted with the files that the command names, and
    /// holds as long as they are the same.
    async fn settings_now<'s>(&self, settings: &'s CheckSettings) -> Cow<'s, CheckSettings> {
        let Some(tight) = settings.tightened() else { return Cow::Borrowed(settings) };
        let Some(change) = self.surroundings.settings.change_of_named(self.root, settings) else {
            return Cow::Borrowed(settings);
        };
        let how = self.surroundings.boundary_of_check(&tight).tightened_words().to_owned();
        self.stage.notices(vec![ProjectNotice::CheckTightened { name: settings.name, change, how }]).await;
        Cow::Owned(tight)
    }

    /// Looks at the reports that are there before a command is started.
    async fn before(&self, patterns: Vec<String>) -> ReportsBefore {
        let root = self.root.to_owned();
        aside(move |stop| ReportsBefore::look(&root, &patterns, stop), &self.stops).await
    }

    /// Reads the reports of a check that were written since.
    async fn reports(&self, settings: &CheckSettings, before: &Arc<ReportsBefore>) -> CheckReports {
        let (root, before) = (self.root.to_owned(), Arc::clone(before));
        let (patterns, name) = (settings.report.value.clone(), settings.name);
        if patterns.is_empty() {
            return CheckReports::default();
        }
        aside(move |stop| CheckReports::since(&before, &root, &patterns, name, stop), &self.stops).await
    }

    async fn note(&self, notes: Vec<String>) {
        self.stage.notices(notes.into_iter().map(ProjectNotice::CheckNote).collect()).await;
    }
}

/// Works with files off this thread. A polite stop asks the work to stop; a kill does not wait for it.
async fn aside<T: Default + Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    stops: &Stops,
) -> T {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    let mut working = spawn_blocking(move || work(&asked));
    let mut is_asked = false;
    loop {
        tokio::select! {
            biased;
            done = &mut working => return done.unwrap_or_default(),
            () = stops.kill.cancelled() => return T::default(),
            () = stops.stop.cancelled(), if !is_asked => {
                stop.store(true, Ordering::Relaxed);
                is_asked = true;
            }
        }
    }
}

fn with(status: CheckStatus, files: Vec<ReportFile>) -> CheckResult {
    files.into_iter().fold(CheckResult::new(status), CheckResult::file)
}

/// What the end of a command comes to, and how to say it if it is not a success.
fn judge(ended: Option<&Result<CommandOutput, CommandError>>) -> (CheckStatus, Option<String>) {
    let output = match ended {
        None => return (CheckStatus::NotRun, Some("killed".to_owned())),
        Some(Err(error)) => return (CheckStatus::Error, Some(causes(error))),
        Some(Ok(output)) => output,
    };
    let (status, how) = match (output.stop, output.exit) {
        (Some(StopCause::Cancelled), _) => (CheckStatus::NotRun, "cancelled".to_owned()),
        (Some(_), _) => (CheckStatus::Error, "took too long".to_owned()),
        (None, Some(ExitKind::Code(0))) => return (CheckStatus::Passed, None),
        (None, Some(ExitKind::Code(code))) if NOT_STARTED.contains(&code) => {
            (CheckStatus::Error, format!("exit {code}, not started"))
        }
        (None, Some(ExitKind::Code(code))) => (CheckStatus::Failed, format!("exit {code}")),
        (None, Some(ExitKind::Signal(signal))) => (CheckStatus::Error, format!("signal {signal}")),
        (None, None) => (CheckStatus::Error, "no end".to_owned()),
    };
    (status, Some(how))
}

fn last_lines(output: &CommandOutput) -> Vec<String> {
    let text = output.output.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(OUTPUT_LINES)..].iter().map(|line| (*line).to_owned()).collect()
}
