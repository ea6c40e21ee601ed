//! [`ReportError`]: why a report of tests or coverage says nothing.

/// Says why a report cannot be taken for what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// There is nothing in it.
    #[error("the report is empty")]
    Empty,
    /// It is no XML.
    #[error("line {line} of the report is not well-formed XML")]
    #[non_exhaustive]
    Xml {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong there.
        source: quick_xml::Error,
    },
    /// It ends before its root element does.
    #[error("the report ends in line {line} within {element}")]
    #[non_exhaustive]
    Truncated {
        /// The last line, counted from 1.
        line: u64,
        /// What is still open, such as the innermost element.
        element: String,
    },
    /// Its elements are nested too deeply for a report.
    #[error("line {line} of the report is nested deeper than {limit} elements")]
    #[non_exhaustive]
    TooDeep {
        /// The line, counted from 1.
        line: u64,
        /// How deep elements may be nested.
        limit: usize,
    },
    /// It is no JSON.
    #[error("the report is not JSON")]
    #[non_exhaustive]
    Json {
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// It is a document of another kind.
    #[error("the report is not {expected}: {found}")]
    #[non_exhaustive]
    Format {
        /// What was looked for.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// A number in it is none.
    #[error("the report's {name} is `{value}`, which is not a count")]
    #[non_exhaustive]
    Number {
        /// The name of the number.
        name: String,
        /// What stands in its place.
        value: String,
    },
    /// Its totals are there, and what they are the totals of is not.
    #[error("the report counts {tests} tests and lists none")]
    #[non_exhaustive]
    NoCases {
        /// How many tests its totals name.
        tests: u64,
    },
    /// There is nothing that could be covered.
    #[error("the report has no lines that could be covered")]
    NoLines,
}
