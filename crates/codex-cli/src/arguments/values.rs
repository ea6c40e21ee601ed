//! The values of flags: how each is read, and what is said where it cannot be.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use codex_exec::{ReviewTarget, Sandbox};
use codex_ledger::GitMode;
use codex_protocol::ThreadId;
use codex_runner::{CheckSandbox, InstructionsFrom, OnFailure, ThreadUse};
use serde_json::Value;

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal that has them, unless `NO_COLOR` is set; `CLICOLOR_FORCE` counts too.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorWhen {
    /// Makes the choice for the whole process.
    pub(crate) fn apply(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Whose account of the work a record has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportBy {
    /// The agent's, in a form.
    Agent,
    /// What follows from its messages.
    #[default]
    Derived,
}

/// Which thread is continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// The newest one of the working directory.
    Last,
    /// This one.
    Thread(ThreadId),
}

/// What is reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Review {
    /// This, without a prompt.
    Of(ReviewTarget),
    /// What the prompt says.
    Prompt,
}

pub(super) fn sandbox() -> impl TypedValueParser<Value = Sandbox> {
    let modes = [Sandbox::ReadOnly, Sandbox::WorkspaceWrite, Sandbox::DangerFullAccess];
    PossibleValuesParser::new(modes.map(Sandbox::as_str)).map(move |word| {
        let mode = modes.into_iter().find(|mode| mode.as_str() == word);
        mode.expect("the parser lets these words through and no others")
    })
}

pub(super) fn thread_use() -> impl TypedValueParser<Value = ThreadUse> {
    one_of([
        (
            "per-task",
            "Each task has a thread of its own: what it is to know stands in its prompt and in the files",
            ThreadUse::PerTask,
        ),
        ("shared", "All tasks are turns of one thread, and remember each other", ThreadUse::Shared),
    ])
}

pub(super) fn on_failure() -> impl TypedValueParser<Value = OnFailure> {
    one_of([("stop", "They are not run", OnFailure::Stop), ("continue", "They are run", OnFailure::Continue)])
}

/// Reads one of a few words, each with its help.
fn one_of<T: Copy + Send + Sync + 'static, const N: usize>(
    words: [(&'static str, &'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    let named = words.map(|(word, help, _)| PossibleValue::new(word).help(help));
    PossibleValuesParser::new(named).map(move |text| {
        let found = words.into_iter().find(|(word, ..)| *word == text);
        found.expect("the parser lets these words through and no others").2
    })
}

pub(super) fn check_sandbox() -> impl TypedValueParser<Value = CheckSandbox> {
    one_of([
        ("off", "With the rights of this user", CheckSandbox::Off),
        (
            "workspace-write",
            "They write to the working directory and to a temporary folder of their own",
            CheckSandbox::WorkspaceWrite,
        ),
    ])
}

pub(super) fn instructions() -> impl TypedValueParser<Value = InstructionsFrom> {
    one_of([
        ("on", "Those that are there", InstructionsFrom::On),
        ("off", "None", InstructionsFrom::Off),
        ("trusted", "Those whose bytes are trusted; if one is not, none", InstructionsFrom::Trusted),
    ])
}

pub(super) fn git_mode() -> impl TypedValueParser<Value = GitMode> {
    let modes = [GitMode::Record, GitMode::Commit, GitMode::Branch];
    PossibleValuesParser::new(modes.map(GitMode::word)).map(move |word| {
        let mode = modes.into_iter().find(|mode| mode.word() == word);
        mode.expect("the parser lets these words through and no others")
    })
}

/// What `--config` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigWord {
    /// A setting of Codex.
    Codex(String, String),
    /// A file of settings in the place of codex-turns.toml.
    File(PathBuf),
}

pub(super) fn config_word(text: &str) -> Result<ConfigWord, String> {
    let is_path = ["/", "./", "../"].iter().any(|start| text.starts_with(start));
    match text.split_once('=') {
        Some((key, value)) if !is_path && !key.trim().is_empty() => {
            Ok(ConfigWord::Codex(key.trim().to_owned(), value.to_owned()))
        }
        None if text.contains(['/', '.']) => Ok(ConfigWord::File(text.into())),
        Some(_) if is_path => Ok(ConfigWord::File(text.into())),
        Some(_) | None => {
            Err("write KEY=VALUE, such as model_reasoning_effort=\"high\", or the path of a file, such as ./own.toml"
                .to_owned())
        }
    }
}

pub(super) fn json_place(text: &str) -> Result<(String, Value), String> {
    match text.split_once('=') {
        Some((pointer, value)) if pointer.is_empty() || pointer.starts_with('/') => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            Ok((pointer.to_owned(), value))
        }
        _ => Err("write a JSON pointer and a value, such as /done=true or /status=ready".to_owned()),
    }
}

pub(super) fn resume(text: &str) -> Result<Resume, String> {
    if text == "last" {
        return Ok(Resume::Last);
    }
    let id = ThreadId::parse(text).map_err(|error| format!("{error}; `last` is the newest thread"))?;
    Ok(Resume::Thread(id))
}

pub(super) fn thread_id(text: &str) -> Result<ThreadId, String> {
    ThreadId::parse(text).map_err(|error| error.to_string())
}

pub(super) fn review(text: &str) -> Result<Review, String> {
    let target = match text.split_once(':') {
        None if text == "uncommitted" => ReviewTarget::Uncommitted,
        None if text == "prompt" => return Ok(Review::Prompt),
        Some(("base", branch)) if !branch.trim().is_empty() => ReviewTarget::Base(branch.to_owned()),
        Some(("commit", commit)) if !commit.trim().is_empty() => ReviewTarget::Commit(commit.to_owned()),
        _ => return Err("write uncommitted, base:BRANCH, commit:SHA or prompt".to_owned()),
    };
    Ok(Review::Of(target))
}

pub(super) fn limit(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        Ok(_) => Err("a limit is longer than nothing".to_owned()),
        Err(_) => Err("write a number and a unit, such as 90s, 5m or 1h30m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ID: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

    #[rstest]
    #[case("90s", Some(90))]
    #[case("5m", Some(300))]
    #[case("1h30m", Some(5400))]
    #[case("1h 30m", Some(5400))]
    #[case("0s", None)]
    #[case("90", None)]
    #[case("soon", None)]
    #[case("", None)]
    fn limits_have_a_unit(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(limit(text).ok(), seconds.map(Duration::from_secs));
    }

    #[rstest]
    #[case("a=b", Some(("a", "b")))]
    #[case("a.b = [1, 2]", Some(("a.b", " [1, 2]")))]
    #[case("a=b=c", Some(("a", "b=c")))]
    #[case("a=", Some(("a", "")))]
    #[case("=b", None)]
    #[case("a", None)]
    fn a_setting_is_split_at_the_first_equals_sign(
        #[case] text: &str,
        #[case] expected: Option<(&str, &str)>,
    ) {
        let expected = expected.map(|(key, value)| ConfigWord::Codex(key.to_owned(), value.to_owned()));
        assert_eq!(config_word(text).ok(), expected);
    }

    #[test]
    fn what_is_no_setting_is_a_file() {
        for path in ["own.toml", "a/b.toml", "/a=b.toml", "./a=b", "../a=b"] {
            assert_eq!(config_word(path).unwrap(), ConfigWord::File(path.into()));
        }
        let quoted = "projects.\"/a\".trust_level=\"untrusted\"";
        assert!(matches!(config_word(quoted), Ok(ConfigWord::Codex(..))));
        for text in [" ", "", "model"] {
            config_word(text).unwrap_err();
        }
    }

    #[rstest]
    #[case("/done=true", Some(("/done", Value::from(true))))]
    #[case("/a/0=3", Some(("/a/0", Value::from(3))))]
    #[case("/status=ready", Some(("/status", Value::from("ready"))))]
    #[case("/status=\"1\"", Some(("/status", Value::from("1"))))]
    #[case("/sum=a=b", Some(("/sum", Value::from("a=b"))))]
    #[case::the_whole_answer("=1", Some(("", Value::from(1))))]
    #[case("done=true", None)]
    #[case("/done", None)]
    fn a_place_in_the_answer_has_a_value(#[case] text: &str, #[case] expected: Option<(&str, Value)>) {
        let expected = expected.map(|(pointer, value)| (pointer.to_owned(), value));
        assert_eq!(json_place(text).ok(), expected);
    }

    #[rstest]
    #[case("uncommitted", Some(Review::Of(ReviewTarget::Uncommitted)))]
    #[case("prompt", Some(Review::Prompt))]
    #[case("base:main", Some(Review::Of(ReviewTarget::Base("main".to_owned()))))]
    #[case("base:a:b", Some(Review::Of(ReviewTarget::Base("a:b".to_owned()))))]
    #[case("commit:abc", Some(Review::Of(ReviewTarget::Commit("abc".to_owned()))))]
    #[case("commit:", None)]
    #[case("base", None)]
    #[case("everything", None)]
    fn a_review_names_what_it_looks_at(#[case] text: &str, #[case] expected: Option<Review>) {
        assert_eq!(review(text).ok(), expected);
    }

    #[test]
    fn a_thread_is_the_last_one_or_a_uuid() {
        assert_eq!(resume("last"), Ok(Resume::Last));
        assert_eq!(resume(ID), Ok(Resume::Thread(ThreadId::parse(ID).unwrap())));
        assert!(resume("yesterday").unwrap_err().contains("`yesterday` is not a thread id"));
        assert!(thread_id("last").is_err());
    }
}
