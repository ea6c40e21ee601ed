//! [`PipelineFile`]: the list of tasks of a pattern.

use serde::Serialize;

use super::agent_call::AgentCall;
use crate::context::{LineKind, Problem, ProblemCode, lines, quoted};

/// Holds the items of a pipeline file in their order; the numbers before them are labels and say nothing.
///
/// ```
/// use codex_runner::PipelineFile;
///
/// let text = "tasks are in directory ./tasks\n\n# Turn 1\n1. TASK 01 - Model.task.md\n1. agent run sql-ddl\n";
/// let file = PipelineFile::parse("task-pipeline.md", text);
/// assert_eq!(file.tasks_folder.as_deref(), Some("./tasks"));
/// assert_eq!(file.items[1].group, Some(1));
/// assert_eq!(file.items[1].text, "agent run sql-ddl");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PipelineFile {
    /// The name of the file in messages.
    pub file: String,
    /// Where the tasks are, if the file says so.
    pub tasks_folder: Option<String>,
    /// Where the tools are, if the file says so.
    pub tools_folder: Option<String>,
    /// The items.
    pub items: Vec<PipelineItem>,
    /// Items that cannot be read.
    pub problems: Vec<Problem>,
    /// Lines that may be meant as items and are none.
    pub warnings: Vec<Problem>,
}

/// Holds one item of a pipeline file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PipelineItem {
    /// Its line, counted from 1.
    pub line: u64,
    /// The number before it.
    pub label: String,
    /// The turn it is grouped under.
    pub group: Option<u64>,
    /// Its text, without the marks of a link or of code around it.
    pub text: String,
    /// What it is.
    pub form: ItemForm,
}

/// Says what an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemForm {
    /// A task, by the name of its file, a path or its title.
    Task,
    /// A call of a coding agent.
    Agent(AgentCall),
}

impl PipelineFile {
    /// The places within a pattern where its pipeline file may be.
    pub const NAMES: [&str; 4] =
        ["task-pipeline.md", "tasks/task-pipeline.md", "tasks/tasks-pipeline.md", "execution-plan.md"];

    /// Reads the text of a file; `file` is what messages call it.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut pipeline = Self { file: file.to_owned(), ..Self::default() };
        let mut group = None;
        for line in lines(text) {
            let text = match line.kind {
                LineKind::Heading(_, heading) => heading,
                LineKind::Code | LineKind::Comment => continue,
                LineKind::Text => line.text.trim(),
            };
            if let Some(turn) = group_of(text) {
                group = Some(turn);
            } else if let Some(folder) = folder_after(text, "tasks are in directory") {
                pipeline.tasks_folder = Some(folder);
            } else if let Some(folder) = folder_after(text, "tools are in directory") {
                pipeline.tools_folder = Some(folder);
            } else if let Some((label, text)) = item(text) {
                pipeline.push(line.number, label, group, text);
            } else if may_be_meant(text) {
                let sentence = format!("{} has no number and is no item", quoted(text));
                let way_out = "write `1. ` before it if it is to run";
                pipeline.warnings.push(Problem::new(
                    ProblemCode::Ignored,
                    file,
                    line.number,
                    sentence,
                    way_out,
                ));
            }
        }
        pipeline
    }

    fn push(&mut self, line: u64, label: &str, group: Option<u64>, text: &str) {
        let text = bare(text).to_owned();
        let form = match AgentCall::parse(&text) {
            None => ItemForm::Task,
            Some(Ok(call)) => ItemForm::Agent(call),
            Some(Err(missing)) => {
                let sentence = format!("the call {} lacks {missing}", quoted(&text));
                let way_out = "write `agent run NAME --key value`";
                self.problems.push(Problem::new(
                    ProblemCode::NoTask,
                    self.file.as_str(),
                    line,
                    sentence,
                    way_out,
                ));
                return;
            }
        };
        self.items.push(PipelineItem { line, label: label.to_owned(), group, text, form });
    }
}

/// The number of `turn N`.
fn group_of(text: &str) -> Option<u64> {
    let text = text.trim_matches(['*', ':', ' ']);
    let (word, number) = text.split_once(char::is_whitespace)?;
    if word.eq_ignore_ascii_case("turn") { number.trim().parse().ok() } else { None }
}

/// The number and the text of `1. text`.
fn item(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (label, rest) = text.split_at(digits);
    let rest = rest.strip_prefix(['.', ')'])?;
    let is_item = (1..=9).contains(&digits) && rest.starts_with([' ', '\t']) && !rest.trim().is_empty();
    is_item.then(|| (label, rest.trim()))
}

fn folder_after(text: &str, words: &str) -> Option<String> {
    let start = text.get(..words.len()).filter(|start| start.eq_ignore_ascii_case(words))?;
    let folder = text[start.len()..].trim().trim_start_matches(':').trim().trim_end_matches(['.', ',']);
    let folder = bare(folder);
    (!folder.is_empty()).then(|| folder.to_owned())
}

fn may_be_meant(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '*', '+', ' ', '`', '[']);
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("task"))
        && text.to_lowercase().contains(".md")
        || text.to_lowercase().starts_with("agent run ")
}

/// The text of a span of code, or the target of a link; another text as it is.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches('*').trim();
    if let Some(inner) = text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        return inner.trim_matches('`').trim();
    }
    let link = text.strip_prefix('[').and_then(|text| text.strip_suffix(')')?.split_once("]("));
    match link {
        Some((_, target)) if !target.contains("](") => target.trim().trim_matches(['<', '>']),
        _ => text,
    }
}
