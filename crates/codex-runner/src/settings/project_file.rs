//! [`FileKeys`]: the keys of `codex-turns.toml`, each with its line.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::Origin;
use super::settings_error::SettingsError;

/// The keys of the file with their values and lines, in the order of the file.
#[derive(Debug)]
pub(super) struct FileKeys<'a> {
    keys: Vec<FileKey<'a>>,
}

/// A key of the file.
#[derive(Debug)]
pub(super) struct FileKey<'a> {
    /// With its tables, such as `tests.command`.
    pub(super) path: String,
    pub(super) value: DeValue<'a>,
    pub(super) place: Origin,
}

impl<'a> FileKeys<'a> {
    /// There is no file.
    pub(super) fn none() -> Self {
        Self { keys: Vec::new() }
    }

    /// Finds the keys.
    ///
    /// # Errors
    ///
    /// It is no TOML.
    pub(super) fn parse(path: &Path, text: &'a str) -> Result<Self, SettingsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let name = name(path);
        let place = |at: usize| Origin::File { name: name.clone(), line: line(text, at) };
        let table = DeTable::parse(text).map_err(|error| SettingsError::Syntax {
            place: place(error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        })?;
        let mut found = Vec::new();
        flatten(table.into_inner(), "", &mut found);
        found.sort_by_key(|(at, ..)| *at);
        let keys =
            found.into_iter().map(|(at, path, value)| FileKey { path, value, place: place(at) }).collect();
        Ok(Self { keys })
    }

    /// Takes a key out.
    pub(super) fn take(&mut self, path: &str) -> Option<FileKey<'a>> {
        let position = self.keys.iter().position(|key| key.path == path)?;
        Some(self.keys.remove(position))
    }

    /// What nobody has taken.
    pub(super) fn rest(&self) -> &[FileKey<'a>] {
        &self.keys
    }
}

fn flatten<'a>(table: DeTable<'a>, above: &str, found: &mut Vec<(usize, String, DeValue<'a>)>) {
    for (key, value) in table {
        let at = key.span().start;
        let path = if above.is_empty() {
            key.into_inner().into_owned()
        } else {
            format!("{above}.{}", key.as_ref())
        };
        let value = value.into_inner();
        // An empty table says nothing, but its name may be wrong.
        if value.as_table().is_none_or(DeTable::is_empty) {
            found.push((at, path, value));
        } else if let DeValue::Table(below) = value {
            flatten(below, &path, found);
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn line(text: &str, at: usize) -> usize {
    text.match_indices('\n').take_while(|(end, _)| *end < at).count() + 1
}

/// The text of a value that is a string.
pub(super) fn string<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    value.as_str()
}

/// The texts of a value that is a list of strings.
pub(super) fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    let items = value.as_array()?.iter().map(Spanned::get_ref);
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}
