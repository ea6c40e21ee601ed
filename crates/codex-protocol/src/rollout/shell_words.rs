//! [`split`]: a command line taken apart as a POSIX shell would.

/// Takes a command line apart; `None` if a quote is left open.
///
/// This undoes the quoting with which Codex shows a command, and expands nothing.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => push_escaped(word, chars.next()?),
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

/// Between double quotes, a backslash means something only before these four and a line feed.
fn push_escaped(word: &mut String, escaped: char) {
    match escaped {
        '$' | '`' | '"' | '\\' => word.push(escaped),
        '\n' => {}
        plain => {
            word.push('\\');
            word.push(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::bare("/bin/bash -lc true", &["/bin/bash", "-lc", "true"])]
    #[case::single("/bin/bash -lc 'echo hi'", &["/bin/bash", "-lc", "echo hi"])]
    #[case::double(r#"bash -lc "echo 'a' \"b\" \$C \d""#, &["bash", "-lc", r#"echo 'a' "b" $C \d"#])]
    #[case::mixed(r#"bash -lc 'a'"'"'b'\''c'"#, &["bash", "-lc", "a'b'c"])]
    #[case::empty_word("a '' b", &["a", "", "b"])]
    #[case::lines("a 'b\nc'\td", &["a", "b\nc", "d"])]
    fn a_shown_command_is_taken_apart(#[case] line: &str, #[case] words: &[&str]) {
        assert_eq!(split(line).unwrap(), words);
    }

    #[rstest]
    #[case("a 'b")]
    #[case("a \"b")]
    #[case("a \\")]
    fn an_open_quote_is_no_command(#[case] line: &str) {
        assert_eq!(split(line), None);
    }
}
