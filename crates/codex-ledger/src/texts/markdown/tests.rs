//! Texts that try to get out of their place.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some of the many events of a reader")]

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use rstest::rstest;

use super::span::{cell, code_cell};
use super::*;

/// Makes texts of the parts that mean something in Markdown.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z]{1,4}",
        3 => Just("\n".to_owned()),
        2 => Just("\n\n".to_owned()),
        2 => Just(" ".to_owned()),
        1 => Just("    ".to_owned()),
        1 => Just("\t".to_owned()),
        2 => "`{1,6}",
        1 => "~{1,5}",
        2 => Just("# Turn: 99\n".to_owned()),
        1 => "#{1,7} ",
        1 => Just("> ".to_owned()),
        1 => Just("- ".to_owned()),
        1 => Just("1. ".to_owned()),
        1 => "[-=]{1,5}",
        1 => Just("\n--\n".to_owned()),
        1 => Just("|".to_owned()),
        1 => Just("| a | b |\n| --- | --- |\n".to_owned()),
        1 => Just("<div>".to_owned()),
        1 => Just("</table>".to_owned()),
        1 => Just("<!-- ".to_owned()),
        1 => Just("<script>".to_owned()),
        1 => Just("<![CDATA[".to_owned()),
        1 => Just("<?".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("[a]: b".to_owned()),
        1 => Just("![a](b)".to_owned()),
        1 => Just("**Status**: Accepted\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\u{1b}[31m".to_owned()),
        1 => Just("\u{202e}".to_owned()),
        1 => Just("\u{2028}".to_owned()),
        1 => Just("&lt;".to_owned()),
        1 => Just("\0".to_owned()),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

#[rstest]
#[case::heading("# a\n## b", "### a\n#### b\n")]
#[case::deep("##### a", "###### a\n")]
#[case::in_a_list("- # a\n1. ## b\n> # c", "- ### a\n1. #### b\n> ### c\n")]
#[case::no_heading("#a\n####### b", "#a\n####### b\n")]
#[case::underlines("a\n===\nb\n--\n> c\n> ---", "a\n\\===\nb\n\\--\n> c\n> \\---\n")]
#[case::empty_item("a\n- \nb\n> - ", "a\n\\-\nb\n> \\-\n")]
#[case::open_fence("a\n\n  ~~~rust x\n# b\n``` \n", "a\n\n~~~rustx\n# b\n```\n~~~\n")]
#[case::fence_in_a_list("- a\n  ```\n  # b\n  ```\n# c", "- a\n```\n  # b\n```\n### c\n")]
#[case::html("<div>\n`<b>` <b>\\<i>", "\\<div>\n`<b>` \\<b>\\<i>\n")]
#[case::backticks("a ` b\nc ` <b> ` d ``e", "a \\` b\nc ` <b> ` d \\`\\`e\n")]
#[case::escaped_backticks("\\``a`` b", "\\`\\`a\\`\\` b\n")]
#[case::definitions("[a]: b\n[a](b) [x] c\n- [x] d", "\\[a]: b\n[a](b) [x] c\n- [x] d\n")]
#[case::pictures("![a](b)", "\\![a](b)\n")]
#[case::labels("**Status**: Accepted", "\\*\\*Status**: Accepted\n")]
#[case::line_ends("a\r\nb\rc", "a\nb\\u{d}c\n")]
#[case::nothing(" \n ", "")]
fn prose_stays_in_its_place(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(prose(text, 2), expected);
}

#[rstest]
#[case::plain("a", "`a`")]
#[case::backticks("`a``", "``` `a`` ```")]
#[case::spaces(" a ", "`  a  `")]
#[case::lines("a\nb\tc", "`a\\u{a}b\\u{9}c`")]
#[case::empty("", "(empty)")]
fn a_span_is_as_long_as_it_has_to_be(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(code_span(text), expected);
}

#[test]
fn bars_do_not_end_a_cell() {
    assert_eq!(code_cell("a|b\\|c"), "`a\\|b\\u{7c}c`");
    assert_eq!(cell("a|b\\|c"), "a\\|b\\\\\\|c");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_has_the_cells_that_were_written(text in hostile_text(), name in hostile_text()) {
        let table = format!("| a | b |\n| --- | --- |\n| {} | {} |\n| x | y |\n", code_cell(&text), cell(&name));
        let events: Vec<Event<'_>> = Parser::new_ext(&table, Options::ENABLE_TABLES).collect();
        let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
        prop_assert_eq!(cells, 6, "{}", table);
        let html = events.iter().any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
        prop_assert!(!html, "{}", table);
    }

    #[test]
    fn inline_text_is_nothing_but_text(text in hostile_text()) {
        let written = inline(&text);
        let plain: String = Parser::new_ext(&written, Options::all() - Options::ENABLE_SMART_PUNCTUATION)
            .map(|event| match event {
                Event::Text(text) => text.into_string(),
                Event::Start(Tag::Paragraph) | Event::End(_) => String::new(),
                other => format!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(plain, one_line(&text), "{}", written);
    }
}
