//! [`DiscoveryEnvironment`]: where to look for Codex when nobody says where it is.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::{Found, Program, ProgramError};

/// Holds the variables that decide which Codex is found.
///
/// ```
/// use codex_exec::{DiscoveryEnvironment, Program, ProgramError};
///
/// let nowhere = DiscoveryEnvironment::new().path("/nowhere:/neither");
/// let missing = Program::discover_in(&nowhere).unwrap_err();
/// assert!(matches!(missing, ProgramError::NotFound { looked_at, .. } if looked_at.len() == 2));
/// ```
///
/// Entries of `PATH` that are empty or relative are skipped: they would find a `codex` that the repository brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it does nothing until Codex is looked for in it"]
pub struct DiscoveryEnvironment {
    codex_path: Option<OsString>,
    path: Option<OsString>,
}

impl DiscoveryEnvironment {
    /// Starts with neither variable set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the variables of this process.
    pub fn from_process() -> Self {
        Self { codex_path: env::var_os("CODEX_PATH"), path: env::var_os("PATH") }
    }

    /// Sets `CODEX_PATH`, the program itself. An empty value counts as none.
    pub fn codex_path(mut self, program: impl Into<OsString>) -> Self {
        self.codex_path = Some(program.into());
        self
    }

    /// Sets `PATH`, folders separated as the system does it.
    pub fn path(mut self, folders: impl Into<OsString>) -> Self {
        self.path = Some(folders.into());
        self
    }
}

pub(super) fn discover(environment: &DiscoveryEnvironment) -> Result<Program, ProgramError> {
    if let Some(path) = environment.codex_path.as_ref().filter(|path| !path.is_empty()) {
        return Program::new(path.as_ref(), Found::CodexPath);
    }
    let entries = environment.path.iter().flat_map(env::split_paths);
    let (folders, skipped): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|entry| entry.is_absolute());
    // A broken launcher early in `PATH` is no reason to pass over a sound program later, but it is what to
    // complain about where there is none.
    let mut broken = None;
    for folder in &folders {
        match Program::new(&folder.join("codex"), Found::Path(folder.clone())) {
            Ok(program) => return Ok(program),
            Err(ProgramError::Missing { .. }) => {}
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    Err(broken.unwrap_or(ProgramError::NotFound { looked_at: folders, skipped }))
}
