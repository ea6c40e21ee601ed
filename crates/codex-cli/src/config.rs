//! [`Config`]: the settings in force, from flags, the environment, `codex-turns.toml` and defaults.

mod check_settings;
mod config_error;
mod ledger_settings;
mod nearest;
mod project_file;
mod run_settings;
mod setting;
mod sources;
mod value;

use std::path::Path;

use check_settings::Reports;
pub(crate) use check_settings::{CheckCommand, CheckSettings};
pub(crate) use config_error::ConfigError;
pub(crate) use ledger_settings::{ClaimReach, LedgerSettings};
use project_file::ProjectFile;
pub(crate) use run_settings::RunSettings;
pub(crate) use setting::{Origin, Setting, Shown};
use sources::Sources;
pub(crate) use sources::{Environment, Flag};

/// The file at the top of a project.
pub(crate) const FILE_NAME: &str = "codex-turns.toml";

/// The settings in force.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) run: RunSettings,
    pub(crate) ledger: LedgerSettings,
    pub(crate) tests: CheckSettings,
    pub(crate) lint: CheckSettings,
    pub(crate) coverage: CheckSettings,
    /// The file as it was read; `None` where there is none.
    text: Option<String>,
    /// Every setting with its value and where it came from, in the order of the documentation.
    pub(crate) shown: Vec<Shown>,
}

impl Config {
    /// Reads the settings of the project with this top folder; flags win over the environment, which wins over the
    /// file.
    ///
    /// # Errors
    ///
    /// A value cannot be understood, or the file has a key that nobody knows.
    pub(crate) fn load(
        project: &Path,
        environment: Environment,
        flags: Vec<Flag>,
    ) -> Result<Self, ConfigError> {
        let path = project.join(FILE_NAME);
        let text = project_file::read(&path)?;
        let file = match &text {
            Some(text) => ProjectFile::parse(&path, text)?,
            None => ProjectFile::none(),
        };
        let mut sources = Sources::new(file, environment, flags);
        let run = RunSettings::take(&mut sources);
        let ledger = LedgerSettings::take(&mut sources);
        let tests = CheckSettings::take(&mut sources, "tests", Reports::Own);
        let lint = CheckSettings::take(&mut sources, "lint", Reports::None);
        let coverage = CheckSettings::take(&mut sources, "coverage", Reports::OfTests);
        if tests.command.value.is_none()
            && coverage.command.value.is_none()
            && !coverage.report.value.is_empty()
        {
            let problem = "is set, and neither `coverage.command` nor `tests.command` is: nothing is run";
            sources.refuse(coverage.report.origin.clone(), "coverage.report", problem.to_owned());
        }
        let shown = sources.finish()?;
        Ok(Self { run, ledger, tests, lint, coverage, text, shown })
    }

    /// The checks in the order of the documentation.
    pub(crate) fn checks(&self) -> [&CheckSettings; 3] {
        [&self.tests, &self.lint, &self.coverage]
    }

    /// Whether the file of the project is another than the one that was read.
    pub(crate) fn is_outdated(&self, project: &Path) -> bool {
        project_file::read(&project.join(FILE_NAME)).ok() != Some(self.text.clone())
    }
}

#[cfg(test)]
mod tests;
