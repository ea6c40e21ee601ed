//! [`CheckSettings`]: a command that is run after a turn.

use std::path::{Component, Path};
use std::time::Duration;

use codex_exec::CommandSpec;
use serde_json::Value as Json;
use toml::de::DeValue;

use super::check_sandbox::CheckSandbox;
use super::project_file::{string, strings};
use super::setting::Setting;
use super::setting_sources::Sources;
use super::value::Value;

/// How long a check may take where nobody says.
const LIMIT: Duration = Duration::from_mins(10);

/// A command that is run after a turn, and what is made of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckSettings {
    /// `tests`, `lint` or `coverage`.
    pub name: &'static str,
    /// What is run; nothing if it is not set.
    pub command: Setting<Option<CheckCommand>>,
    /// Whether the file of the project has a command that does not count, since nobody has trusted it.
    pub is_ignored: bool,
    /// Where it leaves its reports: paths or patterns, relative to the project.
    pub report: Setting<Vec<String>>,
    /// How long the command may take.
    pub limit: Setting<Duration>,
    /// The variables that its command inherits although they are secrets.
    pub env: Setting<Vec<String>>,
    /// Whether its command runs in Codex's sandbox; unset: as its turn did.
    pub sandbox: Setting<Option<CheckSandbox>>,
    /// Whether its command may open sockets; unset: as its turn.
    pub network: Setting<Option<bool>>,
    /// Whether the record fails where this does not pass.
    pub gate: Setting<bool>,
}

/// A command: one text for `sh -c`, or a list without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a command is started by a shell or without one")]
pub enum CheckCommand {
    /// A script for `sh -c`.
    Shell(String),
    /// A program and its arguments.
    Plain(Vec<String>),
}

impl CheckCommand {
    /// The command, to be run.
    pub fn spec(&self) -> CommandSpec {
        match self {
            Self::Shell(script) => CommandSpec::shell(script),
            Self::Plain(words) => CommandSpec::argv(words),
        }
    }

    /// The command as one text whose words name programs and files.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Shell(script) => without_outputs(script),
            Self::Plain(words) => words.join("\n"),
        }
    }
}

/// A script without the files that it redirects output to.
fn without_outputs(script: &str) -> String {
    let mut pieces = script.split('>');
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|letter: char| letter.is_whitespace() || "|&".contains(letter));
        let end = rest.find(|letter: char| letter.is_whitespace() || ";|&<()".contains(letter));
        kept.push('>');
        kept.push_str(&rest[end.unwrap_or(rest.len())..]);
    }
    kept
}

impl Value for CheckCommand {
    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(Self::Shell)
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        if let Some(script) = string(value) {
            return Self::from_text(script);
        }
        match strings(value) {
            Some(words) if words.first().is_some_and(|program| !program.trim().is_empty()) => {
                Ok(Self::Plain(words))
            }
            _ => Err("must be a text for the shell, or a list: the program and its arguments".to_owned()),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Shell(script) => script.as_str().into(),
            Self::Plain(words) => words.as_slice().into(),
        }
    }
}

impl CheckSettings {
    pub(super) fn take(sources: &mut Sources<'_>, name: &'static str, reports: Reports) -> Self {
        let key = |part: &str| format!("{name}.{part}");
        let command = sources.take(&key("command"), None);
        let settings = Self {
            name,
            command,
            is_ignored: sources.is_ignored(&key("command")),
            report: match reports {
                Reports::Own | Reports::OfTests => sources.take(&key("report"), Vec::new()),
                Reports::None => Setting::default(Vec::new()),
            },
            limit: sources.take(&key("limit"), LIMIT),
            env: sources.take(&key("env"), Vec::new()),
            sandbox: sources.take(&key("sandbox"), None),
            network: sources.take(&key("network"), None),
            gate: sources.take(&key("gate"), false),
        };
        if let Some(problem) = settings.report.value.iter().find_map(|pattern| no_report(pattern)) {
            sources.refuse(settings.report.origin.clone(), &key("report"), problem);
        }
        if let Some(problem) = settings.env.value.iter().find_map(|name| variable_name(name).err()) {
            sources.refuse(settings.env.origin.clone(), &key("env"), problem);
        }
        if settings.command.value.is_none() && !settings.is_ignored {
            let alone = format!("is set, and `{}` is not: nothing is run", key("command"));
            if !settings.report.value.is_empty() && reports == Reports::Own {
                sources.refuse(settings.report.origin.clone(), &key("report"), alone);
            } else if settings.gate.value {
                sources.refuse(settings.gate.origin.clone(), &key("gate"), alone);
            }
        }
        settings
    }
}

/// Whether a check leaves reports that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reports {
    /// They are those of its own command.
    Own,
    /// They may be those of the tests.
    OfTests,
    None,
}

/// What is wrong with the path or pattern of a report.
fn no_report(pattern: &str) -> Option<String> {
    let inside =
        Path::new(pattern).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Some(format!("must be a path within the project, not {pattern:?}"));
    }
    glob::Pattern::new(pattern)
        .err()
        .map(|error| format!("has a pattern that is none, {pattern:?}: {}", error.msg))
}

/// Takes the name of an environment variable.
///
/// # Errors
///
/// The text is not a name; the error is a sentence that says what to write.
pub fn variable_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(['=', '\0']) || text.contains(char::is_whitespace) {
        return Err("write the name of a variable alone, such as DATABASE_URL".to_owned());
    }
    Ok(text.to_owned())
}
