//! [`TaskPrompt`]: what an agent is told of one task.

use std::fmt::Write as _;

use super::plan::{InputState, PipelinePlan, PlannedTask, TaskInput, TaskTarget};
use crate::context::ResolvedValue;
use codex_ledger::redaction::is_secret_name;
use codex_ledger::texts::markdown::{cell, code_cell, code_span, inline};

/// Renders what an agent is told of one task, by a template that has these parts in this order:
///
/// 1. a heading with the title, and where in the pipeline the task stands;
/// 2. `## Task`: the text of the task file, word for word, within a fence that nothing in it can close;
/// 3. `## Values`: the values of the session, and those of the project that the text names;
/// 4. `## Inputs`: the files that the task says it needs, with their hashes, the contexts and the schemas of the domain;
/// 5. `## Constraints`: that the ledger is not to be touched, that nothing beyond the task is to be done, those of the pattern,
///    and those of the caller;
/// 6. `## Report`: what the last message is to say.
///
/// The text of a task is never filled in: it may hold placeholders that something else fills in.
///
/// ```
/// # let project = tempfile::tempdir()?;
/// # let tasks = project.path().join("ai/context/application-implementation-patterns/crud/tasks");
/// # std::fs::create_dir_all(&tasks)?;
/// # std::fs::write(tasks.join("task-pipeline.md"), "1. Model\n")?;
/// # std::fs::write(tasks.join("TASK 01 - Model.task.md"), "# Model\n\nKeep `${APP_NAME}`.\n")?;
/// use codex_ledger::TurnId;
/// use codex_runner::{ComputedValues, PipelineRequest, TaskPrompt};
///
/// let plan = PipelineRequest::new(project.path()).pattern("crud").plan();
/// let plan = plan.complete(&ComputedValues::new().turn(TurnId::FIRST));
/// let prompt = TaskPrompt::new(&plan, &plan.tasks[0]).constraint("Write no more than one file.").render();
/// assert!(prompt.starts_with("# Task: Model\n\nThis is task 1 of 1 of the pipeline"));
/// assert!(prompt.contains("\n````\n# Model\n\nKeep `${APP_NAME}`.\n````\n"));
/// assert!(prompt.contains("| `TURN_ID` | `1` |"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is written until it is rendered"]
pub struct TaskPrompt<'a> {
    plan: &'a PipelinePlan,
    task: &'a PlannedTask,
    inputs: &'a [TaskInput],
    constraints: Vec<String>,
}

impl<'a> TaskPrompt<'a> {
    /// Takes a task of a plan.
    pub fn new(plan: &'a PipelinePlan, task: &'a PlannedTask) -> Self {
        Self { plan, task, inputs: &task.inputs, constraints: Vec::new() }
    }

    /// Takes the inputs as they are now, in the place of those of the plan.
    pub fn inputs(mut self, inputs: &'a [TaskInput]) -> Self {
        self.inputs = inputs;
        self
    }

    /// Adds a constraint of the caller.
    pub fn constraint(mut self, text: impl Into<String>) -> Self {
        self.constraints.push(text.into());
        self
    }

    /// Writes the prompt.
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(self.task.body.len() + 4096);
        self.head(&mut text);
        self.body(&mut text);
        self.values(&mut text);
        self.files(&mut text);
        self.rules(&mut text);
        text.push_str(REPORT);
        text
    }

    fn head(&self, text: &mut String) {
        let (plan, task) = (self.plan, self.task);
        let _ = write!(text, "# Task: {}\n\n", inline(&task.title));
        let _ = write!(text, "This is task {} of {} of the pipeline", task.position, plan.tasks.len());
        if let Some(file) = &plan.pipeline {
            let _ = write!(text, " {}", code_span(&file.path));
        }
        if let Some(pattern) = &plan.pattern {
            let _ = write!(text, " of the pattern {}", code_span(&pattern.name));
        }
        text.push_str(". Carry out this task, and no other of the pipeline.\n\n");
    }

    fn body(&self, text: &mut String) {
        text.push_str("## Task\n\n");
        match &self.task.target {
            TaskTarget::File { file, .. } => {
                let _ = write!(text, "The text of {}:\n\n", code_span(&file.path));
            }
            TaskTarget::Agent(call) => {
                let _ = write!(text, "Do the work of the coding agent {}", code_span(&call.name));
                if let Some(folder) = &call.folder {
                    let _ = write!(text, ", which is kept in {}", code_span(folder));
                }
                text.push_str(", with these arguments:\n\n");
                for (key, value) in &call.arguments {
                    let _ = writeln!(text, "- {}: {}", code_span(key), code_span(value));
                }
                text.push_str(if call.arguments.is_empty() { "None\n\n" } else { "\n" });
                let Some(file) = &call.instructions else { return };
                let _ = write!(text, "Its instructions, the text of {}:\n\n", code_span(&file.path));
            }
        }
        let body = &self.task.body;
        let longest = body.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(3) + 1);
        let line_feed = if body.is_empty() || body.ends_with('\n') { "" } else { "\n" };
        let _ = write!(text, "{fence}\n{body}{line_feed}{fence}\n\n");
    }

    fn values(&self, text: &mut String) {
        let named =
            |value: &&ResolvedValue| self.plan.context.get(&value.name).is_some_and(|known| known == *value);
        let session = self.plan.values.iter().filter(named);
        let session = session.map(|value| (value.name.as_str(), value.value.as_str()));
        let of_the_project =
            self.task.variables.iter().filter(|used| self.plan.context.get(&used.name).is_none());
        let of_the_project = of_the_project.map(|used| (used.name.as_str(), used.value.as_str()));
        text.push_str("## Values\n\nWhat `${NAME}` and `{{NAME}}` stand for in the task and in the files of the pattern, \
            where they are in this list. Others belong to the files that have them.\n\n");
        if let Some(elsewhere) = &self.plan.project_elsewhere {
            let _ = write!(
                text,
                "{} stands for the root of this project, wherever it is here.\n\n",
                code_span(elsewhere)
            );
        }
        text.push_str("| Name | Value |\n| --- | --- |\n");
        for (name, value) in session.chain(of_the_project) {
            let value = if is_secret_name(name) && !value.is_empty() {
                cell("not shown")
            } else if value.strip_prefix("${").and_then(|value| value.strip_suffix('}')) == Some(name) {
                cell("not known yet")
            } else if value.is_empty() {
                String::new()
            } else {
                code_cell(value)
            };
            let _ = writeln!(text, "| {} | {value} |", code_cell(name));
        }
        text.push('\n');
    }

    fn files(&self, text: &mut String) {
        text.push_str("## Inputs\n\n");
        let plan = self.plan;
        let mut rows = Vec::new();
        for input in self.inputs {
            let state = match input.state {
                InputState::File => input.sha256.as_ref().map_or_else(
                    || "a file".to_owned(),
                    |sha256| format!("a file, SHA-256 {}", code_span(sha256)),
                ),
                InputState::Folder => "a folder".to_owned(),
                InputState::Glob => "any number of files".to_owned(),
                InputState::Missing => "not there".to_owned(),
                InputState::Unknown => "as the task says".to_owned(),
                InputState::Refused => "outside of the project: leave it alone".to_owned(),
            };
            rows.push(format!("- {}: {state}", code_span(&input.path)));
        }
        let contexts = [
            ("the project context", plan.project_context.as_ref()),
            ("the session context", plan.session_context.as_ref()),
            (
                "the context of the pattern",
                plan.pattern.as_ref().and_then(|pattern| pattern.context.as_ref()),
            ),
        ];
        for (what, file) in contexts {
            rows.extend(file.map(|file| format!("- {}: {what}", code_span(&file.path))));
        }
        for schema in &plan.schemas {
            let sha256 = code_span(&schema.file.sha256);
            rows.push(format!(
                "- {}: {}, SHA-256 {sha256}",
                code_span(&schema.file.path),
                inline(&schema.role)
            ));
        }
        text.push_str(if rows.is_empty() {
            "None\n\n"
        } else {
            "Paths are relative to the root of the project.\n\n"
        });
        if !rows.is_empty() {
            let _ = write!(text, "{}\n\n", rows.join("\n"));
        }
    }

    fn rules(&self, text: &mut String) {
        text.push_str("## Constraints\n\n");
        text.push_str("- Change nothing below `ai/agentic-pipeline`: the record of this turn is written by the program that started \
            you, from what it observes.\n- Do what the task says and nothing beyond it. Where it cannot be done, say so.\n");
        for constraint in &self.constraints {
            let _ = writeln!(text, "- {}", inline(constraint));
        }
        let pattern = self.plan.pattern.as_ref().and_then(|pattern| pattern.constraints.as_deref());
        if let Some(constraints) = pattern {
            text.push_str("\nThe constraints of the pattern:\n\n");
            text.push_str(&codex_ledger::texts::markdown::prose(constraints, 2));
        }
        text.push('\n');
    }
}

/// What the last message is to say.
const REPORT: &str = "## Report\n\nEnd with one message that says, in this order: what was done; which files were added, changed \
    and deleted, and why; which decisions were made between real alternatives, and the reasons; which checks were run, and what \
    they came to; what is left open. Say nothing that was not done.\n";
