//! [`Prepared`]: what turns need before they can be made: prompt, program, settings, and whether they are recorded.

use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{Invocation, LayerLimits, Program, Sandbox};
use codex_ledger::{Redactor, TurnBegin, TurnHeader};
use codex_runner::{
    Environment, LayerChoice, LayerQuestion, Project, ProjectBuilder, RunSettings, RunnerError, SettingFlag,
    TurnKind, keep_store_from,
};
use serde_json::Value;

use crate::arguments::{Restated, RunArguments, Until};
use crate::checks::{RunChecks, Surroundings};
use crate::conduct::Show;
use crate::console::Console;
use crate::failure::{Failure, print, warning_line};
use crate::interrupts::Interrupts;
use crate::notices;
use crate::prompt::{Appended, Source, input_is_given, input_is_terminal};
use crate::record::{Asked, Opening, Recorder, Told, begin, header};
use crate::setup;
use crate::version_notice::VersionNotice;

/// What a turn needs before it can be made.
pub(super) struct Prepared {
    /// The flags, and where they say nothing the settings of the project.
    pub(super) complete: RunArguments,
    pub(super) prompt: String,
    pub(super) program: Program,
    pub(super) project: Project,
    recorder: Recorder,
}

impl Prepared {
    /// Reads the prompt and the settings, and finds the program.
    ///
    /// # Errors
    ///
    /// One of them is not there, or cannot be understood.
    pub(super) fn of(arguments: &RunArguments) -> Result<Self, Failure> {
        Self::with_prompt(arguments, prompt(arguments)?)
    }

    /// The same with a prompt that is known.
    ///
    /// # Errors
    ///
    /// As those of [`of`](Self::of).
    pub(super) fn with_prompt(arguments: &RunArguments, prompt: String) -> Result<Self, Failure> {
        let project = opened(arguments)?;
        notices::tell(&project.notices());
        let mut complete = complete(arguments, &project.settings().run);
        // With full access nothing keeps the agent from anything; codex-turns says so elsewhere.
        if !matches!(complete.codex.sandbox, Some(Sandbox::ReadOnly | Sandbox::DangerFullAccess)) {
            let reach = writable(arguments).into_iter().chain([project.root().to_owned()]);
            keep_store_from(project.environment(), reach).map_err(RunnerError::from)?;
        }
        complete.codex.layer = layer(&project, &complete)?;
        // What is reviewed is most often somebody else's, and its tests too.
        complete.no_checks |= arguments.review.is_some() && !arguments.review_checks;
        let program = setup::program(arguments.codex.program.as_ref())?;
        let told = if show(arguments) == Show::Progress { Told::Yes } else { Told::No };
        let recorder = Recorder::choose(&project, arguments, &complete.codex.layer, told)?;
        Ok(Self { complete, prompt, program, project, recorder })
    }

    /// What the commands of checks see of this machine.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { config: self.project.settings(), complete: &self.complete, program: &self.program }
    }

    /// Says which variables are to be handed over to checks and are not set.
    pub(super) fn tell_unset(&self, until: &Until) {
        let checks = if self.complete.no_checks { RunChecks::No } else { RunChecks::Yes };
        let lines: Vec<_> =
            self.surroundings().unset(until, checks).iter().map(|text| warning_line(text)).collect();
        if show(&self.complete) == Show::Progress && !lines.is_empty() {
            print(&lines);
        }
    }

    /// What takes secrets out of files, where that was asked for; it knows files of secrets as they are before a turn.
    ///
    /// # Errors
    ///
    /// There are too many secrets.
    pub(super) fn redactor(&self) -> Result<Option<Redactor>, Failure> {
        let is_asked = self.complete.redact_result;
        Ok(is_asked.then(|| self.project.redactor()).transpose()?)
    }

    /// Opens a record, if one is wanted, for a task with these parameters besides its flags. What is wrong with the
    /// call is said before a number is taken.
    ///
    /// # Errors
    ///
    /// No turn may run.
    pub(super) async fn open(
        &mut self,
        invocation: impl FnOnce() -> Option<Invocation>,
        parameters: impl IntoIterator<Item = (&'static str, Value)>,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Result<Opening, Failure> {
        if !self.recorder.is_on() {
            return Ok(Opening::default());
        }
        check(invocation())?;
        let mut header = self.header().await?;
        header.task.parameters.extend(parameters.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self.open_with(header, console, interrupts).await
    }

    /// Opens a record with this header, if one is wanted.
    ///
    /// # Errors
    ///
    /// No turn may run.
    pub(super) async fn open_with(
        &mut self,
        header: TurnHeader,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Result<Opening, Failure> {
        let recorder = std::mem::replace(&mut self.recorder, Recorder::Off);
        recorder.open(header, console, interrupts).await
    }

    /// What a record of the flags is opened with.
    ///
    /// # Errors
    ///
    /// The program is not Codex.
    pub(super) async fn header(&self) -> Result<TurnHeader, Failure> {
        let version = VersionNotice::default().or_ask(&self.program).await;
        if let Some(proof) = version.not_codex() {
            return Err(Failure::NotCodex(Arc::clone(proof)));
        }
        Ok(header(self.asked(), version.version()))
    }

    /// What the first turn is begun with.
    pub(super) fn begin(&self) -> TurnBegin {
        begin(self.asked())
    }

    fn asked(&self) -> Asked<'_> {
        let Self { complete, prompt, project, .. } = self;
        Asked { arguments: complete, config: project.settings(), root: project.root(), prompt }
    }
}

/// Looks for what is wrong with the call.
///
/// # Errors
///
/// Something is.
pub(super) fn check(invocation: Option<Invocation>) -> Result<(), Failure> {
    invocation.map_or(Ok(()), |invocation| {
        invocation.check().map_err(|error| Failure::Start(Arc::new(error.into())))
    })
}

/// The folders that the flags let the agent write to.
fn writable(arguments: &RunArguments) -> Vec<PathBuf> {
    [&arguments.dir].into_iter().chain(&arguments.codex.add_dir).cloned().collect()
}

/// Opens the project as the flags have it.
fn opened(arguments: &RunArguments) -> Result<Project, Failure> {
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
    if arguments.no_push {
        project = project.push_nothing();
    }
    let project = writable(arguments).into_iter().fold(project, ProjectBuilder::writable);
    let Some(Restated { turn_id, settings }) = &arguments.restated else { return Ok(project.open()?) };
    let project = project.restate(settings).open()?;
    settings.must_hold(project.settings(), *turn_id)?;
    Ok(project)
}

/// The flags, and where they say nothing the settings.
fn complete(arguments: &RunArguments, settings: &RunSettings) -> RunArguments {
    let mut complete = arguments.clone();
    let (codex, limits) = (&mut complete.codex, &mut complete.turn_limits);
    codex.sandbox = codex.sandbox.or(settings.sandbox.value);
    codex.model = codex.model.take().or_else(|| settings.model.value.clone());
    codex.profile = codex.profile.take().or_else(|| settings.profile.value.clone());
    limits.timeout = limits.timeout.or(settings.timeout.value);
    limits.idle_timeout = limits.idle_timeout.or(settings.idle_timeout.value);
    complete
}

/// Decides which files count that the project keeps for Codex, and says so.
fn layer(project: &Project, arguments: &RunArguments) -> Result<LayerChoice, Failure> {
    let kind = if arguments.review.is_some() { TurnKind::Review } else { TurnKind::Any };
    let limits = LayerLimits::of(arguments.codex.invocation().parts());
    let question = LayerQuestion::new(&arguments.dir, limits).kind(kind);
    let state = project.layer(question.instructions(arguments.codex.project_instructions))?;
    if !arguments.quiet && !arguments.json {
        notices::tell(&state.notices());
    }
    Ok(state.choice.trusting_nested(arguments.trust.trust))
}

/// What is shown while turns run.
pub(super) fn show(arguments: &RunArguments) -> Show {
    match (arguments.json, arguments.quiet) {
        (true, _) => Show::RawLines,
        (false, true) => Show::Nothing,
        (false, false) => Show::Progress,
    }
}

fn prompt(arguments: &RunArguments) -> Result<String, Failure> {
    if !setup::takes_prompt(arguments) {
        return Ok(String::new());
    }
    let appended = if arguments.stdin { Appended::StandardInput } else { Appended::No };
    let source = Source::choose(arguments.prompt.as_deref(), appended, input_is_terminal());
    if matches!(source, Source::Argument(_)) && show(arguments) == Show::Progress && input_is_given() {
        let text = "standard input is not read, since the prompt is an argument; --stdin appends it";
        print(&[crate::render::Line::new(crate::render::Tone::Dim, text)]);
    }
    let prompt = source.read()?;
    if prompt.trim().is_empty() && arguments.prompt.is_none() {
        return Err(Failure::NoPrompt);
    }
    Ok(prompt)
}
