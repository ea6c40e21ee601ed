//! What the writer of Markdown promises for any text, asked of a reader of `CommonMark`.

use codex_ledger::manifest::TaskEntry;
use codex_ledger::texts::markdown::{code_span, fence, inline, one_line, prose, visible};
use codex_ledger::texts::{
    AdrText, ContextValue, StatedRationale, Texts, adr, changelog, session_context_values,
};
use codex_ledger::{Manifest, TurnId};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::outline::outline;

/// Puts the text, and what stands behind a NUL in it, in all places of our documents where text of others goes.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (one, other) = text.split_once('\0').unwrap_or((&text, &text));
    a_block_has_the_text(one);
    a_span_has_the_text(one);
    let around = format!("# Title\n\n## One\n\n{}\n## Two\n\n{}", prose(one, 2), prose(other, 2));
    assert_eq!(outline(&around), ["# Title", "## One", "## Two"], "{around}");
    documents_keep_their_structure(one, other);
}

fn a_block_has_the_text(text: &str) {
    let block = fence(text, "text");
    let events: Vec<Event<'_>> = Parser::new(&block).collect();
    let within = |event: &&Event<'_>| !matches!(event, Event::End(TagEnd::CodeBlock));
    assert!(matches!(events[0], Event::Start(Tag::CodeBlock(_))), "{block}");
    let found: String = events[1..].iter().take_while(within).map(text_of).collect();
    let shown = visible(text);
    let end = if shown.is_empty() || shown.ends_with('\n') { "" } else { "\n" };
    assert_eq!(found, format!("{shown}{end}"), "a block has the text as it is");
    let blocks = events.iter().filter(|event| matches!(event, Event::Start(_))).count();
    assert_eq!(blocks, if end.is_empty() { 1 } else { 2 }, "and behind it only the note: {block}");
}

fn a_span_has_the_text(text: &str) {
    let span = code_span(text);
    let events: Vec<Event<'_>> = Parser::new(&span).collect();
    assert_eq!(events.len(), 3, "a span is a paragraph of one thing: {span}");
    assert!(text.is_empty() || matches!(events[1], Event::Code(_)), "{span}");
    let line = inline(text);
    let events: Vec<Event<'_>> = Parser::new(&line).collect();
    let plain = |event: &Event<'_>| {
        matches!(event, Event::Text(_) | Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    };
    assert!(events.iter().all(plain), "{line}");
    assert_eq!(events.iter().map(text_of).collect::<String>(), one_line(text));
}

fn text_of<'a>(event: &'a Event<'_>) -> &'a str {
    if let Event::Text(text) | Event::Code(text) = event { text } else { "" }
}

fn documents_keep_their_structure(one: &str, other: &str) {
    let ours = documents("text", "text");
    for (document, ours) in documents(one, other).iter().zip(&ours) {
        let (mut seen, ours) = (outline(document), outline(ours));
        if ours.len() == 1 {
            // The sections of a decision have labels, so that the agent's own headings begin at the second level.
            seen.retain(|part| !part.starts_with("## "));
        }
        assert_eq!(seen, ours, "{document}");
    }
}

/// A change log, a decision and the values of a context with these texts.
fn documents(one: &str, other: &str) -> [String; 3] {
    let mut manifest = Manifest::new(TurnId::FIRST, "2025-01-01T00:00:00Z");
    one.clone_into(&mut manifest.task.name);
    let mut task = TaskEntry::default();
    other.clone_into(&mut task.task_id);
    manifest.tasks = vec![task];
    manifest.changes.added = vec![one.to_owned(), "a".to_owned()];
    manifest.changes.modified = vec![other.to_owned(), "a".to_owned()];
    manifest.provenance.get_or_insert_default().tools = vec![other.to_owned()];
    let texts = Texts::new().prompt(one).prompt(other).statement_of_work(other);
    let stated = StatedRationale::new(one).reasoning_summary(other);
    let value = ContextValue::global(one, other, one);
    [changelog(&manifest, &texts), adr(&manifest, &AdrText::Stated(stated)), session_context_values(&[value])]
}
