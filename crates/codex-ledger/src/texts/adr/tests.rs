//! The bytes of a decision record, and that no text changes its structure.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some of the many events of a reader")]

use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::*;
use crate::texts::markdown::tests::hostile_text;
use crate::values::TurnId;

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(TurnId::new(7).unwrap(), "2025-09-05T17:42:10Z");
    manifest.task.name = "add_tests <fast>".to_owned();
    manifest.changes.added = vec!["tests/a.rs".to_owned()];
    manifest.changes.modified = vec!["src/`odd`.rs".to_owned()];
    manifest
}

#[test]
fn a_turn_that_states_nothing_records_no_decision() {
    let manifest = Manifest::new(TurnId::new(1).unwrap(), "2025-09-05T17:42:10Z");
    insta::assert_snapshot!(adr(&manifest, &AdrText::None));
    let empty = AdrText::Stated(StatedRationale::new(" \n").reasoning_summary(""));
    assert_eq!(adr(&manifest, &empty), adr(&manifest, &AdrText::None));
    assert_eq!(adr(&manifest, &AdrText::Decisions(Vec::new())), adr(&manifest, &AdrText::None));
}

#[test]
fn what_a_turn_states_is_proposed_in_its_words() {
    let stated =
        StatedRationale::new("## Summary\n\nI chose a table.\n").reasoning_summary("Comparing a and b");
    insta::assert_snapshot!(adr(&manifest(), &AdrText::Stated(stated)));
}

#[test]
fn decisions_that_are_given_stand_one_after_the_other() {
    let first = Decision {
        status: AdrStatus::Accepted,
        context: "Two stores.".to_owned(),
        options_considered: "- A\n- B".to_owned(),
        decision: "A.".to_owned(),
        result: "`src/a.rs`".to_owned(),
        consequences: "Slower.".to_owned(),
        ..Decision::titled("Use A")
    };
    insta::assert_snapshot!(adr(&manifest(), &AdrText::Decisions(vec![first, Decision::titled("Use *B*")])));
}

/// What stands in strong letters at the start of a line, and every heading of the first level.
fn labels(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut label: Option<String> = None;
    let mut is_start = false;
    for event in Parser::new(text) {
        let was_start = std::mem::replace(&mut is_start, false);
        match event {
            Event::Start(Tag::Paragraph) | Event::SoftBreak | Event::HardBreak => is_start = true,
            Event::Start(Tag::Strong) if !was_start => {}
            Event::Start(Tag::Strong | Tag::Heading { level: pulldown_cmark::HeadingLevel::H1, .. }) => {
                label = Some(String::new());
            }
            Event::End(TagEnd::Strong | TagEnd::Heading(_)) => labels.extend(label.take()),
            Event::Text(text) => {
                if let Some(label) = &mut label {
                    label.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => labels.push(format!("html {html}")),
            _ => {}
        }
    }
    labels.retain(|label| {
        label == "Architecture Decision Record"
            || LABELS.contains(&label.as_str())
            || label.starts_with("html")
    });
    labels
}

const LABELS: [&str; 8] =
    ["Turn", "Status", "Date", "Context", "Options Considered", "Decision", "Result", "Consequences"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_changes_the_labels(message in hostile_text(), summary in hostile_text(), name in hostile_text()) {
        let mut manifest = manifest();
        manifest.task.name = name;
        let decision = Decision {
            context: message.clone(),
            options_considered: summary.clone(),
            decision: message.clone(),
            result: summary.clone(),
            consequences: message.clone(),
            ..Decision::titled(summary.clone())
        };
        let stated = AdrText::Stated(StatedRationale::new(message).reasoning_summary(summary));
        for text in [stated, AdrText::Decisions(vec![decision])] {
            let written = adr(&manifest, &text);
            let mut expected = vec!["Architecture Decision Record"];
            expected.extend(LABELS);
            prop_assert_eq!(labels(&written), expected, "{}", written);
        }
    }
}
