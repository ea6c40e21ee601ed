//! [`ProgramError`]: why there is no Codex to start.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Found;

/// Says why a program cannot be used as Codex.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// There is no file of this path.
    #[error("{} is not a file{}", path.display(), named(found))]
    #[non_exhaustive]
    Missing {
        /// The path.
        path: PathBuf,
        /// Who named it.
        found: Found,
    },
    /// This user may not run the file.
    #[error("{} is not executable", path.display())]
    #[non_exhaustive]
    NotExecutable {
        /// The file.
        path: PathBuf,
    },
    /// Nothing was found.
    #[error(
        "no codex was found: CODEX_PATH is not set and PATH has none (folders looked at: {}{}); \
         install it with `npm install -g @openai/codex`, or set CODEX_PATH to the program",
        looked_at.len(), omitted(skipped)
    )]
    #[non_exhaustive]
    NotFound {
        /// The folders of `PATH`.
        looked_at: Vec<PathBuf>,
        /// The entries of `PATH` that are empty or relative, where nothing is looked for.
        skipped: Vec<PathBuf>,
    },
    /// The launcher of the npm package is there, and its binary for this platform is not.
    #[error(
        "{} is the launcher of the npm package, and the native codex behind it is missing: \
         install @openai/codex anew, with its optional dependency {platform}",
        launcher.display()
    )]
    #[non_exhaustive]
    LauncherAlone {
        /// The launcher.
        launcher: PathBuf,
        /// The package that has the binary for this platform.
        platform: String,
    },
    /// The program does not start or does not answer in time.
    #[error("{} does not tell its version", path.display())]
    #[non_exhaustive]
    VersionUnknown {
        /// The program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program is another one.
    #[error("{} is not codex: asked for its version it printed {printed:?}", path.display())]
    #[non_exhaustive]
    NotCodex {
        /// The program.
        path: PathBuf,
        /// The first line that it printed.
        printed: String,
    },
}

fn named(found: &Found) -> &'static str {
    match found {
        Found::CodexPath => ", but CODEX_PATH names it",
        Found::Given | Found::Path(_) => "",
    }
}

fn omitted(skipped: &[PathBuf]) -> String {
    match skipped.len() {
        0 => String::new(),
        entries => format!(", skipped as empty or relative: {entries}"),
    }
}
