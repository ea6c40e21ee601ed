//! What a record says of a turn before it starts.

use std::path::{Path, PathBuf};

use codex_exec::{CodexVersion, ReviewTarget};
use codex_ledger::{ContextValue, TaskHeader, TurnBegin, TurnHeader};
use codex_runner::{Setting, Settings, TOOL};

use super::below;
use crate::arguments::{Resume, Review, RunArguments};
use crate::checks::Surroundings;

/// How long the name of a task is that is made of its prompt.
const NAME_CHARACTERS: usize = 80;

/// What was asked, and in which project.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) arguments: &'a RunArguments,
    pub(crate) config: &'a Settings,
    pub(crate) root: &'a Path,
    pub(crate) prompt: &'a str,
}

/// What the record is opened with.
pub(crate) fn header(asked: Asked<'_>, version: Option<&CodexVersion>) -> TurnHeader {
    let Asked { arguments, config, root, .. } = asked;
    let agent = version.map_or_else(|| "codex".to_owned(), |version| format!("codex@{version}"));
    let mut header = TurnHeader::new(task(asked), agent, TOOL).git_mode(config.ledger.git.value);
    if let Some(initiator) = &config.ledger.initiator.value {
        header = header.initiator(initiator);
    }
    if let Some(model) = &arguments.codex.model {
        header = header.model(model);
    }
    header.context(context(arguments, config, root, version))
}

/// What the turn itself is begun with.
pub(crate) fn begin(asked: Asked<'_>) -> TurnBegin {
    let Asked { arguments, prompt, .. } = asked;
    let mut begin = TurnBegin::new(prompt);
    if let Some(model) = &arguments.codex.model {
        begin = begin.model(model);
    }
    if let Some(sandbox) = arguments.codex.sandbox {
        begin = begin.sandbox(sandbox.as_str());
    }
    match &arguments.resume {
        Some(Resume::Thread(thread)) => begin.resumed(thread.clone()),
        Some(Resume::Last) | None => begin,
    }
}

fn task(asked: Asked<'_>) -> TaskHeader {
    let Asked { arguments, config, root, prompt } = asked;
    let review = arguments.review.as_ref().map(|Review(target)| review_text(target));
    let name = match (&config.ledger.task.value, &review) {
        (Some(name), _) => name.clone(),
        (None, Some(review)) if prompt.trim().is_empty() => format!("review {review}"),
        (None, _) => name_of(prompt),
    };
    let mut task = TaskHeader::named(name);
    let files = arguments.image.iter().chain(&arguments.output_schema);
    for file in files.filter_map(|file| absolute(file)) {
        if let Some(path) = below(&file, root) {
            task = task.input(path);
        }
    }
    let parameters = [
        ("sandbox", arguments.codex.sandbox.map(|sandbox| sandbox.as_str().to_owned())),
        ("model", arguments.codex.model.clone()),
        ("profile", arguments.codex.profile.clone()),
        ("resume", arguments.resume.as_ref().map(resume_text)),
        ("fork", arguments.fork.as_ref().map(ToString::to_string)),
        ("review", review),
    ];
    for (name, value) in parameters {
        if let Some(value) = value {
            task = task.parameter(name, value);
        }
    }
    task
}

/// The values that the turn runs with, each with where it came from.
fn context(
    arguments: &RunArguments,
    config: &Settings,
    root: &Path,
    version: Option<&CodexVersion>,
) -> Vec<ContextValue> {
    let mut values = vec![ContextValue::global("TARGET_PROJECT", root.display().to_string(), "the worktree")];
    if let Some(version) = version {
        values.push(ContextValue::global("CODEX_VERSION", version.to_string(), "asked of the program"));
    }
    let run = &config.run;
    let sandbox = arguments.codex.sandbox.map(|sandbox| sandbox.as_str().to_owned());
    let chosen = [
        ("CODEX_SANDBOX", sandbox, from(&run.sandbox, "--sandbox", arguments.codex.sandbox.as_ref())),
        (
            "CODEX_MODEL",
            arguments.codex.model.clone(),
            from(&run.model, "--model", arguments.codex.model.as_ref()),
        ),
        (
            "CODEX_PROFILE",
            arguments.codex.profile.clone(),
            from(&run.profile, "--profile", arguments.codex.profile.as_ref()),
        ),
    ];
    for (name, value, origin) in chosen {
        if let Some(value) = value {
            values.push(ContextValue::global(name, value, origin));
        }
    }
    for check in config.checks() {
        if let Some(command) = &check.command.value {
            let name = format!("{}_COMMAND", check.name.to_uppercase());
            values.push(ContextValue::project(
                name,
                command.spec().to_string(),
                check.command.origin.to_string(),
            ));
            let boundary = Surroundings::boundary(arguments, check).words();
            values.push(ContextValue::global(
                format!("{}_SANDBOX", check.name.to_uppercase()),
                boundary,
                "of flags, settings and the turn",
            ));
            if !check.env.value.is_empty() {
                let (name, names) =
                    (format!("{}_ENV", check.name.to_uppercase()), check.env.value.join(", "));
                values.push(ContextValue::project(name, names, check.env.origin.to_string()));
            }
        }
    }
    let handed_over = &arguments.checks.env;
    if !handed_over.is_empty() {
        values.push(ContextValue::global("CHECK_ENV", handed_over.join(", "), "--check-env"));
    }
    values
}

/// Where a value came from that a flag may have set.
fn from<T: PartialEq>(setting: &Setting<Option<T>>, flag: &str, value: Option<&T>) -> String {
    if setting.value.as_ref() == value { setting.origin.to_string() } else { flag.to_owned() }
}

/// The first line of the prompt that says something.
fn name_of(prompt: &str) -> String {
    let line = prompt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("turn");
    match line.char_indices().nth(NAME_CHARACTERS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

fn resume_text(resume: &Resume) -> String {
    match resume {
        Resume::Last => "last".to_owned(),
        Resume::Thread(thread) => thread.to_string(),
    }
}

fn review_text(target: &ReviewTarget) -> String {
    match target {
        ReviewTarget::Uncommitted => "uncommitted".to_owned(),
        ReviewTarget::Base(branch) => format!("base:{branch}"),
        ReviewTarget::Commit(commit) => format!("commit:{commit}"),
        ReviewTarget::Prompt | _ => "prompt".to_owned(),
    }
}

fn absolute(file: &Path) -> Option<PathBuf> {
    file.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("fix it", "fix it")]
    #[case("\n\n  fix it  \nand more", "fix it")]
    #[case("", "turn")]
    fn a_task_is_named_after_its_prompt(#[case] prompt: &str, #[case] expected: &str) {
        assert_eq!(name_of(prompt), expected);
    }

    #[test]
    fn a_long_name_is_cut() {
        let name = name_of(&"ä".repeat(500));
        assert_eq!(name.chars().count(), NAME_CHARACTERS + 1);
    }
}
