//! [`PatternPlaces`]: how far each pattern has come on the way down to a folder.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::rc::Rc;

use glob::Pattern;

/// One part of a pattern, between slashes.
#[derive(Debug)]
enum PatternPart {
    /// A name that is written out.
    Plain(String),
    /// A name with `*`, `?` or `[]` in it.
    Name(Pattern),
    /// `**`: any folders, or none.
    Folders,
}

/// What is still to be found of patterns below a folder.
#[derive(Debug)]
pub(super) struct PatternPlaces {
    patterns: Rc<Vec<Vec<PatternPart>>>,
    /// Which pattern, and its first part that is still to be found.
    left: BTreeSet<(usize, usize)>,
    /// Whether one of them was come to by a name that is written out.
    is_named: bool,
}

/// What a name in a folder comes to.
pub(super) struct NameStep {
    /// What is to be found below it, if it is a folder.
    pub(super) below: PatternPlaces,
    /// Whether a pattern ends with it.
    pub(super) is_match: bool,
}

impl PatternPlaces {
    /// Begins with all parts of all patterns. A pattern that is none stands for nothing.
    pub(super) fn of(patterns: &[String]) -> Self {
        let parts = |pattern: &String| {
            let words = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
            words.map(part).collect::<Option<Vec<_>>>()
        };
        let patterns: Vec<_> = patterns.iter().filter_map(parts).filter(|parts| !parts.is_empty()).collect();
        let left = (0..patterns.len()).map(|pattern| (pattern, 0)).collect();
        Self { patterns: Rc::new(patterns), left, is_named: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// The names that are written out for this folder.
    pub(super) fn plain_names(&self) -> BTreeSet<&str> {
        let plain = self.parts().filter_map(|part| match part {
            PatternPart::Plain(name) => Some(name.as_str()),
            PatternPart::Name(_) | PatternPart::Folders => None,
        });
        plain.collect()
    }

    /// Whether other names than those may count.
    pub(super) fn needs_listing(&self) -> bool {
        self.parts().any(|part| !matches!(part, PatternPart::Plain(_)))
    }

    /// What a name in this folder comes to.
    pub(super) fn step(&self, name: &OsStr) -> NameStep {
        let below = Self { patterns: Rc::clone(&self.patterns), left: BTreeSet::new(), is_named: false };
        let mut step = NameStep { below, is_match: false };
        for (pattern, at) in &self.left {
            step.take(name, *pattern, *at);
        }
        step
    }

    fn parts(&self) -> impl Iterator<Item = &PatternPart> {
        // `**` may stand for no folder at all: then what comes behind it counts here.
        self.left.iter().flat_map(|(pattern, at)| {
            let parts = &self.patterns[*pattern][*at..];
            let folders = parts.iter().take_while(|part| matches!(part, PatternPart::Folders)).count();
            parts.iter().take(folders + 1)
        })
    }
}

impl NameStep {
    fn take(&mut self, name: &OsStr, pattern: usize, at: usize) {
        let patterns = Rc::clone(&self.below.patterns);
        let (part, is_last) = (&patterns[pattern][at], at + 1 == patterns[pattern].len());
        let is_hit = match part {
            PatternPart::Plain(plain) => name == plain.as_str(),
            PatternPart::Name(pattern) => name.to_str().is_some_and(|name| pattern.matches(name)),
            PatternPart::Folders => {
                // A pattern that ends so stands for every file.
                self.is_match |= is_last;
                if !is_last {
                    self.take(name, pattern, at + 1);
                }
                if name != ".git" {
                    self.below.left.insert((pattern, at));
                }
                return;
            }
        };
        if is_hit && is_last {
            self.is_match = true;
        } else if is_hit {
            self.below.is_named |= matches!(part, PatternPart::Plain(_));
            self.below.left.insert((pattern, at + 1));
        }
    }
}

fn part(word: &str) -> Option<PatternPart> {
    if word == "**" {
        return Some(PatternPart::Folders);
    }
    if word.contains(['*', '?', '[']) {
        return Pattern::new(word).ok().map(PatternPart::Name);
    }
    Some(PatternPart::Plain(word.to_owned()))
}
