//! [`PipelinePlan`]: all that is known of a pipeline before it runs.

use serde::Serialize;

use super::agent_call::AgentCall;
use super::task_names::{NameFit, TaskNames, nearest};
use crate::context::{ComputedValues, Problem, ProblemCode, ResolvedContext, ResolvedValue, quoted};
use codex_ledger::record::Pattern;
use codex_ledger::texts::ContextValue;

/// Holds all that is known of a pipeline before it runs: what `codex-turns pipeline check` shows.
///
/// A plan with [problems](Self::problems) is not to be run; [warnings](Self::warnings) stand in nobody's way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PipelinePlan {
    /// The session context.
    pub session_context: Option<SourceFile>,
    /// The project context.
    pub project_context: Option<SourceFile>,
    /// The pattern in force.
    pub pattern: Option<PlannedPattern>,
    /// The pipeline file.
    pub pipeline: Option<SourceFile>,
    /// The schemas of the domain.
    pub schemas: Vec<DomainSchema>,
    /// The values of the contexts.
    pub values: Vec<ResolvedValue>,
    /// The tasks in the order in which they run.
    pub tasks: Vec<PlannedTask>,
    /// What stands against running it.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub warnings: Vec<Problem>,
    #[serde(skip)]
    pub(super) context: ResolvedContext,
    /// What the contexts call the folder of the project, where that is not where it is.
    #[serde(skip)]
    pub(super) project_elsewhere: Option<String>,
}

/// Holds a file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SourceFile {
    /// Relative to the project; what is in another folder of pipelines begins with `${AGENTIC_PIPELINE_PROJECT}`.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Names the pattern in force and what it says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedPattern {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: String,
    /// Its context file.
    pub context: Option<SourceFile>,
    /// What stands in its context below `Constraints`.
    pub constraints: Option<String>,
}

impl PlannedPattern {
    /// The pattern as a record names it.
    pub fn header(&self) -> Pattern {
        Pattern::new(self.name.as_str(), self.path.as_str())
    }
}

/// Holds a schema of the domain: named, hashed and not interpreted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DomainSchema {
    /// The key that names it, such as `Domain Object`.
    pub role: String,
    /// The line of the project context, counted from 1.
    pub line: u64,
    /// The file.
    pub file: SourceFile,
}

/// Holds one task of a pipeline, resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedTask {
    /// Its place in the pipeline, counted from 1. This is its order.
    pub position: usize,
    /// The number before it in the file.
    pub label: String,
    /// The turn that it is grouped under.
    pub group: Option<u64>,
    /// Its line in the pipeline file, counted from 1.
    pub line: u64,
    /// The item as it was written.
    pub item: String,
    /// Its id: the name of its file, or `agent NAME`.
    pub id: String,
    /// The first heading of its file, or its name without what all tasks have.
    pub title: String,
    /// The file or call that it is.
    pub target: TaskTarget,
    /// The files that it says it needs.
    pub inputs: Vec<TaskInput>,
    /// The variables that its item, its inputs and its text name, with their values.
    pub variables: Vec<UsedVariable>,
    /// What stands in its text below `Constraints`.
    pub constraints: Option<String>,
    /// Its text, as it is.
    #[serde(skip)]
    pub body: String,
}

/// Says what a task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TaskTarget {
    /// A file.
    #[non_exhaustive]
    File {
        /// The file.
        file: SourceFile,
        /// How alike the item and the name of the file are.
        matched: TaskMatch,
    },
    /// A call of a coding agent.
    Agent(AgentCall),
}

/// Says how alike an item and the name of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskMatch {
    /// The same.
    Exact,
    /// The same but for dashes, case, spaces and the ending.
    Folded,
    /// The same title, with another prefix.
    Title,
}

impl TaskMatch {
    /// All of them, the nearest first.
    pub const LEVELS: [Self; 3] = [Self::Exact, Self::Folded, Self::Title];
}

/// Holds a file that a task says it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TaskInput {
    /// As it was written.
    pub text: String,
    /// The line of the task file, counted from 1.
    pub line: u64,
    /// The path: of a file that is there as [`SourceFile`] has it, else with its references filled in.
    pub path: String,
    /// Whether it is there.
    pub state: InputState,
    /// The SHA-256 of a file that is there and is not too long.
    pub sha256: Option<String>,
    /// The length of a file that is there and is not too long.
    pub bytes: Option<u64>,
}

/// Says whether an input is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum InputState {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// It is not there; an earlier task may write it.
    Missing,
    /// It stands for any number of files, such as `src/*.rs`.
    Glob,
    /// It is known only when the turn runs, or not at all.
    Unknown,
    /// It leads out of the folders that may be read.
    Refused,
}

/// Holds a variable that a task names, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsedVariable {
    /// Its name.
    pub name: String,
    /// Its value as far as it is known.
    pub value: String,
}

impl PipelinePlan {
    /// Whether nothing stands against running it.
    pub fn is_runnable(&self) -> bool {
        self.problems.is_empty()
    }

    /// The value of a variable, as far as it is known.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.context.find(name).map(|value| value.value.as_str())
    }

    /// The same plan with what is known of the turn by now, in its values and in what its tasks name. Paths of inputs
    /// are found again by [`PipelineRequest::inputs`](super::PipelineRequest::inputs).
    #[must_use = "this returns the completed plan"]
    pub fn complete(&self, computed: &ComputedValues) -> Self {
        let mut plan = self.clone();
        plan.context = self.context.complete(computed);
        plan.values.clone_from(&plan.context.values);
        for variable in plan.tasks.iter_mut().flat_map(|task| &mut task.variables) {
            if let Some(value) = plan.context.find(&variable.name) {
                variable.value.clone_from(&value.value);
            }
        }
        plan
    }

    /// The values as a record keeps them, for [`TurnHeader::context`](codex_ledger::TurnHeader::context).
    pub fn context_values(&self) -> Vec<ContextValue> {
        self.context.context_values()
    }

    /// Finds a task by its position, its id or its title; `name` is folded as an item is.
    ///
    /// # Errors
    ///
    /// None or several fit; the error names the nearest, or all of them.
    pub fn task(&self, name: &str) -> Result<&PlannedTask, Problem> {
        let file = self.pipeline.as_ref().map_or("the pipeline", |file| file.path.as_str());
        if let Some(task) =
            name.trim().parse().ok().and_then(|position: usize| self.tasks.get(position.checked_sub(1)?))
        {
            return Ok(task);
        }
        let ids = TaskNames::of(self.tasks.iter().map(|task| task.id.clone()).collect());
        let titles = TaskNames::of(self.tasks.iter().map(|task| task.title.clone()).collect());
        for level in TaskMatch::LEVELS {
            for names in [&ids, &titles] {
                match names.fit(name, level) {
                    NameFit::None => {}
                    NameFit::One(found) => {
                        let at = names.iter().position(|name| name == found).unwrap_or_default();
                        return Ok(&self.tasks[at]);
                    }
                    NameFit::Several(found) => {
                        let sentence = format!("{} could be {}", quoted(name), list(&found));
                        let way_out = "name it by its position";
                        return Err(Problem::new(ProblemCode::Ambiguous, file, None, sentence, way_out));
                    }
                }
            }
        }
        let way_out = match nearest(name, ids.iter()) {
            Some(nearest) => format!("the nearest is {}", quoted(nearest)),
            None => "the pipeline has no tasks".to_owned(),
        };
        Err(Problem::new(
            ProblemCode::NoTask,
            file,
            None,
            format!("no task is named {}", quoted(name)),
            way_out,
        ))
    }
}

/// How many names of a list a sentence has at most.
const LISTED: usize = 5;

/// Names in a sentence.
pub(super) fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| quoted(name)).collect();
    let more = names.len().saturating_sub(LISTED);
    match (shown.as_slice(), more) {
        ([], _) => "nothing".to_owned(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} or {last}", first.join(", ")),
        (all, more) => format!("{} or {more} more", all.join(", ")),
    }
}
