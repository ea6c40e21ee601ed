//! [`AgentCall`]: an item of a pipeline that calls a coding agent.

use serde::Serialize;

use super::plan::SourceFile;

/// Holds `agent run NAME --key value`, read.
///
/// ```
/// use codex_runner::AgentCall;
///
/// let call = AgentCall::parse("agent run sql-ddl --dialect postgresql --dry-run --title 'a b'").unwrap().unwrap();
/// assert_eq!(call.name, "sql-ddl");
/// assert_eq!(call.arguments[0], ("dialect".to_owned(), "postgresql".to_owned()));
/// assert_eq!(call.arguments[1], ("dry-run".to_owned(), String::new()));
/// assert_eq!(call.arguments[2].1, "a b");
/// assert!(AgentCall::parse("TASK 01 - Agent run.task.md").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentCall {
    /// The name of the agent.
    pub name: String,
    /// Its arguments in their order; one without a value has an empty one.
    pub arguments: Vec<(String, String)>,
    /// The folder of the agent, once it is found.
    pub folder: Option<String>,
    /// What the agent is told, where its folder has such a file.
    pub instructions: Option<SourceFile>,
}

impl AgentCall {
    /// Reads the text of an item; nothing if it is no call.
    ///
    /// # Errors
    ///
    /// It is a call that cannot be read; the error is the word that is wrong, or what is missing.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let mut words = words(text).into_iter();
        let is_call = words.next().is_some_and(|word| word.eq_ignore_ascii_case("agent"))
            && words.next().is_some_and(|word| word.eq_ignore_ascii_case("run"));
        is_call.then(|| Self::of(words))
    }

    fn of(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let name = words.next().filter(|name| !name.starts_with("--")).ok_or("a name after `agent run`")?;
        let mut arguments: Vec<(String, String)> = Vec::new();
        let mut takes_value = false;
        for word in words {
            if let Some(argument) = word.strip_prefix("--").filter(|argument| !argument.is_empty()) {
                let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
                takes_value = !argument.contains('=');
                arguments.push((key.to_owned(), value.to_owned()));
            } else if let Some((_, value)) = arguments.last_mut().filter(|_| takes_value) {
                *value = word;
                takes_value = false;
            } else {
                return Err(format!("a `--key` before `{word}`"));
            }
        }
        Ok(Self { name, arguments, folder: None, instructions: None })
    }
}

/// Words between white space; single and double quotes hold a word together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut is_word = false;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => (quote, is_word) = (Some(letter), true),
            (None, letter) if letter.is_whitespace() => {
                if std::mem::take(&mut is_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, letter) => {
                word.push(letter);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words
}
