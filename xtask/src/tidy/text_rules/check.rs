//! Applies the table to the files.

use super::super::finding::RuleFinding;
use super::super::imports::imports;
use super::super::lexer::{CodeLine, stands_in};
use super::super::source_file::WorkspaceFile;
use super::table::TEXT_RULES;
use super::{Tests, TextPart, TextRule};

/// All that the table finds in these files.
pub(in super::super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    files.iter().flat_map(|file| TEXT_RULES.iter().flat_map(|rule| rule.findings(file))).collect()
}

impl TextRule {
    pub(super) fn findings(&self, file: &WorkspaceFile) -> Vec<RuleFinding> {
        if !file.is_rust() || !self.is_for(&file.path) {
            return Vec::new();
        }
        let mut lines: Vec<usize> = match self.part {
            TextPart::Path => {
                let imported = imports(&file.lines).into_iter();
                let imported = imported.filter(|(_, path)| self.is_in(path)).map(|(at, _)| at);
                self.lines_of(file).chain(imported).collect()
            }
            TextPart::Code | TextPart::Literal | TextPart::Word | TextPart::Comment => {
                self.lines_of(file).collect()
            }
        };
        lines.retain(|at| self.tests == Tests::Included || !file.is_test(*at));
        lines.sort_unstable();
        lines.dedup();
        lines.into_iter().map(|at| RuleFinding::new(&file.path, at + 1, self.name, self.sentence)).collect()
    }

    fn is_for(&self, path: &str) -> bool {
        let begins = |list: &[&str]| list.iter().any(|prefix| path.starts_with(prefix));
        (self.within.is_empty() || begins(self.within)) && !begins(self.except)
    }

    fn lines_of(&self, file: &WorkspaceFile) -> impl Iterator<Item = usize> {
        let lines = file.lines.iter().enumerate();
        lines.filter(|(_, line)| self.is_in_line(line)).map(|(at, _)| at)
    }

    fn is_in_line(&self, line: &CodeLine) -> bool {
        match self.part {
            TextPart::Code | TextPart::Path => self.is_in(&line.code),
            TextPart::Comment => self.is_in(&line.comment),
            TextPart::Literal => line.literals.iter().any(|literal| self.is_in(literal)),
            TextPart::Word => line.literals.iter().any(|literal| self.is_the_word(literal)),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| stands_in(text, pattern))
    }

    fn is_the_word(&self, literal: &str) -> bool {
        let quoted = |word: &str| {
            literal.contains(&format!("\"{word}\"")) || literal.contains(&format!("\\\"{word}\\\""))
        };
        self.patterns.iter().any(|word| literal == *word || quoted(word))
    }
}
