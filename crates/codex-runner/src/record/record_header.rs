//! What a record says of a turn before it starts.

use std::path::Path;

use codex_exec::{CodexVersion, InvocationParts, OutputSchema, ReviewTarget, Target};
use codex_ledger::texts::ContextValue;
use codex_ledger::{TaskHeader, TurnBegin, TurnHeader};

use crate::checks::CheckSurroundings;
use crate::project::{Project, TOOL};
use crate::settings::Setting;

/// How long the name of a task is that is made of its prompt.
const NAME_CHARACTERS: usize = 80;

/// Returns what a record of turns with these parts is opened with.
pub(crate) fn header(
    project: &Project,
    parts: &InvocationParts,
    surroundings: CheckSurroundings<'_>,
    version: Option<&CodexVersion>,
) -> TurnHeader {
    let settings = project.settings();
    let agent = version.map_or_else(|| "codex".to_owned(), |version| format!("codex@{version}"));
    let mut header = TurnHeader::new(task(project, parts), agent, TOOL).git_mode(settings.ledger.git.value);
    if let Some(initiator) = &settings.ledger.initiator.value {
        header = header.initiator(initiator);
    }
    if let Some(model) = &parts.model {
        header = header.model(model);
    }
    header.context(context(project, parts, surroundings, version))
}

/// Returns what a turn with these parts is begun with.
pub(crate) fn begin(parts: &InvocationParts) -> TurnBegin {
    let mut begin = TurnBegin::new(parts.prompt());
    if let Some(model) = &parts.model {
        begin = begin.model(model);
    }
    if let Some(sandbox) = parts.sandbox {
        begin = begin.sandbox(sandbox.as_str());
    }
    match parts.target.resumed_thread() {
        Some(thread) => begin.resumed(thread.clone()),
        None => begin,
    }
}

fn task(project: &Project, parts: &InvocationParts) -> TaskHeader {
    let (resume, fork, review) = match &parts.target {
        Target::Resume(thread) => (Some(thread.to_string()), None, None),
        Target::ResumeLast => (Some("last".to_owned()), None, None),
        Target::Fork(thread) => (None, Some(thread.to_string()), None),
        Target::Review(target) => (None, None, Some(review_text(target))),
        Target::ReviewPrompt => (None, None, Some("prompt".to_owned())),
        Target::NewThread | _ => (None, None, None),
    };
    let name = match (&project.settings().ledger.task.value, &review) {
        (Some(name), _) => name.clone(),
        (None, Some(review)) if parts.prompt().trim().is_empty() => format!("review {review}"),
        (None, _) => name_of(parts.prompt()),
    };
    let mut task = TaskHeader::named(name);
    let schema = match &parts.output_schema {
        Some(OutputSchema::File(file)) => Some(file),
        Some(_) | None => None,
    };
    for file in parts.images.iter().chain(schema).filter_map(|file| file.canonicalize().ok()) {
        if let Some(path) = below(&file, project.root()) {
            task = task.input(path);
        }
    }
    let parameters = [
        ("sandbox", parts.sandbox.map(|sandbox| sandbox.as_str().to_owned())),
        ("model", parts.model.clone()),
        ("profile", parts.profile.clone()),
        ("resume", resume),
        ("fork", fork),
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
    project: &Project,
    parts: &InvocationParts,
    surroundings: CheckSurroundings<'_>,
    version: Option<&CodexVersion>,
) -> Vec<ContextValue> {
    let root = project.root().display().to_string();
    let mut values = vec![ContextValue::global("TARGET_PROJECT", root, "the worktree")];
    if let Some(version) = version {
        values.push(ContextValue::global("CODEX_VERSION", version.to_string(), "asked of the program"));
    }
    let run = &project.settings().run;
    let chosen = [
        (
            "CODEX_SANDBOX",
            parts.sandbox.map(|sandbox| sandbox.as_str().to_owned()),
            from(&run.sandbox, parts.sandbox.as_ref()),
        ),
        ("CODEX_MODEL", parts.model.clone(), from(&run.model, parts.model.as_ref())),
        ("CODEX_PROFILE", parts.profile.clone(), from(&run.profile, parts.profile.as_ref())),
    ];
    for (name, value, origin) in chosen {
        if let Some(value) = value {
            values.push(ContextValue::global(name, value, origin));
        }
    }
    for check in project.settings().checks() {
        let Some(command) = &check.command.value else { continue };
        let name = |part: &str| format!("{}_{part}", check.name.to_uppercase());
        let origin = check.command.origin.to_string();
        values.push(ContextValue::project(name("COMMAND"), command.spec().to_string(), origin));
        let boundary = surroundings.boundary_of_check(check).words();
        values.push(ContextValue::global(name("SANDBOX"), boundary, "of flags, settings and the turn"));
        if !check.env.value.is_empty() {
            let names = check.env.value.join(", ");
            values.push(ContextValue::project(name("ENV"), names, check.env.origin.to_string()));
        }
    }
    let handed_over = &surroundings.choices.env;
    if !handed_over.is_empty() {
        values.push(ContextValue::global("CHECK_ENV", handed_over.join(", "), "--check-env"));
    }
    values
}

/// Where a value came from that the caller may have set.
fn from<T: PartialEq>(setting: &Setting<Option<T>>, value: Option<&T>) -> String {
    if setting.value.as_ref() == value { setting.origin.to_string() } else { "caller".to_owned() }
}

/// The first line of the prompt that says something.
fn name_of(prompt: &str) -> String {
    let line = prompt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("turn");
    match line.char_indices().nth(NAME_CHARACTERS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

fn review_text(target: &ReviewTarget) -> String {
    match target {
        ReviewTarget::Uncommitted => "uncommitted".to_owned(),
        ReviewTarget::Base(branch) => format!("base:{branch}"),
        ReviewTarget::Commit(commit) => format!("commit:{commit}"),
        // A target that is not known here is named as it is written in Rust.
        target => format!("{target:?}"),
    }
}

/// A path below the project as records name it.
fn below<'a>(path: &'a Path, root: &Path) -> Option<&'a str> {
    path.strip_prefix(root).ok()?.to_str()
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
