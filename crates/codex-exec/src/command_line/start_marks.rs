//! [`StartMarks`]: what belongs to one start of an invocation.

use std::path::PathBuf;

use crate::{GitSettings, Marker, ProjectSettings, SchemaFile};

/// Holds what belongs to one start of an invocation and to no other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartMarks {
    /// The mark of the processes.
    pub marker: Marker,
    /// Where the inline output schema was written, if the invocation has one.
    pub schema_file: Option<PathBuf>,
    /// What Codex is told of the files of the repository.
    pub project: ProjectSettings,
    /// What git is told in a repository within a repository.
    pub git: GitSettings,
}

impl StartMarks {
    /// Takes the marker, for an invocation without an inline schema.
    pub fn new(marker: Marker) -> Self {
        Self { marker, schema_file: None, project: ProjectSettings::default(), git: GitSettings::default() }
    }

    /// Adds the file that holds the inline schema.
    #[must_use = "the marks are changed in the returned value"]
    pub fn schema_file(mut self, file: &SchemaFile) -> Self {
        self.schema_file = Some(file.path().to_owned());
        self
    }

    /// Adds what Codex is told of the files of the repository.
    #[must_use = "the marks are changed in the returned value"]
    pub fn project(mut self, settings: ProjectSettings) -> Self {
        self.project = settings;
        self
    }

    /// Adds what git is told in a repository within a repository.
    #[must_use = "the marks are changed in the returned value"]
    pub fn git(mut self, settings: GitSettings) -> Self {
        self.git = settings;
        self
    }
}
