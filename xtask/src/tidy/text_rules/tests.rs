//! Each rule finds its bad sample and leaves its good one alone.

use super::super::source_file::WorkspaceFile;
use super::*;

fn found(rule: &TextRule, (path, text): (&str, &str)) -> usize {
    rule.findings(&WorkspaceFile::new(path, text.to_owned())).len()
}

#[test]
fn every_rule_finds_its_bad_sample() {
    for rule in TEXT_RULES {
        assert_eq!(found(rule, rule.bad), 1, "{}", rule.name);
    }
}

#[test]
fn no_rule_finds_its_good_sample() {
    for rule in TEXT_RULES {
        assert_eq!(found(rule, rule.good), 0, "{}", rule.name);
    }
}

#[test]
fn every_pattern_of_a_rule_can_be_found() {
    for rule in TEXT_RULES {
        for pattern in rule.patterns {
            let text = match rule.part {
                TextPart::Code | TextPart::Path => format!("//! A.\n{pattern}"),
                TextPart::Literal | TextPart::Word => format!("//! A.\nlet a = \"{pattern}\";"),
                TextPart::Comment => format!("//! A.\n// {pattern} a"),
            };
            assert_eq!(found(rule, (rule.bad.0, &text)), 1, "{} {pattern}", rule.name);
        }
    }
}

#[test]
fn a_part_of_a_longer_word_is_not_found() {
    let rule = TEXT_RULES.iter().find(|rule| rule.name == "nothing-is-left-to-do").unwrap();
    assert_eq!(found(rule, ("crates/a/src/a.rs", "my_todo!();")), 0);
}

#[test]
fn names_are_there_once() {
    let mut names: Vec<&str> = TEXT_RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TEXT_RULES.len());
}
