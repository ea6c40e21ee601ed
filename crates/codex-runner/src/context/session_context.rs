//! [`SessionContext`]: the variables of a session, in three generations of syntax.

use std::collections::HashMap;

use serde::Serialize;

use super::PipelineLimits;
use super::outline::{LineKind, lines};
use super::problem::{Problem, ProblemCode, keep, quoted};
use super::template::is_name;
use codex_ledger::texts::ContextScope;

/// Holds the variables that a session context defines, unresolved, in the order of the file.
///
/// ```
/// use codex_runner::SessionContext;
///
/// let context = SessionContext::parse("session_context.md", "BASE = `/project`\n\nTASKS = ${BASE}/tasks\n");
/// assert_eq!(context.variables[1].value, "${BASE}/tasks");
/// assert_eq!(context.variables[1].line, 3);
/// assert!(context.problems.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SessionContext {
    /// The name of the file in messages.
    pub file: String,
    /// The variables.
    pub variables: Vec<Variable>,
    /// What makes the file unusable, such as a name that is defined twice.
    pub problems: Vec<Problem>,
    /// What was read otherwise than its author may think.
    pub warnings: Vec<Problem>,
}

/// Holds one definition of a variable as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Variable {
    /// Whose variable it is; those below a heading `Project` are the project's.
    pub scope: ContextScope,
    /// Its name.
    pub name: String,
    /// Its value, without the backticks around it.
    pub value: String,
    /// Its line, counted from 1.
    pub line: u64,
    /// How it was written.
    pub form: VariableForm,
    /// Whether its value stood between backticks and so is meant word for word.
    #[serde(skip)]
    pub(crate) is_quoted: bool,
}

/// Says which generation of syntax a definition has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VariableForm {
    /// The first: `- name: value` below a heading such as `Globals`.
    Bullet,
    /// The second: `| **NAME** | text | rule |`.
    Table,
    /// The third: ``NAME = `value` ``.
    Assignment,
}

/// The headings below which a bullet is a definition.
const GROUPS: [&str; 6] = ["globals", "environment", "project", "patterns", "turn", "templates"];

impl SessionContext {
    /// Reads the text of a file, within the default limits; `file` is what messages call it.
    pub fn parse(file: &str, text: &str) -> Self {
        Self::parse_within(file, text, &PipelineLimits::default())
    }

    pub(crate) fn parse_within(file: &str, text: &str, limits: &PipelineLimits) -> Self {
        let mut context = Self { file: file.to_owned(), ..Self::default() };
        let mut names: HashMap<String, u64> = HashMap::new();
        let mut group = String::new();
        for line in lines(text) {
            if let LineKind::Heading(_, heading) = line.kind {
                group = heading.trim_matches('*').trim().to_lowercase();
                continue;
            }
            if line.kind == LineKind::Comment {
                continue;
            }
            let Some((name, value, form)) = definition(line.text, &group) else { continue };
            if line.kind == LineKind::Code {
                let sentence = format!("{} stands in a block of code and is not read", quoted(name));
                let way_out = "take it out of the block if it is meant";
                let warning = context.problem(ProblemCode::Ignored, line.number, sentence, way_out);
                keep(&mut context.warnings, warning);
                continue;
            }
            if let Some(first) = names.insert(name.to_owned(), line.number) {
                let sentence = format!("{} is defined here and in line {first}", quoted(name));
                let problem =
                    context.problem(ProblemCode::DuplicateName, line.number, sentence, "remove one");
                keep(&mut context.problems, problem);
                continue;
            }
            if context.variables.len() == limits.variables {
                let sentence = format!("there are more than {} variables", limits.variables);
                let way_out = "remove those that nothing uses";
                context.problems.push(context.problem(ProblemCode::TooLong, line.number, sentence, way_out));
                break;
            }
            if value.starts_with('`') && value.matches('`').count() == 1 {
                let sentence = format!("the backtick before the value of {} is not closed", quoted(name));
                let way_out = "close it; until then it is a part of the value";
                let warning = context.problem(ProblemCode::Ignored, line.number, sentence, way_out);
                keep(&mut context.warnings, warning);
            }
            let scope = if group == "project" { ContextScope::Project } else { ContextScope::Global };
            let inner = unquoted(value);
            let mut written = inner.unwrap_or(value).to_owned();
            if form == VariableForm::Table {
                written = written.replace("\\|", "|");
            }
            let (is_quoted, value) = (inner.is_some(), written);
            let name = name.to_owned();
            context.variables.push(Variable { scope, name, value, line: line.number, form, is_quoted });
        }
        context
    }

    fn problem(&self, code: ProblemCode, line: u64, sentence: String, way_out: &str) -> Problem {
        Problem::new(code, self.file.as_str(), line, sentence, way_out)
    }
}

/// The name, the value and the form of a definition.
fn definition<'a>(line: &'a str, group: &str) -> Option<(&'a str, &'a str, VariableForm)> {
    let line = line.trim();
    if line.starts_with('|') {
        return row(line);
    }
    if let Some(bullet) = ["- ", "* ", "+ "].iter().find_map(|sign| line.strip_prefix(sign)) {
        let (name, value) = bullet.split_once(':')?;
        let name = name.trim().trim_matches(['*', '`']).trim();
        let value = value.strip_prefix("**").unwrap_or(value).trim();
        let is_definition = GROUPS.contains(&group) && !name.is_empty();
        return is_definition.then_some((name, value, VariableForm::Bullet));
    }
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    is_constant(name).then_some((name, value.trim(), VariableForm::Assignment))
}

/// A row of a table whose first cell is a name in bold; its last cell is the value.
fn row(line: &str) -> Option<(&str, &str, VariableForm)> {
    let cells = cells(line);
    let (first, last) = (cells.first()?, cells.last()?);
    let name = first.strip_prefix("**")?.strip_suffix("**")?.trim().trim_matches('`');
    (cells.len() >= 2 && is_constant(name)).then_some((name, *last, VariableForm::Table))
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').unwrap_or(line);
    let mut cells = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, letter) in inner.char_indices() {
        if letter == '|' && !is_escaped {
            cells.push(inner[start..at].trim());
            start = at + 1;
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    let rest = inner[start..].trim();
    if !rest.is_empty() {
        cells.push(rest);
    }
    cells
}

/// Whether a text is a name of the second and third generation.
fn is_constant(name: &str) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    is_name(name) && name.bytes().all(is_upper) && !name.starts_with('_')
}

/// The text between two backticks that are the only ones.
fn unquoted(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('`')?.strip_suffix('`')?;
    (!inner.contains('`')).then(|| inner.trim())
}

impl Variable {
    /// Whether the value is a sentence or a calculation and no value.
    pub(crate) fn is_prose(&self) -> bool {
        let is_sentence = !self.is_quoted
            && self.form != VariableForm::Bullet
            && self.value.contains(char::is_whitespace)
            && !self.value.contains("{{");
        is_sentence || is_calculation(&self.value)
    }
}

/// Whether a text is two references with a sign between them.
fn is_calculation(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_reference = |word: &str| word.starts_with("${") && word.ends_with('}');
    matches!(words[..], [one, "+" | "-" | "*" | "/", other] if is_reference(one) && is_reference(other))
}
