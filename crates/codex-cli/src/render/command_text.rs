//! The command that an agent ran, as a person would have typed it.

/// Takes the shell around a command away: of `/bin/bash -lc 'echo hi'` it leaves `echo hi`.
///
/// Codex prints the arguments in the quotes of a shell. What does not look like that stays as it is.
pub(super) fn typed(command: &str) -> String {
    unwrapped(command).unwrap_or_else(|| command.to_owned())
}

fn unwrapped(command: &str) -> Option<String> {
    let words = words(command)?;
    let [shell, flag, script] = words.as_slice() else { return None };
    let shell = shell.rsplit('/').next()?;
    let known = matches!(shell, "bash" | "sh" | "zsh" | "dash") && matches!(flag.as_str(), "-lc" | "-c");
    (known && !script.trim().is_empty()).then(|| script.clone())
}

/// Splits at blanks as a POSIX shell does, without expansions; `None` where a quote is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        quoted => word.push(quoted),
                    }
                }
            }
            '"' => double_quoted(&mut characters, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(characters.next()?),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

fn double_quoted(characters: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match characters.next()? {
            '"' => return Some(()),
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                '\n' => {}
                other => word.extend(['\\', other]),
            },
            quoted => word.push(quoted),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/bin/bash -lc 'echo hi'", "echo hi")]
    #[case("/bin/bash -lc true", "true")]
    #[case("bash -lc \"echo \\\"hi\\\" '\\$x'\"", "echo \"hi\" '$x'")]
    #[case("/bin/bash -lc 'it'\"'\"'s'", "it's")]
    #[case("/bin/bash -lc 'printf \"a\\n\"'", "printf \"a\\n\"")]
    #[case::not_a_shell("python3 -c 'print(1)'", "python3 -c 'print(1)'")]
    #[case::more_arguments("bash -lc a b", "bash -lc a b")]
    #[case::open_quote("bash -lc 'echo", "bash -lc 'echo")]
    #[case::nothing_to_run("bash -lc ''", "bash -lc ''")]
    #[case::empty("", "")]
    fn the_shell_around_a_command_is_left_out(#[case] command: &str, #[case] expected: &str) {
        assert_eq!(typed(command), expected);
    }
}
