//! [`Lookups`]: values of the form `FILE.md/section.key`, found in Markdown files.

use std::collections::HashMap;
use std::path::PathBuf;

use super::PipelineLimits;
use super::problem::{Problem, ProblemCode, quoted};
use super::project_context::ProjectContext;
use super::project_folders::{PathFault, ProjectFolders};
use super::project_keys::ProjectKeys;

/// Finds keys in the project context and, where files may be read, in others.
pub(super) struct Lookups<'a> {
    project: &'a ProjectContext,
    files: Option<(&'a ProjectFolders, &'a PipelineLimits)>,
    /// Files that were read; nothing for the project context itself.
    known: HashMap<PathBuf, (ProjectContext, ProjectKeys)>,
}

/// What a lookup found.
pub(super) enum FoundValue {
    /// An entry of the project context, whose value may have references of its own.
    Entry(usize),
    /// A text of another file, as it stands there.
    Text(String),
}

type NotFound = (ProblemCode, String, &'static str);

/// The file and the key of a value that is a lookup.
pub(super) fn lookup_in(value: &str) -> Option<(&str, &str)> {
    let (file, key) = value.rsplit_once('/').filter(|_| !value.contains(char::is_whitespace))?;
    let is_markdown =
        file.len() > 3 && file.get(file.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case(".md"));
    let is_key = key.contains('.') && key.split('.').all(|part| !part.is_empty());
    (is_markdown && is_key).then_some((file, key))
}

impl<'a> Lookups<'a> {
    pub(super) fn within(project: &'a ProjectContext) -> Self {
        Self { project, files: None, known: HashMap::new() }
    }

    pub(super) fn in_files(
        project: &'a ProjectContext,
        folders: &'a ProjectFolders,
        limits: &'a PipelineLimits,
    ) -> Self {
        Self { project, files: Some((folders, limits)), known: HashMap::new() }
    }

    /// Finds a key; `keys` are those of the project context.
    pub(super) fn find(&mut self, file: &str, key: &str, keys: &ProjectKeys) -> Result<FoundValue, NotFound> {
        let Some((folders, limits)) = self.files else {
            let is_project = file == self.project.file || file.ends_with(&format!("/{}", self.project.file));
            return if is_project { self.of_the_project(key, keys) } else { Err(missing(file, key)) };
        };
        let located = folders.locate(file, &[folders.project()]).map_err(|fault| not_read(file, &fault))?;
        if located.shown == self.project.file {
            return self.of_the_project(key, keys);
        }
        if !self.known.contains_key(&located.path) {
            if self.known.len() == limits.looked_up_files {
                let sentence = format!("values are looked up in more than {} files", limits.looked_up_files);
                return Err((ProblemCode::TooLong, sentence, "put the keys into the project context"));
            }
            let read = folders
                .read_text(&located, limits.context_file_bytes)
                .map_err(|fault| not_read(file, &fault))?;
            let context = ProjectContext::parse(&located.shown, &read.text);
            let keys = ProjectKeys::of(&context);
            self.known.insert(located.path.clone(), (context, keys));
        }
        let (context, keys) = &self.known[&located.path];
        let at = keys.position(context, key).map_err(ambiguous)?;
        let at = at.ok_or_else(|| missing(&located.shown, key))?;
        Ok(FoundValue::Text(context.entries[at].value.clone()))
    }

    fn of_the_project(&self, key: &str, keys: &ProjectKeys) -> Result<FoundValue, NotFound> {
        let at = keys.position(self.project, key).map_err(ambiguous)?;
        at.map(FoundValue::Entry).ok_or_else(|| missing(&self.project.file, key))
    }
}

/// Says that a file has no such key.
fn missing(file: &str, key: &str) -> NotFound {
    let sentence = format!("{} has no key {}", quoted(file), quoted(key));
    (ProblemCode::UnknownName, sentence, "add the key to that file")
}

/// Says that a file has several such keys.
fn ambiguous(problem: Problem) -> NotFound {
    (problem.code, problem.sentence, "name the heading above the one that is meant")
}

fn not_read(file: &str, fault: &PathFault) -> NotFound {
    (fault.code(), format!("{} {}", quoted(file), fault.sentence()), fault.way_out())
}
