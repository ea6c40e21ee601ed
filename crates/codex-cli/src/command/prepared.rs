//! [`PreparedWork`]: what turns need before they can be made: prompt, project and program.

use std::path::PathBuf;

use codex_exec::Program;
use codex_ledger::Redactor;
use codex_runner::{
    Environment, LedgerUse, Project, ProjectBuilder, RecordChoices, ReportSource, RunChecks, SettingFlag,
};

use crate::arguments::{ReportBy, Restated, RunArguments};
use crate::console::Console;
use crate::failure::{CliError, print};
use crate::notices;
use crate::prompt::{Appended, PromptSource, input_is_given, input_is_terminal};
use crate::setup;
use crate::show::Show;
use crate::watch::{RecordAsked, WorkView};

/// What a turn needs before it can be made.
pub(super) struct PreparedWork {
    pub(super) prompt: String,
    pub(super) program: Program,
    pub(super) project: Project,
}

impl PreparedWork {
    /// Reads the prompt and the settings, and finds the program.
    ///
    /// # Errors
    ///
    /// One of them is not there, or cannot be understood.
    pub(super) fn of(arguments: &RunArguments) -> Result<Self, CliError> {
        Self::with_prompt(arguments, prompt(arguments)?)
    }

    /// The same with a prompt that is known.
    ///
    /// # Errors
    ///
    /// As those of [`of`](Self::of).
    pub(super) fn with_prompt(arguments: &RunArguments, prompt: String) -> Result<Self, CliError> {
        let project = opened(arguments)?;
        notices::tell(&project.notices());
        let program = setup::program(arguments.codex.program.as_ref())?;
        Ok(Self { prompt, project: project.with_program(program.clone()), program })
    }

    /// What takes secrets out of files, if that was asked for; it knows files of secrets as they are before a turn.
    ///
    /// # Errors
    ///
    /// There are too many secrets.
    pub(super) fn redactor(&self, arguments: &RunArguments) -> Result<Option<Redactor>, CliError> {
        Ok(arguments.redact_result.then(|| self.project.redactor()).transpose()?)
    }

    /// What is shown in addition to turns.
    pub(super) fn view<'a>(&'a self, arguments: &RunArguments, console: &'a Console) -> WorkView<'a> {
        let is_asked =
            arguments.task.is_some() || arguments.git.is_some() || arguments.report == ReportBy::Agent;
        let asked = if is_asked { RecordAsked::Yes } else { RecordAsked::No };
        WorkView::new(show(arguments), console, asked, &self.project)
    }
}

/// How the turns are recorded and checked.
pub(super) fn choices(arguments: &RunArguments) -> RecordChoices {
    let mut choices = RecordChoices::default();
    choices.checks = arguments.checks.choices();
    choices.checks.run = match (arguments.no_checks, arguments.review_checks) {
        (true, _) => RunChecks::No,
        (false, true) => RunChecks::Always,
        (false, false) => RunChecks::AsUsual,
    };
    choices.report = match arguments.report {
        ReportBy::Agent => ReportSource::Agent,
        ReportBy::Derived => ReportSource::Derived,
    };
    choices.ledger = if arguments.no_ledger { LedgerUse::Off } else { LedgerUse::AsProject };
    choices
}

/// The folders that the flags let the agent write to.
fn writable(arguments: &RunArguments) -> Vec<PathBuf> {
    [&arguments.dir].into_iter().chain(&arguments.codex.add_dir).cloned().collect()
}

/// Opens the project as the flags have it.
fn opened(arguments: &RunArguments) -> Result<Project, CliError> {
    let git = arguments.git.map(|mode| mode.word().to_owned());
    let required = arguments.require_ledger.then(|| true.to_string());
    let flags = [
        ("run.sandbox", "--sandbox", arguments.codex.sandbox.map(|mode| mode.as_str().to_owned())),
        ("run.model", "--model", arguments.codex.model.clone()),
        ("run.profile", "--profile", arguments.codex.profile.clone()),
        ("ledger.git", "--git", git),
        ("ledger.task", "--task", arguments.task.clone()),
        ("ledger.required", "--require-ledger", required),
    ];
    let mut project =
        Project::builder(&arguments.dir, Environment::of_process()).trust(arguments.trust.given());
    for (key, name, text) in flags {
        project =
            text.into_iter().fold(project, |project, text| project.set(SettingFlag::new(key, name, text)));
    }
    if let Some(file) = arguments.codex.settings_file() {
        project = project.settings_file(file);
    }
    if let Some(wait) = arguments.turn_limits.wait {
        project = project.worktree_wait(wait);
    }
    if arguments.no_push {
        project = project.push_nothing();
    }
    if let Some(from) = arguments.codex.project_instructions {
        project = project.instructions(from);
    }
    let project = writable(arguments).into_iter().fold(project, ProjectBuilder::writable);
    let Some(Restated { turn_id, settings }) = &arguments.restated else { return Ok(project.open()?) };
    let project = project.restate(settings).open()?;
    settings.must_hold(project.settings(), *turn_id)?;
    Ok(project)
}

/// What is shown while turns run.
pub(super) fn show(arguments: &RunArguments) -> Show {
    match (arguments.json, arguments.quiet) {
        (true, _) => Show::RawLines,
        (false, true) => Show::Nothing,
        (false, false) => Show::Progress,
    }
}

fn prompt(arguments: &RunArguments) -> Result<String, CliError> {
    if !setup::takes_prompt(arguments) {
        return Ok(String::new());
    }
    let appended = if arguments.stdin { Appended::StandardInput } else { Appended::No };
    let source = PromptSource::choose(arguments.prompt.as_deref(), appended, input_is_terminal());
    if matches!(source, PromptSource::Argument(_)) && show(arguments) == Show::Progress && input_is_given() {
        let text = "standard input is not read, since the prompt is an argument; --stdin appends it";
        print(&[crate::render::Line::new(crate::render::Tone::Dim, text)]);
    }
    let prompt = source.read()?;
    if prompt.trim().is_empty() && arguments.prompt.is_none() {
        return Err(CliError::NoPrompt);
    }
    Ok(prompt)
}
