//! The project's own tests, linters and coverage, run after a turn and judged by what they leave.

mod reports;
mod sandbox_hint;
mod surroundings;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codex_exec::{CommandError, CommandOutput, ParentDeath, StateDir};
use codex_ledger::{CheckReport, CheckStatus, RecordEnd, ReportFile, Violation};
use codex_protocol::{ExitKind, StopCause};
use codex_runner::{CheckCommand, CheckSettings, Settings};
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::conduct::Show;
use crate::console::Console;
use crate::failure::{error_line, hint_line, warning_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::meanwhile::redraws;
use crate::render::{Line, Tone, seconds};

use reports::{Before, Reports};
pub(crate) use sandbox_hint::Noticing;
use surroundings::Boundary;
pub(crate) use surroundings::{RunChecks, Surroundings};

/// How many lines of a check that does not pass are shown.
const SHOWN_LINES: usize = 8;
/// What to do if Codex cannot make its sandbox.
pub(crate) const NO_SANDBOX: &str = "the check has not run: `codex-turns doctor` looks at what the sandbox needs; \
                                     `--check-sandbox off` runs checks without one, on a machine of its own";
/// How a shell ends that does not find its command, or may not start it.
const NOT_STARTED: [i32; 2] = [126, 127];

/// What the checks came to.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) tests: Option<CheckReport>,
    pub(crate) lint: Option<CheckReport>,
    pub(crate) coverage: Option<CheckReport>,
    /// The gates that were not passed.
    pub(crate) closed: Vec<Gate>,
    /// What reports did that no report may do.
    pub(crate) violations: Vec<Violation>,
    /// The signal that ended them.
    pub(crate) interrupt: Option<Interrupt>,
}

/// A gate that was not passed.
#[derive(Debug)]
pub(crate) struct Gate {
    name: &'static str,
    status: CheckStatus,
    origin: String,
}

/// Runs checks one after the other.
pub(crate) struct Checks<'a> {
    pub(crate) root: &'a Path,
    pub(crate) show: Show,
    pub(crate) console: &'a Console,
    pub(crate) surroundings: Surroundings<'a>,
}

/// One check that came to an end.
struct Done {
    report: CheckReport,
    line: Line,
    output: Vec<String>,
    /// What to do if it failed because of its sandbox.
    hint: Option<String>,
    /// What is good to know of its reports.
    notes: Vec<String>,
    violations: Vec<Violation>,
    interrupt: Option<Interrupt>,
}

impl Checked {
    /// Adds what was found to the end of a record.
    pub(crate) fn add_to(&self, mut end: RecordEnd) -> RecordEnd {
        end.tests.clone_from(&self.tests);
        end.lint.clone_from(&self.lint);
        end.coverage.clone_from(&self.coverage);
        self.violations.iter().cloned().fold(end, RecordEnd::violation)
    }
}

impl Done {
    /// A check that a signal kept from being started.
    fn not_begun(interrupt: Interrupt) -> Self {
        Self {
            report: CheckReport::new(CheckStatus::NotRun),
            line: Line::new(Tone::Dim, "• the checks were cancelled"),
            output: Vec::new(),
            hint: None,
            notes: Vec::new(),
            violations: Vec::new(),
            interrupt: Some(interrupt),
        }
    }
}

impl Gate {
    /// The word for the record.
    pub(crate) fn reason(&self) -> String {
        format!("{}-{}", self.name, self.status)
    }

    /// The line for a person.
    pub(crate) fn line(&self) -> Line {
        let how = match self.status {
            CheckStatus::Failed => "did not pass",
            CheckStatus::Passed | CheckStatus::NotRun | CheckStatus::Error | _ => "could not be judged",
        };
        error_line(&format!("{} {how}, and the project requires it ({})", self.name, self.origin))
    }
}

impl Checks<'_> {
    /// Runs what is configured; a signal ends the one that runs, and the others are not begun.
    pub(crate) async fn run(&self, config: &Settings, interrupts: &mut Interrupts) -> Checked {
        let mut checked = Checked::default();
        let mut before_tests = None;
        for settings in [&config.lint, &config.tests, &config.coverage] {
            let report = match &settings.command.value {
                Some(command) => {
                    let mut patterns = settings.report.value.clone();
                    if settings.name == "tests" && config.coverage.command.value.is_none() {
                        // The tests may measure it.
                        patterns.extend(config.coverage.report.value.iter().cloned());
                    }
                    let (before, interrupt) = self.before(patterns, interrupts).await;
                    let done = match interrupt {
                        Some(interrupt) => Done::not_begun(interrupt),
                        None => self.check(settings, command, &before, interrupts).await,
                    };
                    checked.interrupt = done.interrupt;
                    if settings.name == "tests" {
                        before_tests = Some(before);
                    }
                    checked.violations.extend(done.violations.iter().cloned());
                    if settings.gate.value
                        && done.report.status != CheckStatus::Passed
                        && done.interrupt.is_none()
                    {
                        let (status, origin) = (done.report.status.clone(), settings.gate.origin.to_string());
                        checked.closed.push(Gate { name: settings.name, status, origin });
                    }
                    self.tell(&done).await;
                    Some(done.report)
                }
                // Nobody has trusted the command, and the project requires that it passes.
                None if settings.is_ignored => {
                    if settings.gate.value {
                        let origin = settings.gate.origin.to_string();
                        checked.closed.push(Gate {
                            name: settings.name,
                            status: CheckStatus::NotRun,
                            origin,
                        });
                    }
                    None
                }
                // The tests may have measured it.
                None => match (before_tests.take(), settings.report.value.as_slice()) {
                    (Some(before), [_, ..]) => {
                        let (reports, interrupt) = self.reports(settings, &before, interrupts).await;
                        checked.interrupt = interrupt;
                        checked.violations.extend(reports.violations);
                        self.note(&reports.notes).await;
                        Some(with(CheckStatus::NotRun, reports.files))
                    }
                    _ => None,
                },
            };
            match settings.name {
                "lint" => checked.lint = report,
                "tests" => checked.tests = report,
                _ => checked.coverage = report,
            }
            if checked.interrupt.is_some() {
                break;
            }
        }
        checked
    }

    async fn check(
        &self,
        settings: &CheckSettings,
        command: &CheckCommand,
        before: &Arc<Before>,
        interrupts: &mut Interrupts,
    ) -> Done {
        let settings = self.settings_now(settings).await;
        let settings = settings.as_ref();
        let started = Instant::now();
        let spec = command.spec();
        let label = format!("{}: {spec}", settings.name);
        let spec = spec.cwd(self.root).limit(settings.limit.value).parent_death(ParentDeath::Interrupt);
        let spec = self.surroundings.of_check(spec.noted_in(StateDir::for_user()), settings);
        let cancel = CancellationToken::new();
        let boundary = self.surroundings.boundary_of_check(settings);
        let commands = boundary.commands(self.surroundings.program);
        let mut running = commands.run(spec, cancel.clone());
        let mut ticks = redraws();
        let mut interrupt = None;
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut running => break Some(ended),
                heard = interrupts.next() => {
                    // The second one does not wait: what the dropped future leaves is killed with it.
                    if interrupt.is_some() {
                        break None;
                    }
                    interrupt = Some(heard);
                    cancel.cancel();
                    self.console.announce(Line::new(Tone::Warning, "cancelling: waiting for the check to stop"));
                }
                _ = ticks.tick() => {
                    let text = format!("{label} ({})", seconds(started.elapsed()));
                    self.console.status(Line::new(Tone::Dim, &text));
                }
            }
        };
        let (status, how) = judge(ended.as_ref());
        let mut reports = Reports::default();
        if interrupt.is_none() {
            (reports, interrupt) = self.reports(settings, before, interrupts).await;
        }
        let Reports { files, violations, notes } = reports;
        let report = if interrupt.is_some() {
            CheckReport::new(CheckStatus::NotRun)
        } else {
            let status = if settings.name == "tests" { reports::judged(status, &files) } else { status };
            with(status, files)
        };
        let failing = !matches!(report.status, CheckStatus::Passed | CheckStatus::NotRun);
        let hint = match &ended {
            Some(Ok(output)) if failing => sandbox_hint::hint(&output.output.text(), &boundary),
            Some(Err(CommandError::Sandbox { .. })) => Some(NO_SANDBOX.to_owned()),
            Some(Ok(_) | Err(_)) | None => None,
        };
        let output = ended.and_then(Result::ok).filter(|_| failing).map(|output| last_lines(&output));
        let line = line(&label, &boundary, &report, &how, started.elapsed());
        Done { report, line, output: output.unwrap_or_default(), hint, notes, violations, interrupt }
    }

    /// The settings of a check as it starts: what a file loosens was trusted with the files that the command names, and
    /// holds as long as they are the same.
    async fn settings_now<'s>(&self, settings: &'s CheckSettings) -> Cow<'s, CheckSettings> {
        let Some(tight) = settings.tightened() else { return Cow::Borrowed(settings) };
        let Some(change) = self.surroundings.config.change_of_named(self.root, settings) else {
            return Cow::Borrowed(settings);
        };
        let how = self.surroundings.boundary_of_check(&tight).in_words();
        let text = format!("{change}: {} {} {how}", settings.name, verb(settings.name));
        self.console.lines(vec![warning_line(&text)]).await;
        Cow::Owned(tight)
    }

    /// Looks at the reports that are there before a command is started.
    async fn before(
        &self,
        patterns: Vec<String>,
        interrupts: &mut Interrupts,
    ) -> (Arc<Before>, Option<Interrupt>) {
        let root = self.root.to_owned();
        let (before, interrupt) = aside(move |stop| Before::look(&root, &patterns, stop), interrupts).await;
        (Arc::new(before), interrupt)
    }

    /// Reads the reports of a check that were written since.
    async fn reports(
        &self,
        settings: &CheckSettings,
        before: &Arc<Before>,
        interrupts: &mut Interrupts,
    ) -> (Reports, Option<Interrupt>) {
        let (root, before) = (self.root.to_owned(), Arc::clone(before));
        let (patterns, name) = (settings.report.value.clone(), settings.name);
        if patterns.is_empty() {
            return (Reports::default(), None);
        }
        aside(move |stop| Reports::since(&before, &root, &patterns, name, stop), interrupts).await
    }

    async fn tell(&self, done: &Done) {
        if self.show == Show::Progress {
            let output = done.output.iter().map(|text| Line::new(Tone::Dim, &format!("  | {text}")));
            let hint = done.hint.as_deref().map(hint_line);
            self.console.lines(std::iter::once(done.line.clone()).chain(output).chain(hint).collect()).await;
        }
        self.note(&done.notes).await;
    }

    async fn note(&self, notes: &[String]) {
        if self.show == Show::Progress && !notes.is_empty() {
            self.console.lines(notes.iter().map(|note| warning_line(note)).collect()).await;
        }
    }
}

/// Works with files off this thread. The first signal asks the work to stop, the second does not wait for it.
async fn aside<T: Default + Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    interrupts: &mut Interrupts,
) -> (T, Option<Interrupt>) {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    let mut working = spawn_blocking(move || work(&asked));
    let mut interrupt = None;
    loop {
        tokio::select! {
            biased;
            done = &mut working => return (done.unwrap_or_default(), interrupt),
            heard = interrupts.next() => {
                stop.store(true, Ordering::Relaxed);
                if interrupt.is_some() {
                    return (T::default(), interrupt);
                }
                interrupt = Some(heard);
            }
        }
    }
}

fn verb(name: &str) -> &'static str {
    if name == "tests" { "run" } else { "runs" }
}

fn with(status: CheckStatus, files: Vec<ReportFile>) -> CheckReport {
    files.into_iter().fold(CheckReport::new(status), CheckReport::file)
}

/// What the end of a command comes to, and how to say it where it is no success.
fn judge(ended: Option<&Result<CommandOutput, CommandError>>) -> (CheckStatus, String) {
    let output = match ended {
        None => return (CheckStatus::NotRun, "killed".to_owned()),
        Some(Err(error)) => return (CheckStatus::Error, crate::failure::causes(error)),
        Some(Ok(output)) => output,
    };
    match (output.stop, output.exit) {
        (Some(StopCause::Cancelled), _) => (CheckStatus::NotRun, "cancelled".to_owned()),
        (Some(_), _) => (CheckStatus::Error, "took too long".to_owned()),
        (None, Some(ExitKind::Code(0))) => (CheckStatus::Passed, String::new()),
        (None, Some(ExitKind::Code(code))) if NOT_STARTED.contains(&code) => {
            (CheckStatus::Error, format!("exit {code}, not started"))
        }
        (None, Some(ExitKind::Code(code))) => (CheckStatus::Failed, format!("exit {code}")),
        (None, Some(ExitKind::Signal(signal))) => (CheckStatus::Error, format!("signal {signal}")),
        (None, None) => (CheckStatus::Error, "no end".to_owned()),
    }
}

fn line(label: &str, boundary: &Boundary, report: &CheckReport, how: &str, took: Duration) -> Line {
    let (tone, mark) = match report.status {
        CheckStatus::Passed => (Tone::Good, "✓ "),
        CheckStatus::NotRun => (Tone::Dim, "• "),
        CheckStatus::Failed | CheckStatus::Error | _ => (Tone::Bad, "✗ "),
    };
    let how = match (how, &report.status) {
        ("", CheckStatus::Passed) => String::new(),
        ("", CheckStatus::Failed) => " → its report has failures".to_owned(),
        ("", _) => " → its report cannot be read".to_owned(),
        (how, _) => format!(" → {how}"),
    };
    let boundary = format!(" ({})", boundary.words());
    let line = Line::new(tone, mark).and_long(label).and(Tone::Dim, &boundary);
    line.and(tone, &how).and(Tone::Dim, &format!(" ({})", seconds(took)))
}

fn last_lines(output: &CommandOutput) -> Vec<String> {
    let text = output.output.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].iter().map(|line| (*line).to_owned()).collect()
}
