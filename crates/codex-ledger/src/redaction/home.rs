//! [`Home`]: finds the path of a home folder.

use std::path::Path;

use memchr::memmem::Finder;

use super::span::{Rule, Span};

/// Finds one home folder, whole parts of a path only.
pub(super) struct Home(Finder<'static>);

impl Home {
    /// Takes an absolute path that says anything; `/` does not.
    pub(super) fn new(folder: &Path) -> Option<Self> {
        let path = folder.to_str()?.trim_end_matches('/');
        (path.len() > 1 && path.starts_with('/')).then(|| Self(Finder::new(path.as_bytes()).into_owned()))
    }

    pub(super) fn find(&self, text: &[u8], spans: &mut Vec<Span>) {
        let length = self.0.needle().len();
        let is_whole = |start: &usize| {
            let before = start.checked_sub(1).map(|at| text[at]);
            let after = text.get(start + length).copied();
            // A sentence may end with the path.
            let goes_on = match after {
                Some(b'.') => text.get(start + length + 1).copied().is_some_and(is_name),
                Some(byte) => is_name_within(byte),
                None => false,
            };
            !goes_on && !before.is_some_and(is_name)
        };
        let starts = self.0.find_iter(text).filter(is_whole);
        spans.extend(starts.map(|start| Span { range: start..start + length, rule: Rule::Home }));
    }
}

fn is_name(byte: u8) -> bool {
    is_name_within(byte) || byte == b'.'
}

fn is_name_within(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}
