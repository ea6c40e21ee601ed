//! [`Project`]: a repository with its settings, what is trusted of it, and its ledger.

mod eclipse;
mod layer_choice;
mod ledger_setup;
mod project_builder;
mod project_place;
mod remotes;
mod rollouts;

use std::path::{Path, PathBuf};

use codex_exec::{Invocation, Program};
use codex_ledger::git::GitCliBuilder;

use crate::environment::Environment;
use crate::notice::ProjectNotice;
use crate::runner_error::RunnerError;
use crate::settings::{Belief, FILE_NAME, Settings, SettingsFile};
use crate::trust::{TrustDecision, TrustGiven, TrustPolicy, TrustRecord, layer_effects};

pub use layer_choice::{InstructionsFrom, LayerChoice, LayerQuestion, LayerState, TurnKind};
pub use ledger_setup::{TOOL, start_ledger};
use project_builder::ProgramChoice;
pub use project_builder::ProjectBuilder;
pub use project_place::{ProjectKind, ProjectPlace};

/// A repository with its settings, what is trusted of it, and its ledger: all that work in it needs to know.
///
/// Opening reads the settings of the caller, the environment and `codex-turns.toml` once, and decides what of the file counts.
/// Nothing starts but git, and git only if a ref decides.
///
/// ```
/// use codex_runner::{Environment, Project};
///
/// let scratch = tempfile::tempdir()?;
/// std::fs::write(scratch.path().join("codex-turns.toml"), "[tests]\ncommand = \"make test\"\n")?;
/// let project = Project::open(scratch.path(), Environment::empty())?;
/// // A command of the repository counts once a person has trusted it.
/// assert_eq!(project.settings().tests.command.value, None);
/// assert!(project.notices()[0].to_string().starts_with("ignored in codex-turns.toml: tests.command (not trusted"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Project {
    place: ProjectPlace,
    environment: Environment,
    settings: Settings,
    decision: TrustDecision,
    trust: TrustGiven,
    writable: Vec<PathBuf>,
    program: ProgramChoice,
    instructions: Option<InstructionsFrom>,
    said: ProjectBuilder,
}

impl Project {
    /// Opens the project that a folder is in, with the settings of this environment.
    ///
    /// # Errors
    ///
    /// A setting cannot be understood, or what the environment says of trust cannot.
    pub fn open(dir: impl AsRef<Path>, environment: Environment) -> Result<Self, RunnerError> {
        Self::builder(dir, environment).open()
    }

    /// Opens the project that a folder is in with the default of each setting, for what is looked up before settings are read.
    pub fn with_default_settings(dir: impl AsRef<Path>, environment: Environment) -> Self {
        Self::builder(dir, environment).without_settings()
    }

    /// Describes a project that is opened with settings of the caller.
    pub fn builder(dir: impl AsRef<Path>, environment: Environment) -> ProjectBuilder {
        ProjectBuilder::new(dir.as_ref(), environment)
    }

    /// Returns a description that opens the project again, with what the caller has said.
    pub(crate) fn said(&self) -> ProjectBuilder {
        self.said.clone()
    }

    /// Returns where the project is.
    pub fn place(&self) -> &ProjectPlace {
        &self.place
    }

    /// Returns the top of the project.
    pub fn root(&self) -> &Path {
        &self.place.root
    }

    /// Returns the settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the environment that the project was opened with.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns whether the settings of the file count that need trust.
    pub fn decision(&self) -> &TrustDecision {
        &self.decision
    }

    /// Returns what a person has to know of the settings before anything runs.
    pub fn notices(&self) -> Vec<ProjectNotice> {
        let mut notices = Vec::new();
        let name = self.settings.file().and_then(Path::file_name);
        let file = name.map_or_else(|| FILE_NAME.to_owned(), |name| name.to_string_lossy().into_owned());
        let keys: Vec<String> = self.settings.ignored().iter().map(|claimed| claimed.key.clone()).collect();
        if !keys.is_empty() {
            let reason = self.decision.reason();
            notices.push(ProjectNotice::SettingsIgnored { file: file.clone(), keys, reason });
        }
        let settings: Vec<String> =
            self.settings.loosened().map(|claimed| format!("{} = {}", claimed.key, claimed.value)).collect();
        if !settings.is_empty() {
            notices.push(ProjectNotice::SettingsLoosened { file, settings });
        }
        notices
    }

    /// Decides which files that the project keeps for Codex count.
    ///
    /// # Errors
    ///
    /// A ref is not there, or cannot be read.
    pub fn layer(&self, question: LayerQuestion<'_>) -> Result<LayerState, RunnerError> {
        layer_choice::decide(self.root(), question, &self.trust_policy()?)
    }

    /// Returns git as the settings have it started: it ends with this process, and gets no secret but those that a setting names
    /// for remotes.
    pub fn git(&self) -> GitCliBuilder {
        ledger_setup::git(&self.environment, &self.settings)
    }

    /// Runs turns with this Codex, instead of the one that the environment has.
    #[must_use = "this returns the changed project"]
    pub fn with_program(mut self, program: Program) -> Self {
        self.said = self.said.program(program.clone());
        self.program = ProgramChoice::Named(program);
        self
    }

    /// Returns the Codex that the caller has named, or the one that the environment has.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn program(&self) -> Result<Program, RunnerError> {
        match &self.program {
            ProgramChoice::Named(program) => Ok(program.clone()),
            ProgramChoice::Found | ProgramChoice::None => {
                Ok(Program::discover_in(&self.environment.programs())?)
            }
        }
    }

    /// Returns the same, or nothing if turns run without one.
    pub(crate) fn program_of_turns(&self) -> Result<Option<Program>, RunnerError> {
        match &self.program {
            ProgramChoice::None => Ok(None),
            ProgramChoice::Named(_) | ProgramChoice::Found => self.program().map(Some),
        }
    }

    /// Returns what the settings and the environment say of turns that do not say it themselves: model, sandbox, profile,
    /// limits and the key.
    pub fn turn_defaults(&self) -> impl Fn(Invocation) -> Invocation + Send + Sync + use<> {
        let run = self.settings.run.clone();
        let key = self.environment.api_key();
        move |mut invocation| {
            let parts = invocation.parts().clone();
            if let (None, Some(model)) = (&parts.model, &run.model.value) {
                invocation = invocation.model(model);
            }
            if let (None, Some(sandbox)) = (parts.sandbox, run.sandbox.value) {
                invocation = invocation.sandbox(sandbox);
            }
            if let (None, Some(profile)) = (&parts.profile, &run.profile.value) {
                invocation = invocation.profile(profile);
            }
            if let (None, Some(limit)) = (parts.total_limit, run.timeout.value) {
                invocation = invocation.total_limit(limit);
            }
            if let (None, Some(limit)) = (parts.idle_limit, run.idle_timeout.value) {
                invocation = invocation.idle_limit(limit);
            }
            match (&parts.api_key, &key) {
                (None, Some(key)) => invocation.api_key(key.clone()),
                _ => invocation,
            }
        }
    }

    /// Returns what the caller says of instructions.
    pub(crate) fn instructions(&self) -> Option<InstructionsFrom> {
        self.instructions
    }

    /// Returns whether the caller trusts everything in the project as it is now.
    pub(crate) fn trusts_everything(&self) -> bool {
        self.trust.everything
    }

    fn trust_policy(&self) -> Result<TrustPolicy<'_>, RunnerError> {
        TrustPolicy::of(self.root(), &self.trust, &self.environment, &self.writable)
    }
}

/// Returns everything of a project that one yes trusts, and what it can do, one sentence each.
///
/// # Errors
///
/// A file cannot be trusted, or a setting cannot be understood.
pub fn trust_subject(root: &Path) -> Result<TrustRecord, RunnerError> {
    let file = SettingsFile::of_project(root)?;
    let files = crate::trust::everything(root, file.as_ref())?;
    let mut effects = file.map(settings_effects).transpose()?.unwrap_or_default();
    effects.extend(layer_effects(root));
    Ok(TrustRecord::new(root, files, effects))
}

/// Trusts the file of settings of a project as the caller has just written it.
///
/// # Errors
///
/// The store cannot be used.
pub fn trust_as_written(root: &Path, environment: &Environment) -> Result<(), RunnerError> {
    let Some(file) = SettingsFile::of_project(root)? else { return Ok(()) };
    let environment = environment.clone().without_settings();
    let policy = TrustPolicy::of(root, &TrustGiven::default(), &environment, &[])?;
    let files = crate::trust::covered(root, &file)?;
    let effects = settings_effects(file)?;
    Ok(policy.store()?.save(root, &TrustRecord::new(root, files, effects))?)
}

/// What a file of settings does that needs trust, one sentence each.
fn settings_effects(file: SettingsFile) -> Result<Vec<String>, RunnerError> {
    let settings = Settings::load(Some(file), Belief::Trusted, &Environment::empty(), Vec::new())?;
    Ok(settings.effects())
}
