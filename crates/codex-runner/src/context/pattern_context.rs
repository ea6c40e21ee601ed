//! [`PatternContext`]: what an application implementation pattern says of itself.

use serde::Serialize;

use super::outline::{first_heading, section};

/// Holds the text of a pattern context; it is passed on and never filled in.
///
/// ```
/// use codex_runner::PatternContext;
///
/// let context = PatternContext::parse("pattern_context.md", "# CRUD\n\n## Constraints\n\n- Java 21\n");
/// assert_eq!(context.title.as_deref(), Some("CRUD"));
/// assert_eq!(context.constraints.as_deref(), Some("- Java 21"));
/// assert_eq!(PatternContext::names("crud")[2], "crud.pattern.md");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PatternContext {
    /// The name of the file in messages.
    pub file: String,
    /// Its first heading.
    pub title: Option<String>,
    /// What stands below its heading `Constraints`.
    pub constraints: Option<String>,
}

impl PatternContext {
    /// Reads the text of a file; `file` is what messages call it.
    pub fn parse(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            title: first_heading(text).map(str::to_owned),
            constraints: constraints(text),
        }
    }

    /// The places within the folder of the pattern `name` where its context may be, in the order in which they are
    /// looked at.
    pub fn names(name: &str) -> [String; 4] {
        [
            "pattern_context.md".to_owned(),
            "context/pattern_context.md".to_owned(),
            format!("{name}.pattern.md"),
            "application_implementation_pattern.md".to_owned(),
        ]
    }
}

/// What stands below the heading `Constraints`, if there is anything.
pub(crate) fn constraints(text: &str) -> Option<String> {
    let text = section(text, &["constraints", "constraint"])?.text.trim_matches(['\n', '\r']).trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}
