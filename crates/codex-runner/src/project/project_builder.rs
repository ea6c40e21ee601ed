//! [`ProjectBuilder`]: a project that is opened with settings of the caller.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_exec::Program;

use super::{InstructionsFrom, Project, ProjectPlace};
use crate::environment::Environment;
use crate::runner_error::RunnerError;
use crate::settings::{Belief, SettingFlag, Settings, SettingsFile};
use crate::trust::{TrustDecision, TrustGiven, TrustPolicy};
use crate::work::KeptSettings;

/// A project that is opened with settings of the caller.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `open` is called"]
pub struct ProjectBuilder {
    /// The folder as the caller named it.
    pub(super) dir: PathBuf,
    place: ProjectPlace,
    environment: Environment,
    flags: Vec<SettingFlag>,
    file: Option<PathBuf>,
    trust: TrustGiven,
    writable: Vec<PathBuf>,
    push: RecordPush,
    program: ProgramChoice,
    instructions: Option<InstructionsFrom>,
    pub(super) worktree_wait: Duration,
}

/// Which Codex runs the turns.
#[derive(Clone, Debug)]
pub(super) enum ProgramChoice {
    /// The one that the environment has.
    Found,
    /// This one.
    Named(Program),
    /// None: turns come over another transport.
    None,
}

/// Whether records are pushed.
#[derive(Clone, Copy, Debug)]
enum RecordPush {
    AsSettings,
    Nothing,
}

impl ProjectBuilder {
    pub(super) fn new(dir: &Path, environment: Environment) -> Self {
        Self {
            dir: dir.to_owned(),
            place: ProjectPlace::of(dir),
            environment,
            flags: Vec::new(),
            file: None,
            trust: TrustGiven::default(),
            writable: Vec::new(),
            push: RecordPush::AsSettings,
            program: ProgramChoice::Found,
            instructions: None,
            worktree_wait: Duration::ZERO,
        }
    }

    /// Sets a setting, such as `run.model`; it wins over the environment and the file.
    pub fn set(mut self, flag: SettingFlag) -> Self {
        self.flags.push(flag);
        self
    }

    /// Reads this file of settings instead of `codex-turns.toml`.
    pub fn settings_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Takes what the caller says of trust.
    pub fn trust(mut self, trust: TrustGiven) -> Self {
        self.trust = trust;
        self
    }

    /// Adds a folder outside of the project that an agent may write to.
    pub fn writable(mut self, folder: impl Into<PathBuf>) -> Self {
        self.writable.push(folder.into());
        self
    }

    /// Runs turns with this Codex, instead of the one that the environment has.
    pub fn program(mut self, program: Program) -> Self {
        self.program = ProgramChoice::Named(program);
        self
    }

    /// Runs turns over another transport, such as a fake: no program is looked for or asked for its version, and checks run in a
    /// sandbox only if the settings say otherwise than `off`, which then fails.
    pub fn without_program(mut self) -> Self {
        self.program = ProgramChoice::None;
        self
    }

    /// Says which instructions of the project reach the agent.
    pub fn instructions(mut self, from: InstructionsFrom) -> Self {
        self.instructions = Some(from);
        self
    }

    /// Pushes no record, whatever the settings say.
    pub fn push_nothing(mut self) -> Self {
        self.push = RecordPush::Nothing;
        self
    }

    /// Waits this long for another turn in the worktree before a record is opened; otherwise the worktree is busy at once.
    pub fn worktree_wait(mut self, wait: Duration) -> Self {
        self.worktree_wait = wait;
        self
    }

    /// Restates what the caller and the environment said when work began that is resumed; what the environment says now
    /// counts, so that a [change](KeptSettings::changes) is seen.
    pub fn restate(mut self, kept: &KeptSettings) -> Self {
        for flag in kept.restated(&self.environment) {
            if !self.flags.iter().any(|said| said.key == flag.key) {
                self.flags.push(flag);
            }
        }
        self
    }

    /// Opens the project. Asks about trust only if the file has a setting that needs it.
    ///
    /// # Errors
    ///
    /// A setting cannot be understood, or what was said of trust cannot.
    pub fn open(self) -> Result<Project, RunnerError> {
        let said = self.clone();
        let (mut settings, decision) = self.read()?;
        if matches!(self.push, RecordPush::Nothing) {
            settings.push_nothing();
        }
        let Self { place, environment, trust, writable, program, instructions, .. } = self;
        Ok(Project { place, environment, settings, decision, trust, writable, program, instructions, said })
    }

    /// Opens the project with the default of each setting, for what is looked up before settings are read.
    pub fn without_settings(self) -> Project {
        let said = self.clone();
        let Self { place, environment, trust, writable, program, instructions, .. } = self;
        let (settings, decision) = (Settings::default_ones(), TrustDecision::Unknown);
        Project { place, environment, settings, decision, trust, writable, program, instructions, said }
    }

    fn read(&self) -> Result<(Settings, TrustDecision), RunnerError> {
        let root = &self.place.root;
        // What is wrong with the variable or a flag is said whether there is a file or not.
        let policy = TrustPolicy::of(root, &self.trust, &self.environment, &self.writable)?;
        let file = match &self.file {
            Some(path) => Some(SettingsFile::named(root, path)?),
            None => SettingsFile::of_project(root)?,
        };
        let load = |belief| Settings::load(file.clone(), belief, &self.environment, self.flags.clone());
        if let (Some(_), Some(file)) = (&self.file, &file) {
            // A file outside of the project belongs to the caller who named it.
            if file.below.is_some() && policy.decide(file)?.belief() == Belief::Untrusted {
                return Err(RunnerError::SettingsInProject { path: file.path.clone() });
            }
            let mut settings = load(Belief::Trusted)?;
            settings.look_at_named(root);
            return Ok((settings, TrustDecision::Trusted));
        }
        let untrusted = load(Belief::Untrusted)?;
        let decision = match &file {
            Some(file) if !untrusted.claimed.is_empty() => policy.decide(file)?,
            Some(_) | None => return Ok((untrusted, TrustDecision::Trusted)),
        };
        if decision.belief() == Belief::Untrusted {
            return Ok((untrusted, decision));
        }
        let mut trusted = load(Belief::Trusted)?;
        // Checks compare with what was looked at here, so this has to be what is trusted.
        let decision = policy.decide_files(&trusted.look_at_named(root))?;
        let settings = if decision.belief() == Belief::Trusted { trusted } else { untrusted };
        Ok((settings, decision))
    }
}
