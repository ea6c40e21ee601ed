//! The bytes of a change log, and that no text changes its structure.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some of the many events of a reader")]

use proptest::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::*;
use crate::manifest::{OutputFile, RecordState, TaskEntry};
use crate::texts::markdown::tests::hostile_text;
use crate::values::TurnId;

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(TurnId::new(7).unwrap(), "2025-09-05T17:42:10Z");
    manifest.task.name = "generate-controllers".to_owned();
    manifest.actor.agent = "codex@0.169.0".to_owned();
    manifest.artifacts.diff = Some("diff.patch".to_owned());
    manifest.artifacts.logs = vec!["logs/task.log".to_owned()];
    manifest.changes.added = vec!["ai/notes.md".to_owned(), "src/a|b.rs".to_owned(), "src/x.rs".to_owned()];
    manifest.changes.modified = vec!["README.md".to_owned()];
    manifest.metrics.files_changed = Some(4);
    manifest.metrics.lines_added = Some(350);
    manifest.metrics.lines_deleted = Some(40);
    manifest.metrics.tests_passed = Some(42);
    manifest.metrics.tests_failed = Some(0);
    manifest.validation.tests_status = CheckStatus::Passed;
    let output = OutputFile { path: "src/x.rs".to_owned(), ..OutputFile::default() };
    manifest.tasks = vec![TaskEntry {
        task_id: "controllers".to_owned(),
        agent: Some("codex@0.169.0".to_owned()),
        outputs: vec![output],
        ..TaskEntry::default()
    }];
    manifest.provenance.get_or_insert_default().tools = vec!["shell".to_owned(), "apply_patch".to_owned()];
    manifest.ledger.get_or_insert_default().state = RecordState::Completed;
    manifest
}

#[test]
fn a_change_log_has_the_sections_of_the_format() {
    let texts =
        Texts::new().prompt("Add controllers.\n").statement_of_work("# Done\n\nI added *two* controllers.");
    insta::assert_snapshot!(changelog(&manifest(), &texts));
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    let mut manifest = Manifest::new(TurnId::new(8).unwrap(), "2025-09-05T17:42:10Z");
    let ledger = manifest.ledger.get_or_insert_default();
    ledger.state = RecordState::Failed;
    ledger.reason = Some("timedOut".to_owned());
    manifest.changes.deleted = vec!["old.rs".to_owned()];
    let texts = Texts::new().prompt("one").prompt("two\n");
    insta::assert_snapshot!(changelog(&manifest, &texts));
}

/// Headings and rows of tables as a reader of Markdown sees them.
fn structure(text: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. }) => {
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(_)) => seen.extend(heading.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => seen.push(format!("html {html}")),
            _ => {}
        }
    }
    seen
}

fn own_sections() -> Vec<String> {
    structure(&changelog(&manifest(), &Texts::new()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_changes_the_structure(
        prompt in hostile_text(),
        statement in hostile_text(),
        name in hostile_text(),
        path in hostile_text(),
        tool in hostile_text(),
    ) {
        let mut manifest = manifest();
        manifest.task.name.clone_from(&name);
        manifest.tasks[0].task_id = name;
        manifest.changes.added.push(path.clone());
        manifest.changes.modified.push(path);
        manifest.provenance.get_or_insert_default().tools.push(tool);
        let text = changelog(&manifest, &Texts::new().prompt(prompt.clone()).statement_of_work(statement));
        prop_assert_eq!(structure(&text), own_sections(), "{}", text);
        let blocks: Vec<String> = code_blocks(&text, "text");
        let mut shown = crate::texts::markdown::visible(&prompt).into_owned();
        if !shown.is_empty() && !shown.ends_with('\n') {
            shown.push('\n');
        }
        prop_assert!(blocks.contains(&shown), "{:?} is not in {:?}", shown, blocks);
        prop_assert_eq!(rows(&text), manifest.changes.added.iter().filter(|path| !path.starts_with("ai/")).count()
            + manifest.changes.modified.len());
    }
}

fn code_blocks(text: &str, info: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(found))) if *found == *info => {
                block = Some(String::new());
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(block.take()),
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            _ => {}
        }
    }
    blocks
}

/// How many rows the tables below "Files Added" have.
fn rows(text: &str) -> usize {
    let tables = &text[text.rfind("\n## Files Added\n").unwrap()..];
    Parser::new_ext(tables, Options::ENABLE_TABLES)
        .filter(|event| matches!(event, Event::Start(Tag::TableRow)))
        .count()
}

#[test]
fn a_mebibyte_of_anything_keeps_the_structure() {
    for part in
        ["`", "```\n", "# Turn: 99\n", "| a |\n", "<!-- ", "> - 1. ", "~~~\n", "\u{1b}[31m", "[a]: b\n"]
    {
        let long = part.repeat((1 << 20) / part.len());
        let text = changelog(&manifest(), &Texts::new().prompt(long.clone()).statement_of_work(long));
        // A reader of Markdown is not asked to read quotations that are nested 200,000 times.
        if !part.starts_with('>') {
            assert_eq!(structure(&text), own_sections(), "{part:?}");
        }
    }
}
