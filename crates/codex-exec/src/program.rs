//! [`Program`]: the Codex binary, where it lies and which release it is.

mod discovery;
mod error;
mod npm;

use std::fs;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{Access, access};
use tokio::sync::OnceCell;

use crate::CodexVersion;
use crate::probe::probe;

pub use discovery::DiscoveryEnvironment;
pub use error::ProgramError;

/// How long a program has to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// Names the native Codex binary. Cheap to clone; clones share the version once it is known.
///
/// The `codex` that npm installs is a launcher for node, which costs a tenth of a second, translates signals
/// and, when it is killed, leaves Codex running: wherever it is met, the binary behind it is taken.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    found: Found,
    version: Arc<OnceCell<CodexVersion>>,
}

/// Says how a program was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// The caller named it.
    Given,
    /// The variable `CODEX_PATH` names it.
    CodexPath,
    /// It lies in this folder of `PATH`.
    Path(PathBuf),
}

impl Program {
    /// Takes the program at `path`, or the native binary behind it where it is npm's launcher.
    ///
    /// # Errors
    ///
    /// There is no program, or it is a launcher whose binary is missing.
    pub fn at(path: impl AsRef<Path>) -> Result<Self, ProgramError> {
        Self::new(path.as_ref(), Found::Given)
    }

    /// Looks for Codex: what `CODEX_PATH` names, else the `codex` on `PATH`.
    ///
    /// # Errors
    ///
    /// As [`Program::discover_in`].
    pub fn discover() -> Result<Self, ProgramError> {
        Self::discover_in(&DiscoveryEnvironment::from_process())
    }

    /// Looks for Codex in the given environment instead of that of this process.
    ///
    /// # Errors
    ///
    /// There is none, or what `CODEX_PATH` names cannot be used: then no other is tried.
    pub fn discover_in(environment: &DiscoveryEnvironment) -> Result<Self, ProgramError> {
        discovery::discover(environment)
    }

    /// The file that is started.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it was found.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Asks the program for its version, once; it has ten seconds to answer.
    ///
    /// # Errors
    ///
    /// It does not start, does not answer in time, or says something that is no version of Codex.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future kills the process that was asked; the next call asks again.
    pub async fn version(&self) -> Result<CodexVersion, ProgramError> {
        self.version.get_or_try_init(|| self.ask_version()).await.cloned()
    }

    fn new(path: &Path, found: Found) -> Result<Self, ProgramError> {
        let path = path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !fs::metadata(&path).is_ok_and(|found| found.is_file()) {
            return Err(ProgramError::Missing { path, found });
        }
        let path = npm::native_binary(path)?;
        if access(&path, Access::EXEC_OK).is_err() {
            return Err(ProgramError::NotExecutable { path });
        }
        Ok(Self { path, found, version: Arc::default() })
    }

    async fn ask_version(&self) -> Result<CodexVersion, ProgramError> {
        let path = || self.path.clone();
        let (status, printed) = probe(&self.path, ["--version"], VERSION_LIMIT)
            .await
            .map_err(|source| ProgramError::VersionUnknown { path: path(), source })?;
        let printed = String::from_utf8_lossy(&printed);
        match printed.parse() {
            Ok(version) if status.success() => Ok(version),
            Ok(_) | Err(_) => Err(ProgramError::NotCodex { path: path(), printed: first_line(&printed) }),
        }
    }
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests;
