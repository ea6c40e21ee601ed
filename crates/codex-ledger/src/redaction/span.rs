//! [`Span`]: a part of a text that is to be replaced.

use std::ops::Range;

/// Marks a part of a text as a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) rule: Rule,
}

/// Names what a secret was recognised by; of two that overlap, the first here gives its name to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    Environment,
    Dotenv,
    PrivateKey,
    Token(&'static str),
    Authorization,
    UrlCredentials,
    Assignment,
    Home,
}

/// How every replacement starts.
pub(super) const MARK: &str = "[REDACTED:";

impl Rule {
    /// What stands in the place of a secret.
    fn mark(self) -> String {
        format!("{MARK}{}]", self.name())
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Dotenv => "dotenv",
            Self::PrivateKey => "private-key",
            Self::Token(name) => name,
            Self::Authorization => "authorization",
            Self::UrlCredentials => "url-credentials",
            Self::Assignment => "assignment",
            Self::Home => "home",
        }
    }
}

/// Makes one span of all that overlap, and puts them in order.
pub(super) fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.range.start, span.rule));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.range.start < last.range.end => {
                last.range.end = last.range.end.max(span.range.end);
                last.rule = last.rule.min(span.rule);
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// Puts a mark in the place of each span, without a second copy of the text; the spans are merged.
pub(super) fn replace(text: &mut Vec<u8>, spans: &[Span]) {
    // The text makes room for all marks that are longer than their spans, so what is written never passes what is read.
    let room: usize = spans.iter().map(|span| span.rule.mark().len().saturating_sub(span.range.len())).sum();
    let length = text.len();
    text.resize(length + room, 0);
    text.copy_within(..length, room);
    let (mut read, mut written) = (0, 0);
    for span in spans {
        text.copy_within(room + read..room + span.range.start, written);
        written += span.range.start - read;
        let mark = span.rule.mark();
        text[written..written + mark.len()].copy_from_slice(mark.as_bytes());
        written += mark.len();
        read = span.range.end;
    }
    text.copy_within(room + read.., written);
    text.truncate(written + length - read);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_take_the_places_of_spans_of_any_length(
            parts in prop::collection::vec((".{0,30}", ".{0,30}", any::<bool>()), 0..8),
            rest in ".{0,30}",
        ) {
            let (mut text, mut spans, mut expected) = (Vec::new(), Vec::new(), String::new());
            for (before, secret, is_home) in parts {
                let rule = if is_home { Rule::Home } else { Rule::UrlCredentials };
                text.extend_from_slice(before.as_bytes());
                spans.push(Span { range: text.len()..text.len() + secret.len(), rule });
                text.extend_from_slice(secret.as_bytes());
                expected.extend([before.as_str(), "[REDACTED:", rule.name(), "]"]);
            }
            text.extend_from_slice(rest.as_bytes());
            replace(&mut text, &spans);
            prop_assert_eq!(String::from_utf8(text).unwrap(), expected + &rest);
        }
    }
}
