//! [`Settings`]: the settings in force, from flags, the environment, `codex-turns.toml` and defaults.

mod check_sandbox;
mod check_settings;
mod ledger_settings;
mod named_before;
mod nearest;
mod project_file;
mod run_settings;
mod setting;
mod setting_sources;
mod settings_error;
mod settings_file;
mod trust_rule;
mod value;

use std::path::Path;

use crate::environment::Environment;

pub use check_sandbox::CheckSandbox;
use check_settings::Reports;
pub use check_settings::{CheckCommand, CheckSettings, variable_name};
pub use ledger_settings::{ClaimReach, LedgerSettings, LimitSettings, RedactSettings};
use named_before::NamedBefore;
use project_file::FileKeys;
pub use run_settings::RunSettings;
pub use setting::{Origin, Setting, ShownSetting};
use setting_sources::Sources;
pub(crate) use setting_sources::variable;
pub use setting_sources::{Belief, ClaimedSetting, SettingFlag};
pub use settings_error::SettingsError;
pub use settings_file::{FILE_NAME, SettingsFile};
pub use trust_rule::Effect;

/// The settings in force, each with where it came from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// What turns run with.
    pub run: RunSettings,
    /// How turns are recorded.
    pub ledger: LedgerSettings,
    /// The project's tests.
    pub tests: CheckSettings,
    /// Its linters.
    pub lint: CheckSettings,
    /// What measures its coverage.
    pub coverage: CheckSettings,
    /// The file as it was read; `None` if there is none.
    file: Option<SettingsFile>,
    belief: Belief,
    named: NamedBefore,
    /// What of the file counts only where it is trusted; without trust it does not count.
    pub claimed: Vec<ClaimedSetting>,
    /// Every setting with its value and where it came from, in the order of the documentation.
    pub shown: Vec<ShownSetting>,
}

impl Settings {
    /// Makes the settings of a file, if there is one; flags win over the environment, which wins over the file.
    ///
    /// # Errors
    ///
    /// A value cannot be understood, or nobody knows a key of the file, of a flag or of a variable.
    pub fn load(
        file: Option<SettingsFile>,
        belief: Belief,
        environment: &Environment,
        flags: Vec<SettingFlag>,
    ) -> Result<Self, SettingsError> {
        let parsed = match &file {
            Some(file) => FileKeys::parse(&file.path, &file.text)?,
            None => FileKeys::none(),
        };
        let mut sources = Sources::new(parsed, belief, environment, flags);
        let run = RunSettings::take(&mut sources);
        let ledger = LedgerSettings::take(&mut sources);
        let tests = CheckSettings::take(&mut sources, "tests", Reports::Own);
        let lint = CheckSettings::take(&mut sources, "lint", Reports::None);
        let coverage = CheckSettings::take(&mut sources, "coverage", Reports::OfTests);
        let has_command = |check: &CheckSettings| check.command.value.is_some() || check.is_ignored;
        if !has_command(&tests) && !has_command(&coverage) && !coverage.report.value.is_empty() {
            let problem = "is set, and neither `coverage.command` nor `tests.command` is: nothing is run";
            sources.refuse(coverage.report.origin.clone(), "coverage.report", problem.to_owned());
        }
        let (shown, claimed) = sources.finish()?;
        Ok(Self {
            run,
            ledger,
            tests,
            lint,
            coverage,
            file,
            belief,
            named: NamedBefore::default(),
            claimed,
            shown,
        })
    }

    /// The settings of nobody: the default of each.
    pub(crate) fn default_ones() -> Self {
        Self::load(None, Belief::Untrusted, &Environment::empty(), Vec::new())
            .expect("the defaults agree with each other")
    }

    /// Whether a ledger is made if it is required: a file that nobody has trusted makes none.
    pub fn may_require_ledger(&self) -> bool {
        let is_of_file = matches!(self.ledger.required.origin, Origin::File { .. });
        !is_of_file || self.belief == Belief::Trusted
    }

    /// Takes away what is pushed, as a flag says.
    pub(crate) fn push_nothing(&mut self) {
        self.ledger.push = Setting { value: None, origin: Origin::Flag("--no-push".to_owned()) };
    }

    /// Where the file lies, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// The settings of the file that do not count, since nobody has trusted it.
    pub fn ignored(&self) -> &[ClaimedSetting] {
        match self.belief {
            Belief::Trusted => &[],
            Belief::Untrusted => &self.claimed,
        }
    }

    /// The settings of the file that count and loosen something.
    pub fn loosened(&self) -> impl Iterator<Item = &ClaimedSetting> {
        let claimed = self.claimed.iter().filter(|_| self.belief == Belief::Trusted);
        claimed.filter(|claimed| claimed.effect == Effect::Loosens)
    }

    /// Returns what the file does that needs trust, one sentence each.
    pub fn effects(&self) -> Vec<String> {
        trust_rule::sentences(&self.claimed)
    }

    /// The checks in the order of the documentation.
    pub fn checks(&self) -> [&CheckSettings; 3] {
        [&self.tests, &self.lint, &self.coverage]
    }

    /// Whether the file of the project is another than the one that was read.
    pub fn is_outdated(&self, project: &Path) -> bool {
        // A file that the caller named lies elsewhere, and what lies in the project did not count.
        let is_projects = |file: &SettingsFile| file.below.as_deref() == Some(Path::new(FILE_NAME));
        self.file.as_ref().is_none_or(is_projects)
            && SettingsFile::of_project(project).ok() != Some(self.file.clone())
    }
}

#[cfg(test)]
mod any_text;
#[cfg(test)]
mod tests;
