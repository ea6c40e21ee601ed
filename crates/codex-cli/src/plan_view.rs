//! [`plan`]: what is shown of a pipeline before it runs: pure lines of text.

use codex_runner::{InputState, PipelinePlan, PlannedTask, SourceFile, TaskInput, TaskTarget};

use crate::failure::{error_line, warning_line};
use crate::render::{Line, Tone};

/// How much of a hash people look at.
const HASH_CHARACTERS: usize = 12;

/// The plan; problems and warnings are told by [`complaints`].
pub(crate) fn plan(plan: &PipelinePlan) -> Vec<Line> {
    let mut lines = Vec::new();
    let sources = [
        ("session context", plan.session_context.as_ref()),
        ("project context", plan.project_context.as_ref()),
        ("pattern", plan.pattern.as_ref().and_then(|pattern| pattern.context.as_ref())),
        ("pipeline", plan.pipeline.as_ref()),
    ];
    for (what, file) in sources {
        if let Some(file) = file {
            lines.push(source(what, file));
        }
    }
    lines.extend(plan.schemas.iter().map(|schema| source(&schema.role, &schema.file)));
    for task in &plan.tasks {
        lines.push(Line::default());
        lines.extend(of_task(task, plan.tasks.len()));
    }
    lines
}

/// What stands against running a plan, and what is worth knowing.
pub(crate) fn complaints(plan: &PipelinePlan) -> Vec<Line> {
    let warnings = plan.warnings.iter().map(|warning| warning_line(&warning.to_string()));
    warnings.chain(plan.problems.iter().map(|problem| error_line(&problem.to_string()))).collect()
}

fn source(what: &str, file: &SourceFile) -> Line {
    Line::new(Tone::Dim, &format!("{what}: "))
        .and(Tone::Plain, &file.path)
        .and(Tone::Dim, &format!("  {}", short(&file.sha256)))
}

fn of_task(task: &PlannedTask, tasks: usize) -> Vec<Line> {
    let place = format!("{} of {tasks}  ", task.position);
    let mut lines = vec![Line::new(Tone::Dim, &place).and(Tone::Strong, &task.title)];
    match &task.target {
        TaskTarget::File { file, .. } => lines.push(below(source("file", file))),
        TaskTarget::Agent(call) => {
            let folder = call.folder.as_deref().unwrap_or("no folder of its own");
            lines.push(below(
                Line::new(Tone::Dim, "agent: ").and(Tone::Plain, &format!("{} ({folder})", call.name)),
            ));
        }
        _ => {}
    }
    lines.extend(task.inputs.iter().map(|input| below(of_input(input))));
    for variable in &task.variables {
        let line = Line::new(Tone::Dim, "value: ")
            .and(Tone::Plain, &format!("{} = {}", variable.name, variable.value));
        lines.push(below(line));
    }
    lines
}

fn of_input(input: &TaskInput) -> Line {
    let line = Line::new(Tone::Dim, "input: ").and(Tone::Plain, &input.path);
    match (&input.state, &input.sha256) {
        (InputState::File, Some(hash)) => line.and(Tone::Dim, &format!("  {}", short(hash))),
        (state, _) => {
            let (tone, how) = how(*state);
            line.and(tone, &format!("  {how}"))
        }
    }
}

fn how(state: InputState) -> (Tone, &'static str) {
    match state {
        InputState::File => (Tone::Dim, "too long to be hashed"),
        InputState::Folder => (Tone::Dim, "a folder"),
        InputState::Missing => (Tone::Warning, "missing; an earlier task has to write it"),
        InputState::Glob => (Tone::Dim, "any number of files"),
        InputState::Refused => (Tone::Bad, "outside of the project"),
        InputState::Unknown | _ => (Tone::Dim, "not known by now"),
    }
}

fn below(line: Line) -> Line {
    Line::new(Tone::Plain, "   ").followed_by(line)
}

fn short(hash: &str) -> &str {
    hash.get(..HASH_CHARACTERS).unwrap_or(hash)
}
