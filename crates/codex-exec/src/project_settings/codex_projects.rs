//! [`CodexProjects`]: the folders of which Codex's own files say whether they are trusted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::project_layer::{FALLBACK_NAMES, fallback_names};
use crate::{CodexHome, HomeEnvironment, InvocationParts, LayerLimits, UserConfig};

const SYSTEM_FILE: &str = "/etc/codex/config.toml";

/// The folders that the settings of the system, of the user and of a profile list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CodexProjects {
    /// Those that are trusted.
    pub(crate) trusted: BTreeSet<String>,
    /// Those of which it is said that they are trusted or that they are not.
    pub(crate) listed: BTreeSet<String>,
    /// What the top of a project has, if it is not a git repository.
    pub(crate) root_markers: Vec<String>,
    /// The names of files of instructions that count in a folder without `AGENTS.md`, in the order in which they do.
    pub(crate) fallback_names: Vec<String>,
    /// The Codex home.
    pub(crate) home: Option<PathBuf>,
    /// Whether each file could be read, or was not there.
    pub(crate) complete: bool,
}

impl CodexProjects {
    pub(crate) fn read(parts: &InvocationParts) -> Self {
        let mut files = vec![PathBuf::from(SYSTEM_FILE)];
        let home = CodexHome::of(parts, &HomeEnvironment::from_process()).map(|home| home.path().to_owned());
        if let Some(home) = home.as_ref().filter(|_| parts.user_config == UserConfig::Load) {
            files.push(home.join("config.toml"));
            files.extend(parts.profile.iter().map(|name| home.join(format!("{name}.config.toml"))));
        }
        let mut projects = Self { home, ..Self::read_files(&files) };
        for (key, value) in &parts.config {
            if key == FALLBACK_NAMES
                && let Ok(settings) = format!("{key} = {}", value.to_toml()).parse()
            {
                projects.add(&settings);
            }
        }
        projects
    }

    fn read_files(files: &[PathBuf]) -> Self {
        let mut projects = Self { complete: true, root_markers: vec![".git".to_owned()], ..Self::default() };
        for file in files {
            match table(file) {
                Ok(table) => projects.add(&table),
                Err(Unreadable) => projects.complete = false,
            }
        }
        projects
    }

    fn add(&mut self, settings: &Table) {
        if let Some(markers) = settings.get("project_root_markers").and_then(Value::as_array) {
            self.root_markers = markers.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        self.fallback_names =
            fallback_names(settings).unwrap_or_else(|| std::mem::take(&mut self.fallback_names));
        let projects = settings.get("projects").and_then(Value::as_table);
        for (path, project) in projects.into_iter().flatten() {
            let Some(level) = project.get("trust_level") else { continue };
            self.listed.insert(path.clone());
            if level.as_str() == Some("untrusted") {
                self.trusted.remove(path);
            } else {
                self.trusted.insert(path.clone());
            }
        }
    }
}

impl LayerLimits {
    /// Returns the usual limits, with the Codex home and the further names of instructions that Codex's own configuration
    /// has for such an invocation.
    ///
    /// It blocks on the file system.
    pub fn of(parts: &InvocationParts) -> Self {
        let CodexProjects { home, fallback_names, .. } = CodexProjects::read(parts);
        Self { codex_home: home, fallback_names, ..Self::default() }
    }
}

struct Unreadable;

fn table(file: &Path) -> Result<Table, Unreadable> {
    match fs::read_to_string(file) {
        Ok(text) => text.parse().map_err(|_| Unreadable),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Table::new()),
        Err(_) => Err(Unreadable),
    }
}
