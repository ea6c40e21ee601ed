//! [`Prepared`]: what turns need before they can be made: prompt, program, settings, and whether they are recorded.

use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{Invocation, Program, Sandbox};
use codex_ledger::{Redactor, TurnBegin, TurnHeader};
use serde_json::Value;

use crate::arguments::{RunArguments, Until};
use crate::checks::{RunChecks, Surroundings};
use crate::conduct::Show;
use crate::config::{Config, Flag};
use crate::console::Console;
use crate::failure::{Failure, print, warning_line};
use crate::interrupts::Interrupts;
use crate::ledger_setup;
use crate::project::{Project, Said};
use crate::prompt::{Appended, Source, input_is_given, input_is_terminal};
use crate::record::{Asked, Opening, Recorder, Told, begin, header};
use crate::setup;
use crate::trust_setup::keep_store_from;
use crate::version_notice::VersionNotice;

/// What a turn needs before it can be made.
pub(super) struct Prepared {
    /// The flags, and where they say nothing the settings of the project.
    pub(super) complete: RunArguments,
    pub(super) prompt: String,
    pub(super) program: Program,
    pub(super) project: Project,
    pub(super) config: Config,
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
        let project = Project::of(&arguments.dir);
        let mut config = project.config(&Said {
            flags: &flags(arguments),
            file: arguments.codex.settings_file(),
            trust: &arguments.trust,
            writable: &writable(arguments),
        })?;
        if arguments.no_push {
            config.push_nothing();
        }
        let mut complete = config.run.complete(arguments);
        // With full access nothing keeps the agent from anything; codex-turns says so elsewhere.
        if !matches!(complete.codex.sandbox, Some(Sandbox::ReadOnly | Sandbox::DangerFullAccess)) {
            keep_store_from(writable(arguments).into_iter().chain([project.root.clone()]))?;
        }
        complete.codex.layer = project.layer(&complete, &writable(arguments))?;
        // What is reviewed is most often somebody else's, and its tests too.
        complete.no_checks |= arguments.review.is_some() && !arguments.review_checks;
        let program = setup::program(arguments.codex.program.as_ref())?;
        let told = if show(arguments) == Show::Progress { Told::Yes } else { Told::No };
        let recorder = Recorder::choose(&project, &config, arguments, &complete.codex.layer, told)?;
        Ok(Self { complete, prompt, program, project, config, recorder })
    }

    /// What the commands of checks see of this machine.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { config: &self.config, complete: &self.complete, program: &self.program }
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
        is_asked.then(|| ledger_setup::redactor(&self.project.root, &self.config)).transpose()
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
        let Self { complete, prompt, project, config, .. } = self;
        Asked { arguments: complete, config, root: &project.root, prompt }
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

/// The settings that flags make.
fn flags(arguments: &RunArguments) -> Vec<Flag> {
    let flag = |key, name, text: Option<String>| text.map(|text| Flag { key, name, text });
    let git = arguments.git.map(|mode| mode.word().to_owned());
    let required = arguments.require_ledger.then(|| true.to_string());
    let flags = [
        flag("run.sandbox", "--sandbox", arguments.codex.sandbox.map(|mode| mode.as_str().to_owned())),
        flag("run.model", "--model", arguments.codex.model.clone()),
        flag("run.profile", "--profile", arguments.codex.profile.clone()),
        flag("ledger.git", "--git", git),
        flag("ledger.task", "--task", arguments.task.clone()),
        flag("ledger.required", "--require-ledger", required),
    ];
    flags.into_iter().flatten().collect()
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
