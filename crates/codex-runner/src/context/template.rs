//! [`pieces`]: what stands in a value: text, early references, late ones, instructions.

/// A piece of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// `${NAME}`.
    Early { whole: &'a str, name: &'a str },
    /// Something between `${` and `}` that is no name of ours, such as `${SCHEMA:public}`.
    Foreign(&'a str),
    /// `{{NAME}}` or `{{section.key}}`.
    Late { whole: &'a str, name: &'a str },
    /// `{{ some words }}`.
    Instruction(&'a str),
}

/// A `${` that is not closed in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unterminated {
    /// How many line feeds stand before it.
    pub(crate) lines_before: u64,
}

/// Cuts a value into its pieces; together they are the value.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Unterminated> {
    let mut found = Vec::new();
    let (mut copied, mut at) = (0, 0);
    let last_end = text.rfind("}}").unwrap_or(0);
    while let Some(offset) = memchr::memchr2(b'$', b'{', &text.as_bytes()[at..]) {
        let start = at + offset;
        let rest = &text[start..];
        let piece = if let Some(inner) = rest.strip_prefix("${") {
            let line = inner.split('\n').next().unwrap_or(inner);
            let Some(end) = line.find('}') else {
                let lines_before = text[..start].matches('\n').count() as u64;
                return Err(Unterminated { lines_before });
            };
            let (name, whole) = (&inner[..end], &rest[..end + 3]);
            Some(if is_name(name) { Piece::Early { whole, name } } else { Piece::Foreign(whole) })
        } else {
            // After the last `}}` there is none to look for, each time to the end of the text.
            rest.strip_prefix("{{").filter(|_| start < last_end).and_then(|inner| {
                let end = inner.find("}}")?;
                let (name, whole) = (inner[..end].trim(), &rest[..end + 4]);
                let is_late = is_name(name) || is_dotted(name);
                Some(if is_late { Piece::Late { whole, name } } else { Piece::Instruction(whole) })
            })
        };
        let Some(piece) = piece else {
            at = start + if rest.starts_with("{{") { 2 } else { 1 };
            continue;
        };
        if copied < start {
            found.push(Piece::Text(&text[copied..start]));
        }
        found.push(piece);
        at = start + piece.whole().len();
        copied = at;
    }
    if copied < text.len() {
        found.push(Piece::Text(&text[copied..]));
    }
    Ok(found)
}

/// The names that a text refers to, line by line; a line that cannot be cut into pieces has none.
pub(crate) fn references(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| pieces(line).unwrap_or_default()).filter_map(|piece| match piece {
        Piece::Early { name, .. } | Piece::Late { name, .. } => Some(name),
        Piece::Text(_) | Piece::Foreign(_) | Piece::Instruction(_) => None,
    })
}

impl<'a> Piece<'a> {
    /// The piece as it was written.
    pub(crate) fn whole(&self) -> &'a str {
        match self {
            Self::Text(whole)
            | Self::Foreign(whole)
            | Self::Instruction(whole)
            | Self::Early { whole, .. }
            | Self::Late { whole, .. } => whole,
        }
    }
}

/// Whether a text can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// Whether a text is `section.key`, with as many parts as there are headings.
fn is_dotted(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
    };
    text.contains('.') && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::text("a b", &["Text(\"a b\")"])]
    #[case::early("a/${B_1}/c", &["Text(\"a/\")", "Early { whole: \"${B_1}\", name: \"B_1\" }", "Text(\"/c\")"])]
    #[case::foreign("${A:b}${}", &["Foreign(\"${A:b}\")", "Foreign(\"${}\")"])]
    #[case::late("{{ A }}", &["Late { whole: \"{{ A }}\", name: \"A\" }"])]
    #[case::dotted("{{project.name}}", &["Late { whole: \"{{project.name}}\", name: \"project.name\" }"])]
    #[case::instruction("{{ a of ${B}. c }}", &["Instruction(\"{{ a of ${B}. c }}\")"])]
    #[case::signs("$5 {a} $$ {{ b", &["Text(\"$5 {a} $$ {{ b\")"])]
    fn a_value_has_its_pieces(#[case] text: &str, #[case] expected: &[&str]) {
        let found: Vec<String> = pieces(text).unwrap().iter().map(|piece| format!("{piece:?}")).collect();
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case("${A", 0)]
    #[case("a\n${A\n}", 1)]
    #[case("{{ a\n\n${A", 2)]
    fn an_open_reference_is_found(#[case] text: &str, #[case] lines_before: u64) {
        assert_eq!(pieces(text), Err(Unterminated { lines_before }));
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_value(text in "([${} A.\n]|\\$\\{|\\{\\{|\\}\\}|[a-z\u{e9}]){0,40}") {
            if let Ok(found) = pieces(&text) {
                let again: String = found.iter().map(Piece::whole).collect();
                prop_assert_eq!(again, text);
            }
        }
    }
}
