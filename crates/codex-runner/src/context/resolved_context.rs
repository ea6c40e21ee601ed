//! [`ResolvedContext`]: the values of a session and a project, each with where it came from.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::computed_values::{ComputedValues, is_of_the_turn};
use super::problem::Problem;
use super::project_context::ProjectContext;
use super::project_folders::ProjectFolders;
use super::project_keys::ProjectKeys;
use super::resolver::Resolver;
use super::session_context::SessionContext;
use super::template::{Piece, pieces};
use codex_ledger::texts::{ContextScope, ContextValue};

/// Holds the values of a session and a project.
///
/// Early references (`${NAME}`) are filled in; late ones (`{{NAME}}`), instructions and what only the turn
/// can know are not. What was filled in is never looked at again, so a value cannot bring in references of its own.
///
/// ```
/// use std::collections::BTreeMap;
/// use codex_runner::{ProjectContext, ResolvedContext, SessionContext, ValueKind};
///
/// let session = SessionContext::parse(
///     "session_context.md",
///     "TARGET_PROJECT = /project/${TARGET_PROJECT}\nNAME = `project_context.md/project.name`\nHOST = ${HOST_NAME}\n",
/// );
/// let project = ProjectContext::parse("project_context.md", "# Project\n- Name: shop\n");
/// let outer = BTreeMap::from([("TARGET_PROJECT".to_owned(), "the-shop".to_owned())]);
/// let values = ResolvedContext::resolve(&session, &project, &outer);
/// assert_eq!(values.get("TARGET_PROJECT").unwrap().value, "/project/the-shop");
/// assert_eq!(values.get("NAME").unwrap().value, "shop");
/// assert_eq!(values.get("NAME").unwrap().kind, ValueKind::LookedUp);
/// assert_eq!(values.warnings[0].to_string(), "session_context.md:3: nothing is known by the name `HOST_NAME`; \
///     define it, or leave it if something else fills it in");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolvedContext {
    /// The values: the session's in the order of its file, those that are computed, the project's.
    pub values: Vec<ResolvedValue>,
    /// What makes the values unusable.
    pub problems: Vec<Problem>,
    /// What was left as it is.
    pub warnings: Vec<Problem>,
    /// The places of the session's values.
    pub(super) names: HashMap<String, usize>,
    /// The project context, whose entries are the last of the values.
    pub(super) project: ProjectContext,
    pub(super) keys: ProjectKeys,
}

/// Holds one value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResolvedValue {
    /// Whose value it is.
    pub scope: ContextScope,
    /// Its name; of a project's value the heading and the key, as in `Project.Name`.
    pub name: String,
    /// The value as far as it is known.
    pub value: String,
    /// How it came about.
    pub kind: ValueKind,
    /// The file that defines it; what is computed has none.
    pub file: Option<String>,
    /// The line in it, counted from 1.
    pub line: Option<u64>,
    #[serde(skip)]
    pub(super) parts: Vec<ValuePart>,
}

/// Says how a value came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueKind {
    /// It is as it was written.
    Literal,
    /// References in it were filled in.
    Expanded,
    /// It was found in a Markdown file.
    LookedUp,
    /// The program that runs the turn knows it.
    Computed,
    /// It has a `{{ free text }}` for the model.
    Instruction,
    /// It has a `{{NAME}}` that is filled in when a file is rendered.
    Late,
    /// It is a sentence, kept as it was written.
    Prose,
    /// A problem kept it as it was written.
    Unresolved,
}

impl ValueKind {
    /// The word for it, as it is serialized.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Expanded => "expanded",
            Self::LookedUp => "looked-up",
            Self::Computed => "computed",
            Self::Instruction => "instruction",
            Self::Late => "late",
            Self::Prose => "prose",
            Self::Unresolved => "unresolved",
        }
    }
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValuePart {
    Text(String),
    /// What only the turn can know, and nobody knows yet.
    Pending(&'static str),
}

/// A line whose references are filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// Whether anything was filled in.
    pub(crate) is_filled: bool,
    /// References that were left.
    pub(crate) unknown: Vec<String>,
    /// Whether something in it is known only when the turn runs.
    pub(crate) is_pending: bool,
    /// The name whose value brought in a `..`.
    pub(crate) parent_part: Option<String>,
}

/// Why a line cannot be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unexpandable {
    /// A `${` in it is not closed.
    Unterminated,
    /// It is, or grows, too long.
    TooLong,
}

impl ResolvedContext {
    /// Resolves the variables of a session and the keys of a project; `outer` are values from outside, such as the name
    /// of the repository, which a variable that refers to itself means.
    ///
    /// No file is read: lookups find keys of `project` alone.
    pub fn resolve(
        session: &SessionContext,
        project: &ProjectContext,
        outer: &BTreeMap<String, String>,
    ) -> Self {
        Resolver::new(session, project, outer).resolve()
    }

    /// The value of a variable of the session, or of one that is computed.
    pub fn get(&self, name: &str) -> Option<&ResolvedValue> {
        self.names.get(name).map(|at| &self.values[*at])
    }

    /// The value of a key of the project, such as `project.name`; nothing if there is none or more than one.
    pub fn project(&self, dotted: &str) -> Option<&ResolvedValue> {
        let at = self.keys.position(&self.project, dotted).ok()??;
        self.values.get(self.values.len() - self.project.entries.len() + at)
    }

    /// The value of a variable or of a key of the project.
    pub(crate) fn find(&self, name: &str) -> Option<&ResolvedValue> {
        self.get(name).or_else(|| self.project(name))
    }

    /// The same values with what is known of the turn by now.
    #[must_use = "this returns the completed values"]
    pub fn complete(&self, computed: &ComputedValues) -> Self {
        let mut completed = self.clone();
        for value in &mut completed.values {
            for part in &mut value.parts {
                if let ValuePart::Pending(name) = part
                    && let Some(text) = computed.get(name)
                {
                    *part = ValuePart::Text(text);
                }
            }
            value.value = shown(&value.parts);
        }
        completed
    }

    /// The values as a record keeps them, each with its source as the note. Empty ones of the project are left out, and so
    /// is the folder of the pipelines where that is the project.
    pub fn context_values(&self) -> Vec<ContextValue> {
        let project = self.get("TARGET_PROJECT").map(|value| value.value.as_str());
        let is_the_project = |value: &ResolvedValue| {
            value.file.is_none()
                && value.name == "AGENTIC_PIPELINE_PROJECT"
                && Some(value.value.as_str()) == project
        };
        let is_kept = |value: &&ResolvedValue| {
            (value.scope == ContextScope::Global || !value.value.is_empty()) && !is_the_project(value)
        };
        let row = |value: &ResolvedValue| {
            let new = match value.scope {
                ContextScope::Global => ContextValue::global,
                ContextScope::Project => ContextValue::project,
            };
            new(value.name.clone(), value.value.clone(), value.source())
        };
        self.values.iter().filter(is_kept).map(row).collect()
    }

    /// The name of the project context in messages.
    pub(crate) fn project_file(&self) -> &str {
        if self.project.file.is_empty() { "ai/context/project_context.md" } else { &self.project.file }
    }

    /// The folders, with the names that the context has for them.
    pub(crate) fn with_aliases(&self, mut folders: ProjectFolders) -> ProjectFolders {
        let roots = [
            ("TARGET_PROJECT", folders.project().to_owned()),
            ("AGENTIC_PIPELINE_PROJECT", folders.pipelines().to_owned()),
        ];
        for (name, folder) in roots {
            if let Some(value) = self.get(name).filter(|value| value.is_complete()) {
                folders.add_alias(&value.value, folder.clone());
            }
            folders.add_alias(&format!("${{{name}}}"), folder);
        }
        folders
    }

    /// Fills in early and late references of a line, which may grow to so many bytes.
    pub(crate) fn expand(&self, text: &str, limit: usize) -> Result<Expanded, Unexpandable> {
        let mut expanded = Expanded::default();
        if text.len() > limit {
            return Err(Unexpandable::TooLong);
        }
        for piece in pieces(text).map_err(|_| Unexpandable::Unterminated)? {
            if expanded.text.len() > limit {
                return Err(Unexpandable::TooLong);
            }
            let found = match piece {
                Piece::Early { name, .. } => self.get(name).map(|value| (name, value)),
                Piece::Late { name, .. } => self.find(name).map(|value| (name, value)),
                Piece::Text(_) | Piece::Foreign(_) | Piece::Instruction(_) => None,
            };
            match (found, piece) {
                (Some((name, value)), _) => {
                    expanded.text.push_str(&value.value);
                    expanded.is_pending |=
                        value.parts.iter().any(|part| matches!(part, ValuePart::Pending(_)));
                    if value.value.split(['/', '\\']).any(|part| part == "..") {
                        expanded.parent_part = Some(name.to_owned());
                    }
                    expanded.is_filled = true;
                }
                (None, Piece::Text(text)) => expanded.text.push_str(text),
                (None, piece) => {
                    expanded.text.push_str(piece.whole());
                    expanded.unknown.push(piece.whole().to_owned());
                }
            }
        }
        Ok(expanded)
    }
}

impl ResolvedValue {
    pub(super) fn computed(name: &str, parts: Vec<ValuePart>) -> Self {
        Self {
            scope: ContextScope::Global,
            name: name.to_owned(),
            value: shown(&parts),
            kind: ValueKind::Computed,
            file: None,
            line: None,
            parts,
        }
    }

    /// Where the value comes from, in words.
    pub fn source(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}, line {line}, {}", self.kind.as_str()),
            (Some(file), None) => format!("{file}, {}", self.kind.as_str()),
            (None, _) => self.kind.as_str().to_owned(),
        }
    }

    /// Whether it is known in full.
    pub fn is_complete(&self) -> bool {
        !self.parts.iter().any(|part| matches!(part, ValuePart::Pending(_)))
    }
}

/// The text of a value; what is not known yet is shown as the reference to it.
pub(super) fn shown(parts: &[ValuePart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            ValuePart::Text(part) => text.push_str(part),
            ValuePart::Pending(name) => {
                debug_assert!(is_of_the_turn(name).is_some(), "nothing else is known later");
                text.push_str("${");
                text.push_str(name);
                text.push('}');
            }
        }
    }
    text
}
