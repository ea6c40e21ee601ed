//! [`TaskInputs`]: the files that a task says it needs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::pipeline_file::bare;
use super::plan::{InputState, PlannedTask, TaskInput, TaskTarget, UsedVariable};
use crate::context::{
    LineKind, Located, PathFault, PipelineLimits, Problem, ProblemCode, ProjectFolders, ResolvedContext,
    lines, quoted, references, section,
};

/// Finds the files that stand below the heading `Inputs` of a task.
pub(super) struct TaskInputs<'a> {
    folders: &'a ProjectFolders,
    context: &'a ResolvedContext,
    limits: &'a PipelineLimits,
    /// Files that several tasks name are read once.
    hashes: RefCell<HashMap<PathBuf, Option<(String, u64)>>>,
}

const HEADINGS: [&str; 4] = ["inputs", "input", "taskinputs", "inputfiles"];

impl<'a> TaskInputs<'a> {
    pub(super) fn of(
        folders: &'a ProjectFolders,
        context: &'a ResolvedContext,
        limits: &'a PipelineLimits,
    ) -> Self {
        Self { folders, context, limits, hashes: RefCell::default() }
    }

    pub(super) fn find(&self, task: &PlannedTask) -> Vec<TaskInput> {
        let Some(section) = section(&task.body, &HEADINGS) else { return Vec::new() };
        let mut inputs: Vec<TaskInput> = Vec::new();
        for line in lines(section.text).filter(|line| line.kind == LineKind::Text) {
            for text in paths_in(line.text) {
                if inputs.len() == self.limits.inputs {
                    return inputs;
                }
                let input = self.input(text, section.first_line + line.number - 1);
                if !inputs.iter().any(|other| other.path == input.path) {
                    inputs.push(input);
                }
            }
        }
        inputs
    }

    fn input(&self, text: &str, line: u64) -> TaskInput {
        let mut input = TaskInput {
            text: text.to_owned(),
            line,
            path: text.to_owned(),
            state: InputState::Unknown,
            sha256: None,
            bytes: None,
        };
        let Ok(expanded) = self.context.expand(text, self.limits.value_bytes) else { return input };
        input.path.clone_from(&expanded.text);
        if expanded.is_pending || !expanded.unknown.is_empty() {
            return input;
        }
        let bases = [self.folders.project(), self.folders.pipelines()];
        match self.folders.locate(&expanded.text, &bases) {
            Ok(found) => {
                input.path.clone_from(&found.shown);
                input.state = if found.is_folder { InputState::Folder } else { InputState::File };
                if !found.is_folder {
                    (input.sha256, input.bytes) = self.hash(found).unzip();
                }
            }
            Err(PathFault::Outside | PathFault::ParentPart) => input.state = InputState::Refused,
            Err(_) if expanded.text.contains(['*', '?']) => input.state = InputState::Glob,
            Err(_) => input.state = InputState::Missing,
        }
        input
    }

    fn hash(&self, file: Located) -> Option<(String, u64)> {
        let mut hashes = self.hashes.borrow_mut();
        let known = hashes.get(&file.path).cloned();
        known.unwrap_or_else(|| {
            let hash = self.folders.hash(&file, self.limits.hashed_file_bytes).ok();
            hashes.entry(file.path).or_insert(hash).clone()
        })
    }

    /// The variables that a task names, each once: in its item, and in its text.
    pub(super) fn variables(&self, task: &PlannedTask) -> Vec<UsedVariable> {
        let (mut used, mut seen) = (Vec::new(), HashSet::new());
        for name in references(&task.item).chain(references(&task.body)) {
            if seen.insert(name)
                && let Some(value) = self.context.find(name)
            {
                used.push(UsedVariable { name: name.to_owned(), value: value.value.clone() });
            }
        }
        used
    }

    /// What is to be said about the inputs of a task: problems, and warnings.
    pub(super) fn complaints(&self, task: &PlannedTask) -> (Vec<Problem>, Vec<Problem>) {
        let (mut problems, mut warnings) = (Vec::new(), Vec::new());
        let file = match &task.target {
            TaskTarget::File { file, .. } => file.path.as_str(),
            TaskTarget::Agent(call) => call.instructions.as_ref().map_or("", |file| file.path.as_str()),
        };
        for input in &task.inputs {
            let name = quoted(&input.text);
            match input.state {
                InputState::Refused => {
                    let sentence = format!("the input {name} leads out of the project");
                    let way_out = "put a copy into the project, and name that";
                    problems.push(Problem::new(ProblemCode::Outside, file, input.line, sentence, way_out));
                }
                InputState::Missing => {
                    let sentence = format!("the input {name} is not there yet");
                    let way_out = "see that an earlier task writes it";
                    warnings.push(Problem::new(
                        ProblemCode::MissingInput,
                        file,
                        input.line,
                        sentence,
                        way_out,
                    ));
                }
                InputState::Unknown => {
                    let expanded = self.context.expand(&input.text, self.limits.value_bytes).ok();
                    let unknown = expanded.into_iter().flat_map(|expanded| expanded.unknown);
                    if let Some(whole) = unknown.into_iter().find(|whole| whole.starts_with("${")) {
                        let sentence = format!("nothing is known for {} in the input {name}", quoted(&whole));
                        let way_out = "define it, or leave it if something else fills it in";
                        let code = ProblemCode::UnknownName;
                        warnings.push(Problem::new(code, file, input.line, sentence, way_out));
                    }
                }
                InputState::File | InputState::Folder | InputState::Glob => {}
            }
        }
        if task.inputs.len() == self.limits.inputs {
            let sentence = format!("no more than {} inputs are read", self.limits.inputs);
            warnings.push(Problem::new(ProblemCode::TooLong, file, None, sentence, "name folders instead"));
        }
        (problems, warnings)
    }
}

/// What looks like a path in a line: spans of code, targets of links, and words.
fn paths_in(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, part) in line.split('`').enumerate() {
        if at % 2 == 1 {
            let part = part.trim();
            if is_path(part) {
                found.push(part);
            }
            continue;
        }
        found.extend(words(part).filter_map(|word| {
            let word = word.trim_matches(['*', '"', '\'', ',', ';', '(', '<', '>']);
            let target =
                word.rsplit_once("](").map(|(_, target)| target.trim_end_matches([')', '.', ',', ';']));
            let word = target.unwrap_or_else(|| bare(word.trim_end_matches(['.', ':', ')'])));
            is_path(word).then_some(word)
        }));
    }
    found
}

/// Words between white space; what stands within `{{ }}` is one word with what touches it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let (mut depth, mut end) = (0_usize, rest.len());
        for (at, letter) in rest.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                letter if letter.is_whitespace() && depth < 2 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// Whether a text is likely to be a path: it begins like one, or ends with an ending.
fn is_path(text: &str) -> bool {
    let starts = ["./", "../", "/", "${", "{{", "project_root/"].iter().any(|start| text.starts_with(start));
    let has_ending =
        text.rsplit('/').next().and_then(|name| name.rsplit_once('.')).is_some_and(|(stem, ending)| {
            let is_word = ending.chars().all(|letter| letter.is_ascii_alphanumeric());
            !stem.is_empty()
                && (2..=10).contains(&ending.len())
                && is_word
                && !ending.bytes().all(|byte| byte.is_ascii_digit())
        });
    let has_folder = text.ends_with('/') && text.len() > 1;
    // A command has its slash later than a path with spaces in it.
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_one_word =
        first.len() == text.len() || text.starts_with("{{") || (first.contains('/') && has_ending);
    (starts || has_ending || has_folder) && is_one_word && text.len() > 1 && !text.contains("://")
}
