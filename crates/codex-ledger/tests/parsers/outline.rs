//! What a reader of `CommonMark` sees of a document.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The headings of the first two levels, and all HTML.
pub(crate) fn outline(text: &str) -> Vec<String> {
    let (mut seen, mut heading) = (Vec::new(), None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        if let Event::Start(Tag::Heading { level: level @ (HeadingLevel::H1 | HeadingLevel::H2), .. }) = event
        {
            heading = Some("#".repeat(level as usize) + " ");
        } else if let Event::End(TagEnd::Heading(_)) = event {
            seen.extend(heading.take());
        } else if let Event::Html(html) | Event::InlineHtml(html) = &event {
            seen.push(format!("html {html}"));
        } else if let (Event::Text(text) | Event::Code(text), Some(heading)) = (&event, &mut heading) {
            heading.push_str(text);
        }
    }
    seen
}
