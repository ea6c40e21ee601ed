//! [`session_context_values`]: the values of the contexts that a turn ran with.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::redaction::is_secret_name;
use crate::texts::markdown::{cell, code_cell};

/// Holds the value of one variable of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContextValue {
    /// Whose variable it is.
    pub scope: ContextScope,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value comes from.
    pub note: String,
}

impl ContextValue {
    /// A variable of the session.
    pub fn global(name: impl Into<String>, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { scope: ContextScope::Global, name: name.into(), value: value.into(), note: note.into() }
    }

    /// A variable of the project.
    pub fn project(name: impl Into<String>, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { scope: ContextScope::Project, name: name.into(), value: value.into(), note: note.into() }
    }
}

/// Says whose variable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "the format has these two tables")]
pub enum ContextScope {
    /// The session's.
    Global,
    /// The project's.
    Project,
}

/// The variables that name the two folders to which paths are shown relative.
const ROOTS: [&str; 2] = ["TARGET_PROJECT", "AGENTIC_PIPELINE_PROJECT"];

/// Writes `session_context_values.md`: one table for each scope.
///
/// The values of secret-named variables are masked. Absolute paths are shown relative to `${TARGET_PROJECT}` or
/// `${AGENTIC_PIPELINE_PROJECT}`, where the values have these two, and masked elsewhere.
///
/// ```
/// use codex_ledger::texts::{ContextValue, session_context_values};
///
/// let text = session_context_values(&[
///     ContextValue::global("TARGET_PROJECT", "/home/ada/shop", "the caller"),
///     ContextValue::global("SCHEMAS", "/home/ada/shop/ai/schemas", "session_context.md"),
/// ]);
/// assert!(text.contains("| `SCHEMAS` | `${TARGET_PROJECT}/ai/schemas` | session\\_context.md |"));
/// assert!(!text.contains("ada"));
/// ```
pub fn session_context_values(values: &[ContextValue]) -> String {
    let mut roots: Vec<(&str, &str)> = Vec::new();
    for name in ROOTS {
        let root =
            values.iter().find(|value| value.name == name).map(|value| value.value.trim_end_matches('/'));
        roots.extend(root.filter(|root| root.len() > 1 && root.starts_with('/')).map(|root| (name, root)));
    }
    // The longest first: one of the two can be within the other.
    roots.sort_by_key(|(_, root)| std::cmp::Reverse(root.len()));
    let mut text = "# Session Context Values\n".to_owned();
    for (heading, scope) in [("Globals", ContextScope::Global), ("Project", ContextScope::Project)] {
        let _ = write!(text, "\n## {heading}\n\n");
        let mut rows = values.iter().filter(|value| value.scope == scope).peekable();
        if rows.peek().is_none() {
            text.push_str("None\n");
            continue;
        }
        text.push_str("| Variable | Value | Notes |\n| --- | --- | --- |\n");
        for row in rows {
            let value = shown(row, &roots);
            let value = if value.is_empty() { String::new() } else { code_cell(&value) };
            let _ = writeln!(text, "| {} | {value} | {} |", code_cell(&row.name), cell(&row.note));
        }
    }
    text
}

fn shown(value: &ContextValue, roots: &[(&str, &str)]) -> String {
    let text = value.value.trim();
    if is_secret_name(&value.name) && !text.is_empty() {
        return "[REDACTED:secret-name]".to_owned();
    }
    for (name, root) in roots {
        if let Some(rest) = text.strip_prefix(root)
            && (rest.is_empty() || rest.starts_with('/'))
            && (*name != value.name || rest.len() > 1)
        {
            return format!("${{{name}}}{rest}");
        }
    }
    let is_drive =
        matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    // One slash alone is a route or a sign, not somebody's folder.
    if (text.starts_with('/') && text.len() > 1) || text.starts_with("~/") || is_drive {
        return "[REDACTED:absolute-path]".to_owned();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_without_what_is_private() {
        let text = session_context_values(&[
            ContextValue::global("TARGET_PROJECT", "/home/ada/shop/", "caller"),
            ContextValue::global("AGENTIC_PIPELINE_PROJECT", "/home/ada/shop/pipeline", "caller"),
            ContextValue::global("TASKS", "/home/ada/shop/pipeline/tasks", "a | b\nc"),
            ContextValue::global("API_KEY", "very-secret", "environment"),
            ContextValue::global("OTHER", "/home/ada/shopping", ""),
            ContextValue::project("A|B", "x\\|`y`\n| z |", "<b>*not* bold</b>"),
            ContextValue::project("EMPTY", "", "-"),
        ]);
        insta::assert_snapshot!(text);
        assert!(!text.contains("ada") && !text.contains("very-secret"));
    }

    #[test]
    fn an_empty_scope_is_none() {
        let expected = "# Session Context Values\n\n## Globals\n\nNone\n\n## Project\n\nNone\n";
        assert_eq!(session_context_values(&[]), expected);
    }
}
