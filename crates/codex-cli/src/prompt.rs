//! The prompt: an argument, standard input, or both.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::str;

use codex_exec::PROMPT_LIMIT_CHARACTERS;

use crate::failure::CliError;

/// No prompt that Codex takes has more bytes; of a longer one enough is read to see that it is too long.
const LIMIT_BYTES: u64 = 4 * PROMPT_LIMIT_CHARACTERS as u64 + 1;

/// Where the prompt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptSource<'a> {
    /// The argument alone.
    Argument(&'a str),
    /// Standard input alone.
    Input,
    /// The argument, and standard input as what it talks about.
    Both(&'a str),
    /// Nowhere.
    Nowhere,
}

/// Whether standard input is asked to be part of the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    No,
    StandardInput,
}

impl<'a> PromptSource<'a> {
    /// Decides from the arguments, and from whether standard input is a terminal.
    pub(crate) fn choose(argument: Option<&'a str>, appended: Appended, input_is_terminal: bool) -> Self {
        match (argument, appended) {
            (Some("-"), _) => Self::Input,
            (Some(argument), Appended::StandardInput) => Self::Both(argument),
            (Some(argument), Appended::No) => Self::Argument(argument),
            (None, _) if input_is_terminal => Self::Nowhere,
            (None, _) => Self::Input,
        }
    }

    /// Reads the prompt.
    ///
    /// # Errors
    ///
    /// There is none, or it is no text.
    pub(crate) fn read(self) -> Result<String, CliError> {
        match self {
            Self::Argument(argument) => Ok(argument.to_owned()),
            Self::Input => read(io::stdin().lock()),
            Self::Both(argument) => Ok(joined(argument, &read(io::stdin().lock())?)),
            Self::Nowhere => Err(CliError::NoPrompt),
        }
    }
}

/// Whether standard input is a terminal.
pub(crate) fn input_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Whether something was written or redirected to standard input, so that leaving it unread is to be said.
pub(crate) fn input_is_given() -> bool {
    let Ok(input) = io::stdin().as_fd().try_clone_to_owned() else { return false };
    File::from(input).metadata().is_ok_and(|found| found.is_file() || found.file_type().is_fifo())
}

fn read(input: impl Read) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    input.take(LIMIT_BYTES).read_to_end(&mut bytes).map_err(CliError::PromptUnreadable)?;
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        // It was cut within a character, and is too long anyway.
        Err(error) if bytes.len() as u64 == LIMIT_BYTES && error.error_len().is_none() => {
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
        Err(error) => Err(CliError::PromptNotUtf8 { valid_bytes: error.valid_up_to() }),
    }
}

/// In the form that Codex itself gives to an argument and standard input together.
fn joined(argument: &str, input: &str) -> String {
    if input.is_empty() { argument.to_owned() } else { format!("{argument}\n\n<stdin>\n{input}\n</stdin>") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("hi"), Appended::No, false, PromptSource::Argument("hi"))]
    #[case(Some("hi"), Appended::No, true, PromptSource::Argument("hi"))]
    #[case(Some("hi"), Appended::StandardInput, false, PromptSource::Both("hi"))]
    #[case(Some("-"), Appended::No, true, PromptSource::Input)]
    #[case(Some("-"), Appended::StandardInput, false, PromptSource::Input)]
    #[case(None, Appended::No, false, PromptSource::Input)]
    #[case(None, Appended::No, true, PromptSource::Nowhere)]
    fn the_source_follows_from_the_arguments(
        #[case] argument: Option<&str>,
        #[case] appended: Appended,
        #[case] input_is_terminal: bool,
        #[case] expected: PromptSource<'_>,
    ) {
        assert_eq!(PromptSource::choose(argument, appended, input_is_terminal), expected);
    }

    #[test]
    fn input_is_told_apart_from_the_argument() {
        assert_eq!(joined("review", "diff"), "review\n\n<stdin>\ndiff\n</stdin>");
        assert_eq!(joined("review", ""), "review");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let error = read(&b"ab\xff"[..]).unwrap_err();
        assert_eq!(error.to_string(), "the prompt on standard input is not UTF-8 from byte 2 on");
    }

    #[test]
    fn endless_input_is_read_only_as_far_as_it_can_matter() {
        let prompt = read(io::repeat(b'a')).unwrap();
        assert!(prompt.len() > PROMPT_LIMIT_CHARACTERS && prompt.len() as u64 <= LIMIT_BYTES);
    }
}
