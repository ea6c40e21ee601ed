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
pub(super) const MARK: &[u8] = b"[REDACTED:";

impl Rule {
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

/// Puts a mark in the place of each span; the spans are merged.
pub(super) fn replace(text: &[u8], spans: &[Span]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        replaced.extend_from_slice(&text[done..span.range.start]);
        replaced.extend_from_slice(MARK);
        replaced.extend_from_slice(span.rule.name().as_bytes());
        replaced.push(b']');
        done = span.range.end;
    }
    replaced.extend_from_slice(&text[done..]);
    replaced
}
