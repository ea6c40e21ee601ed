//! [`ResponseError`]: why a final response is not the value that was asked for.

use std::sync::Arc;

/// Why a final response is not the value that was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The turn ended without any message of the agent.
    #[error("the turn has no final response")]
    Missing,
    /// The response is not JSON, or JSON of another shape.
    #[error("the final response is not the value that was asked for: `{excerpt}`")]
    #[non_exhaustive]
    Shape {
        /// The response around the place, at most [`ResponseError::EXCERPT_CHARS`] characters of it.
        excerpt: String,
        /// Where reading stopped: line, counted from 1.
        line: usize,
        /// Where reading stopped: column, counted from 1.
        column: usize,
        /// What was expected there.
        source: Arc<serde_json::Error>,
    },
}

impl ResponseError {
    /// How much of a response an error shows at most.
    pub const EXCERPT_CHARS: usize = 240;

    pub(crate) fn shape(text: &str, source: serde_json::Error) -> Self {
        let (line, column) = (source.line(), source.column());
        Self::Shape { excerpt: excerpt(text, line, column), line, column, source: Arc::new(source) }
    }
}

/// Cuts out the part of `text` around a place, with ellipses where something was cut.
fn excerpt(text: &str, line: usize, column: usize) -> String {
    let most = ResponseError::EXCERPT_CHARS;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let lines_before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    // The column counts bytes and may lie within a character.
    let place = text.floor_char_boundary(lines_before.saturating_add(column).min(text.len()));
    let chars_before = text[..place].chars().count();
    let total = text.chars().count();
    let start = chars_before.saturating_sub(most / 2).min(total - most);
    let cut: String = text.chars().skip(start).take(most).collect();
    let head = if start > 0 { "…" } else { "" };
    let tail = if start + most < total { "…" } else { "" };
    format!("{head}{cut}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> ResponseError {
        ResponseError::shape(text, serde_json::from_str::<Vec<u32>>(text).unwrap_err())
    }

    #[test]
    fn a_short_response_is_shown_whole() {
        let error = error_of("Sorry, I cannot.");
        assert_eq!(
            error.to_string(),
            "the final response is not the value that was asked for: `Sorry, I cannot.`"
        );
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "expected value at line 1 column 1");
    }

    #[test]
    fn a_long_response_is_shown_around_the_place() {
        let numbers = vec!["1"; 4000].join(",");
        let text = format!("[\n{numbers},\"ä\",{numbers}]");
        let ResponseError::Shape { excerpt, line, .. } = error_of(&text) else { panic!("a shape error") };
        assert_eq!(line, 2);
        assert!(excerpt.contains('ä'), "{excerpt}");
        assert!(excerpt.starts_with('…') && excerpt.ends_with('…'), "{excerpt}");
        assert_eq!(excerpt.chars().count(), ResponseError::EXCERPT_CHARS + 2);
    }

    #[test]
    fn a_place_at_the_very_end_still_shows_a_full_excerpt() {
        let text = format!("[{}", vec!["1"; 4000].join(","));
        let ResponseError::Shape { excerpt, .. } = error_of(&text) else { panic!("a shape error") };
        assert!(excerpt.starts_with('…') && !excerpt.ends_with('…'), "{excerpt}");
        assert_eq!(excerpt.chars().count(), ResponseError::EXCERPT_CHARS + 1);
    }
}
