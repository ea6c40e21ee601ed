//! [`ProjectContext`]: what a project says of itself, as headings and bullets.

use std::collections::HashMap;

use serde::Serialize;

use super::PipelineLimits;
use super::outline::{LineKind, lines};
use super::problem::{Problem, ProblemCode, keep, quoted};
use super::project_keys::ProjectKeys;

/// Holds the keys and values of a project context, in the order of the file.
///
/// Keys are found whatever their case, spaces, `_`, `-` and `*`.
///
/// ```
/// use codex_runner::ProjectContext;
///
/// let text = "# Project\n\n- **Name**: shop\n- Application Implementation Pattern:\n\n    crud-spring\n";
/// let context = ProjectContext::parse("project_context.md", text);
/// let pattern = context.get("project.ApplicationImplementationPattern").unwrap().unwrap();
/// assert_eq!((pattern.value.as_str(), pattern.line), ("crud-spring", 4));
/// assert!(context.get("project.version").unwrap().is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProjectContext {
    /// The name of the file in messages.
    pub file: String,
    /// The bullets.
    pub entries: Vec<ProjectEntry>,
    /// What makes the file unusable.
    pub problems: Vec<Problem>,
    /// What was read otherwise than its author may think, such as a key that is there twice.
    pub warnings: Vec<Problem>,
}

/// Holds one bullet of a project context as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProjectEntry {
    /// The headings that it is below, the outermost first.
    pub headings: Vec<String>,
    /// Its key.
    pub key: String,
    /// Its value; the lines of an indented block without their indentation.
    pub value: String,
    /// Its line, counted from 1.
    pub line: u64,
    /// How many lines below it the value begins.
    #[serde(skip)]
    pub(crate) lines_to_value: u64,
}

impl ProjectEntry {
    /// The heading right above it and its key, with a dot between them.
    pub fn dotted(&self) -> String {
        self.headings.last().map_or_else(|| self.key.clone(), |heading| format!("{heading}.{}", self.key))
    }
}

impl ProjectContext {
    /// Reads the text of a file, within the default limits; `file` is what messages call it.
    pub fn parse(file: &str, text: &str) -> Self {
        Self::parse_within(file, text, &PipelineLimits::default())
    }

    pub(crate) fn parse_within(file: &str, text: &str, limits: &PipelineLimits) -> Self {
        let mut context = Self { file: file.to_owned(), ..Self::default() };
        let mut headings: Vec<(usize, String)> = Vec::new();
        let mut is_open = false;
        for line in lines(text) {
            let is_indented = line.text.starts_with("    ") || line.text.starts_with('\t');
            if let LineKind::Heading(level, heading) = line.kind {
                headings.retain(|(outer, _)| *outer < level);
                headings.push((level, heading.to_owned()));
                is_open = false;
            } else if line.kind == LineKind::Comment {
            } else if is_open && (is_indented || line.text.trim().is_empty()) {
                context.continue_value(line.text, line.number);
            } else if line.kind == LineKind::Text
                && let Some((key, value)) = bullet(line.text)
            {
                if context.entries.len() == limits.variables {
                    let sentence = format!("there are more than {} keys", limits.variables);
                    let way_out = "remove those that nothing uses";
                    context.problems.push(context.problem(
                        ProblemCode::TooLong,
                        line.number,
                        sentence,
                        way_out,
                    ));
                    break;
                }
                let headings = headings.iter().map(|(_, heading)| heading.clone()).collect();
                let (key, value) = (key.to_owned(), value.to_owned());
                let (line, lines_to_value) = (line.number, 0);
                context.entries.push(ProjectEntry { headings, key, value, line, lines_to_value });
                is_open = true;
            } else {
                is_open = false;
            }
        }
        for entry in &mut context.entries {
            entry.value.truncate(entry.value.trim_end().len());
        }
        context.find_duplicates();
        context
    }

    /// Finds the value of a key such as `project.name`: the last part is the key, the others are headings above it.
    ///
    /// Of several the one whose heading is named last wins.
    ///
    /// # Errors
    ///
    /// Several bullets fit equally well; the error names their lines.
    pub fn get(&self, dotted: &str) -> Result<Option<&ProjectEntry>, Problem> {
        let at = ProjectKeys::of(self).position(self, dotted)?;
        Ok(at.map(|at| &self.entries[at]))
    }

    fn continue_value(&mut self, line: &str, number: u64) {
        let Some(entry) = self.entries.last_mut() else { return };
        if entry.value.is_empty() {
            entry.lines_to_value = number - entry.line;
        }
        let text = line.strip_prefix("    ").or_else(|| line.strip_prefix('\t')).unwrap_or(line.trim());
        if !entry.value.is_empty() {
            entry.value.push('\n');
        }
        entry.value.push_str(text.trim_end());
    }

    fn find_duplicates(&mut self) {
        let mut seen: HashMap<String, u64> = HashMap::new();
        let mut warnings = Vec::new();
        for entry in &self.entries {
            let headings: Vec<String> = entry.headings.iter().map(|heading| fold_key(heading)).collect();
            let name = format!("{}.{}", headings.join("."), fold_key(&entry.key));
            if let Some(first) = seen.insert(name, entry.line) {
                let sentence = format!("{} is here and in line {first}", quoted(&entry.dotted()));
                let way_out = "remove one; nothing can refer to it as long as there are two";
                warnings.push(self.problem(ProblemCode::DuplicateName, entry.line, sentence, way_out));
            }
        }
        for warning in warnings {
            keep(&mut self.warnings, warning);
        }
    }

    fn problem(&self, code: ProblemCode, line: u64, sentence: String, way_out: &str) -> Problem {
        Problem::new(code, self.file.as_str(), line, sentence, way_out)
    }
}

/// A key as it is compared: without case, spaces, dashes, underscores, asterisks and backticks.
pub(crate) fn fold_key(key: &str) -> String {
    let is_kept = |letter: &char| {
        !letter.is_whitespace()
            && !matches!(letter, '_' | '-' | '*' | '`' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    key.chars().filter(is_kept).flat_map(char::to_lowercase).collect()
}

/// The key and the value of `- Key: value`, with the asterisks of a bold key on either side of the colon.
fn bullet(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let text = ["- ", "* ", "+ "].iter().find_map(|sign| line.strip_prefix(sign))?;
    let (key, value) = text.split_once(':')?;
    let is_bold_before = key.trim_start().starts_with("**") && !key.trim_end().ends_with("**");
    let value = if is_bold_before { value.strip_prefix("**").unwrap_or(value) } else { value };
    let key = key.trim().trim_matches(['*', '`']).trim();
    (!key.is_empty()).then_some((key, value.trim()))
}
