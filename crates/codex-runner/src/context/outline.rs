//! [`lines`]: a Markdown file line by line, with what is a heading and what is code.

/// A line of a Markdown file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutlineLine<'a> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// The line without its end.
    pub(crate) text: &'a str,
    pub(crate) kind: LineKind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind<'a> {
    /// A heading, its level and its text.
    Heading(usize, &'a str),
    /// A line of a fenced block, or one of its fences.
    Code,
    /// A line of a comment, `<!--` to `-->`, that begins a line.
    Comment,
    Text,
}

/// The lines of a file, whatever ends them.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = OutlineLine<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut fence: Option<(char, usize)> = None;
    let mut is_comment = false;
    text.lines().zip(1..).map(move |(line, number)| {
        is_comment |= fence.is_none() && line.trim_start().starts_with("<!--");
        if is_comment {
            is_comment = !line.contains("-->");
            return OutlineLine { number, text: line, kind: LineKind::Comment };
        }
        let mark = fence_of(line);
        let kind = match (fence, mark) {
            (Some((letter, length)), Some((other, long, ""))) if other == letter && long >= length => {
                fence = None;
                LineKind::Code
            }
            (Some(_), _) => LineKind::Code,
            (None, Some((letter, length, _))) => {
                fence = Some((letter, length));
                LineKind::Code
            }
            (None, None) => {
                heading(line).map_or(LineKind::Text, |(level, text)| LineKind::Heading(level, text))
            }
        };
        OutlineLine { number, text: line, kind }
    })
}

/// A section of a file: what stands below a heading, down to the next one that is not below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    /// The line after the heading, counted from 1.
    pub(crate) first_line: u64,
    pub(crate) text: &'a str,
}

/// The first section whose heading, in lower-case letters alone, is one of `names`.
pub(crate) fn section<'a>(text: &'a str, names: &[&str]) -> Option<Section<'a>> {
    let is_named = |heading: &str| {
        let word: String = heading.chars().filter(|letter| letter.is_alphabetic()).collect();
        names.contains(&word.to_lowercase().as_str())
    };
    let offset_of = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
    let mut open: Option<(usize, u64, usize)> = None;
    for line in lines(text) {
        match (line.kind, open) {
            (LineKind::Heading(level, _), Some((outer, first_line, start))) if level <= outer => {
                return Some(Section { first_line, text: &text[start..offset_of(line.text)] });
            }
            (LineKind::Heading(level, heading), None) if is_named(heading) => {
                let after = offset_of(line.text) + line.text.len();
                let start = text[after..].find('\n').map_or(text.len(), |end| after + end + 1);
                open = Some((level, line.number + 1, start));
            }
            _ => {}
        }
    }
    open.map(|(_, first_line, start)| Section { first_line, text: &text[start..] })
}

/// The text of the first heading that has one.
pub(crate) fn first_heading(text: &str) -> Option<&str> {
    lines(text).find_map(|line| match line.kind {
        LineKind::Heading(_, heading) if !heading.is_empty() => Some(heading),
        LineKind::Heading(..) | LineKind::Code | LineKind::Comment | LineKind::Text => None,
    })
}

/// The letter and the length of a fence, and what follows it.
fn fence_of(line: &str) -> Option<(char, usize, &str)> {
    let rest = line.trim_start_matches(' ');
    let letter = rest.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
    let info = rest.trim_start_matches(letter);
    let length = rest.len() - info.len();
    let is_fence = line.len() - rest.len() < 4 && length >= 3 && !(letter == '`' && info.contains('`'));
    is_fence.then_some((letter, length, info.trim()))
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches(' ');
    let text = rest.trim_start_matches('#');
    let level = rest.len() - text.len();
    let is_heading = line.len() - rest.len() < 4
        && (1..=6).contains(&level)
        && (text.is_empty() || text.starts_with([' ', '\t']));
    is_heading.then(|| (level, text.trim().trim_end_matches('#').trim_end()))
}
