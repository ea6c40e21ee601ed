//! [`SettingsFile`]: `codex-turns.toml` as it was read, once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::check_settings::CheckCommand;
use super::project_file::FileKeys;
use super::settings_error::SettingsError;
use super::value::Value as _;
use crate::trust::{FileRefused, WritablePlaces, read_below};

/// The file at the top of a project.
pub const FILE_NAME: &str = "codex-turns.toml";

/// No file of settings is longer.
const LIMIT_BYTES: u64 = 1 << 20;

/// The commands of a file of settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands {
    /// Each as a text whose words name programs and files.
    pub(crate) texts: Vec<String>,
    /// The paths and patterns of the reports that they write.
    pub(crate) reports: Vec<String>,
}

/// The file of settings as it was read, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path below the project; `None` for one that lies elsewhere.
    pub below: Option<PathBuf>,
    pub(super) text: String,
}

impl SettingsFile {
    /// Reads the file of a project whose root has this real path, if there is one.
    ///
    /// # Errors
    ///
    /// It is there and cannot be read, or leads out of the project.
    pub fn of_project(root: &Path) -> Result<Option<Self>, SettingsError> {
        Self::below(root, Path::new(FILE_NAME))
    }

    /// Reads a file that a person has named, wherever it lies.
    ///
    /// # Errors
    ///
    /// It is not there, or cannot be read.
    pub fn named(root: &Path, path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
        let real = fs::canonicalize(path).map_err(unreadable)?;
        let folder = real.parent().unwrap_or(Path::new("/"));
        if WritablePlaces::new([root.to_owned()]).holding(folder).is_some() {
            let below =
                real.strip_prefix(root).map_err(|_| unreadable(io::ErrorKind::InvalidFilename.into()))?;
            return Self::below(root, below)?.ok_or_else(|| unreadable(io::ErrorKind::NotFound.into()));
        }
        let name = real.file_name().map_or(Path::new(""), Path::new);
        let file = Self::below(folder, name)?.ok_or_else(|| unreadable(io::ErrorKind::NotFound.into()))?;
        Ok(Self { below: None, ..file })
    }

    /// Reads a file below a folder with a real path, if there is one.
    fn below(root: &Path, below: &Path) -> Result<Option<Self>, SettingsError> {
        let path = root.join(below);
        let unreadable = |source| SettingsError::Unreadable { path: path.clone(), source };
        let read = read_below(root, below, LIMIT_BYTES).map_err(|refused| {
            unreadable(if let FileRefused::Unreadable(error) = refused {
                error
            } else {
                io::Error::other(refused)
            })
        });
        let Some(bytes) = read? else { return Ok(None) };
        let text = String::from_utf8(bytes)
            .map_err(|_| unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")))?;
        Ok(Some(Self { path, below: Some(below.to_owned()), text }))
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The commands of the file, and what they write.
    ///
    /// # Errors
    ///
    /// The file is not TOML.
    pub(crate) fn commands(&self) -> Result<Commands, SettingsError> {
        let file = FileKeys::parse(&self.path, &self.text)?;
        let mut commands = Commands::default();
        for key in file.rest() {
            if key.path.ends_with(".command") {
                commands
                    .texts
                    .extend(CheckCommand::from_toml(&key.value).ok().map(|command| command.words()));
            } else if key.path.ends_with(".report") {
                commands.reports.extend(Vec::<String>::from_toml(&key.value).unwrap_or_default());
            }
        }
        Ok(commands)
    }
}
