//! The project's own tests, linters and coverage, run after a turn and judged by what they leave.

mod reports;
mod sandbox_hint;
mod surroundings;

use std::path::Path;
use std::time::{Duration, SystemTime};

use codex_exec::{CommandError, CommandOutput, ParentDeath, StateDir};
use codex_ledger::{CheckReport, CheckStatus, RecordEnd};
use codex_protocol::{ExitKind, StopCause};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::conduct::Show;
use crate::config::{CheckCommand, CheckSettings, Config};
use crate::console::Console;
use crate::failure::{error_line, hint_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::meanwhile::redraws;
use crate::render::{Line, Tone, seconds};

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
    /// When the turn began: a report that is older is not its.
    pub(crate) turn_began: SystemTime,
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
    interrupt: Option<Interrupt>,
    /// When it was started.
    began: SystemTime,
}

impl Checked {
    /// Adds what was found to the end of a record.
    pub(crate) fn add_to(&self, mut end: RecordEnd) -> RecordEnd {
        end.tests.clone_from(&self.tests);
        end.lint.clone_from(&self.lint);
        end.coverage.clone_from(&self.coverage);
        end
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
    pub(crate) async fn run(&self, config: &Config, interrupts: &mut Interrupts) -> Checked {
        let mut checked = Checked::default();
        let mut tests_began = None;
        for settings in [&config.lint, &config.tests, &config.coverage] {
            let report = match &settings.command.value {
                Some(command) => {
                    let done = self.check(settings, command, interrupts).await;
                    checked.interrupt = done.interrupt;
                    if settings.name == "tests" {
                        tests_began = Some(done.began);
                    }
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
                None => match (tests_began, settings.report.value.as_slice()) {
                    (Some(began), [_, ..]) => Some(self.collect(settings, began, CheckStatus::NotRun)),
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
        interrupts: &mut Interrupts,
    ) -> Done {
        let began = SystemTime::now();
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
        let report = if interrupt.is_some() {
            CheckReport::new(CheckStatus::NotRun)
        } else {
            self.collect(settings, began, status)
        };
        let failing = !matches!(report.status, CheckStatus::Passed | CheckStatus::NotRun);
        let hint = match &ended {
            Some(Ok(output)) if failing => sandbox_hint::hint(&output.output.text(), &boundary),
            Some(Err(CommandError::Sandbox { .. })) => Some(NO_SANDBOX.to_owned()),
            Some(Ok(_) | Err(_)) | None => None,
        };
        let output = ended.and_then(Result::ok).filter(|_| failing).map(|output| last_lines(&output));
        let line = line(&label, &boundary, &report, &how, started.elapsed());
        Done { report, line, output: output.unwrap_or_default(), hint, interrupt, began }
    }

    /// Adds the reports of a check that ended so.
    fn collect(&self, settings: &CheckSettings, began: SystemTime, status: CheckStatus) -> CheckReport {
        // A command that failed may have stopped before it wrote a report: what lies there is then of somebody else.
        let since = match status {
            CheckStatus::Passed => self.turn_began,
            CheckStatus::Failed | CheckStatus::NotRun | CheckStatus::Error | _ => began,
        };
        let files = reports::since(self.root, &settings.report.value, since);
        let status = if settings.name == "tests" { reports::judged(status, &files) } else { status };
        files.into_iter().fold(CheckReport::new(status), CheckReport::file)
    }

    async fn tell(&self, done: &Done) {
        if self.show == Show::Progress {
            let output = done.output.iter().map(|text| Line::new(Tone::Dim, &format!("  | {text}")));
            let hint = done.hint.as_deref().map(hint_line);
            self.console.lines(std::iter::once(done.line.clone()).chain(output).chain(hint).collect()).await;
        }
    }
}

/// What the end of a command comes to, and how to say it where it is no success.
fn judge(ended: Option<&Result<CommandOutput, CommandError>>) -> (CheckStatus, String) {
    let output = match ended {
        None => return (CheckStatus::NotRun, "killed".to_owned()),
        Some(Err(error)) => return (CheckStatus::Error, crate::failure::causes(error)),
        Some(Ok(output)) => output,
    };
    match (output.process.stop, output.process.exit) {
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
