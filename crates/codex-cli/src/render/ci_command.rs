//! Lines that build services take for commands, made plain text.

use std::borrow::Cow;

use codex_protocol::is_steering;

/// Breaks what a build service would take for a command: `::` at the beginning of a line, as GitHub has it, and `##[`,
/// `##vso[` or `##teamcity[` anywhere, as GitHub, Azure and `TeamCity` have it. A blank comes between the two signs.
///
/// A text without commands is borrowed.
pub(crate) fn without_ci_commands(text: &str) -> Cow<'_, str> {
    let mut safe = String::new();
    let mut done = 0;
    for sign in signs(text) {
        safe.push_str(&text[done..=sign]);
        safe.push(' ');
        done = sign + 1;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    safe.push_str(&text[done..]);
    Cow::Owned(safe)
}

/// Where the first of two signs is that a command begins with.
fn signs(text: &str) -> impl Iterator<Item = usize> {
    let mut line_is_blank = true;
    text.char_indices().filter_map(move |(at, character)| {
        let rest = &text[at..];
        let begins = match character {
            ':' => line_is_blank && rest.starts_with("::"),
            '#' => is_azure(rest),
            _ => false,
        };
        line_is_blank = match character {
            '\n' | '\r' => true,
            _ => line_is_blank && (character.is_whitespace() || is_steering(character)),
        };
        begins.then_some(at)
    })
}

fn is_azure(rest: &str) -> bool {
    let word =
        rest.strip_prefix("##").map(|rest| rest.trim_start_matches(|next: char| next.is_ascii_alphabetic()));
    word.is_some_and(|rest| rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::github("::set-output name=a::b", ": :set-output name=a::b")]
    #[case::after_blanks("  \t::add-mask::x", "  \t: :add-mask::x")]
    #[case::behind_what_is_not_seen("\u{feff}\u{200b}::x", "\u{feff}\u{200b}: :x")]
    #[case::later_lines("a\n::b\r::c\r\n ::d", "a\n: :b\r: :c\r\n : :d")]
    #[case::three("::::x", ": :::x")]
    #[case::old_github("x ##[add-path]y", "x # #[add-path]y")]
    #[case::azure("x ##vso[task.setvariable variable=a]y", "x # #vso[task.setvariable variable=a]y")]
    #[case::in_capitals("##VSO[a]", "# #VSO[a]")]
    #[case::one_more("###[a]", "## #[a]")]
    #[case::teamcity("##teamcity[a]", "# #teamcity[a]")]
    #[case::code("use std::fs; a::b\n## heading [x]\n: :x", "use std::fs; a::b\n## heading [x]\n: :x")]
    fn a_command_is_broken(#[case] text: &str, #[case] expected: &str) {
        let safe = without_ci_commands(text);
        assert_eq!(safe, expected);
        assert_eq!(matches!(safe, Cow::Borrowed(_)), text == expected);
        assert_eq!(without_ci_commands(&safe), safe);
    }
}
