//! [`TaskFinder`]: the one file, or the one agent, that an item means.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::agent_call::AgentCall;
use super::find_pattern::FoundPattern;
use super::pipeline_file::{ItemForm, PipelineFile, PipelineItem};
use super::plan::{SourceFile, TaskMatch, TaskTarget, list};
use super::task_names::{NameFit, TaskNames, nearest};
use crate::context::{
    Expanded, Located, PathFault, PatternContext, PipelineLimits, Problem, ProblemCode, ProjectFolders,
    ResolvedContext, Unexpandable, fold_key, quoted,
};

/// Finds what items mean, in the folders where tasks of a pattern are.
pub(super) struct TaskFinder<'a> {
    folders: &'a ProjectFolders,
    context: &'a ResolvedContext,
    pattern: &'a FoundPattern,
    file: &'a PipelineFile,
    limits: &'a PipelineLimits,
    places: Vec<SearchedFolder>,
    /// Other folders that items name, each read once.
    visited: RefCell<HashMap<PathBuf, Rc<SearchedFolder>>>,
    pub(super) warnings: Vec<Problem>,
}

/// A folder that is searched, and the Markdown files in it.
struct SearchedFolder {
    folder: PathBuf,
    names: TaskNames,
}

const AGENTS: &str = "coding-agents";

impl<'a> TaskFinder<'a> {
    pub(super) fn new(
        folders: &'a ProjectFolders,
        context: &'a ResolvedContext,
        pattern: &'a FoundPattern,
        located: &'a Located,
        file: &'a PipelineFile,
        limits: &'a PipelineLimits,
    ) -> Result<Self, Problem> {
        let beside = located.path.parent().unwrap_or(folders.project());
        let mut paths = vec![beside.to_owned(), beside.join("tasks"), pattern.folder.path.join("tasks")];
        let mut warnings = Vec::new();
        if let Some(stated) = &file.tasks_folder {
            let bases = [beside, &pattern.folder.path, folders.project(), folders.pipelines()];
            let expanded = context.expand(stated, limits.value_bytes);
            let expanded = expanded.map(|expanded| expanded.text).unwrap_or_default();
            match folders.locate(&expanded, &bases) {
                Ok(folder) if folder.is_folder => paths.push(folder.path),
                Ok(_) | Err(_) => {
                    let sentence = format!("the folder {} of the tasks is not there", quoted(stated));
                    let way_out = "tasks are looked for beside the pipeline";
                    warnings.push(Problem::new(
                        ProblemCode::MissingFile,
                        file.file.as_str(),
                        None,
                        sentence,
                        way_out,
                    ));
                }
            }
        }
        // Neither the pipeline itself nor the pattern's own documents are tasks.
        let contexts = PatternContext::names(&pattern.planned.name);
        let own: Vec<PathBuf> = PipelineFile::NAMES
            .iter()
            .map(PathBuf::from)
            .chain(contexts.iter().map(PathBuf::from))
            .map(|name| pattern.folder.path.join(name))
            .chain([located.path.clone()])
            .collect();
        let mut places: Vec<SearchedFolder> = Vec::new();
        for path in paths {
            if places.iter().any(|place| place.folder == path) {
                continue;
            }
            match place(folders, &path, limits, &own) {
                Ok(place) => places.push(place),
                Err(PathFault::NotThere) => {}
                Err(fault) => return Err(fault.of_file(&path.display().to_string())),
            }
        }
        let visited = RefCell::default();
        Ok(Self { folders, context, pattern, file, limits, places, visited, warnings })
    }

    /// What an item means, and the text of the task.
    pub(super) fn find(&self, item: &PipelineItem) -> Result<(TaskTarget, String), Problem> {
        match &item.form {
            ItemForm::Agent(call) => self.agent(item, call),
            ItemForm::Task => {
                let (path, matched) = self.path_of(item)?;
                let problem = |fault: &PathFault| self.of_item(item, fault, &item.text);
                let file = self.folders.real(&path).map_err(|fault| problem(&fault))?;
                if path.starts_with(&self.pattern.folder.path)
                    && !file.path.starts_with(&self.pattern.folder.path)
                {
                    let sentence =
                        format!("{} leads out of the pattern by a symbolic link", quoted(&item.text));
                    let way_out = "put a copy into the pattern";
                    return Err(self.problem(ProblemCode::Outside, item, sentence, way_out));
                }
                let (source, text) = self.read(item, &file)?;
                Ok((TaskTarget::File { file: source, matched }, text))
            }
        }
    }

    fn path_of(&self, item: &PipelineItem) -> Result<(PathBuf, TaskMatch), Problem> {
        let expanded = self.expanded(item, &item.text)?;
        if let Some(name) = &expanded.parent_part {
            let sentence = format!("the value of {} has a `..`", quoted(name));
            return Err(self.problem(ProblemCode::ParentPart, item, sentence, "write a path without it"));
        }
        if let Some(unknown) = expanded.unknown.first() {
            let sentence = format!("nothing is known for {}", quoted(unknown));
            return Err(self.problem(
                ProblemCode::UnknownName,
                item,
                sentence,
                "define it in the session context",
            ));
        }
        let text = expanded.text.trim();
        if text.split(['/', '\\']).any(|part| part == "..") {
            return Err(self.of_item(item, &PathFault::ParentPart, text));
        }
        // A title may well have a slash: only what is a folder up to there is a path.
        if let Some((folder, name)) = text.rsplit_once('/') {
            let is_path = text.starts_with(['/', '.', '$'])
                || expanded.is_filled
                || text.to_lowercase().ends_with(".md");
            match self.folder(folder) {
                Ok(folder) => return self.fitting(item, name, &[&folder]),
                Err(fault) if is_path => return Err(self.of_item(item, &fault, folder)),
                Err(_) => {}
            }
        }
        let places: Vec<&SearchedFolder> = self.places.iter().collect();
        self.fitting(item, text, &places)
    }

    /// A text of the item with its references filled in.
    fn expanded(&self, item: &PipelineItem, text: &str) -> Result<Expanded, Problem> {
        let limit = self.limits.value_bytes;
        self.context.expand(text, limit).map_err(|fault| match fault {
            Unexpandable::Unterminated => {
                let sentence = format!("a `${{` in {} is not closed", quoted(text));
                self.problem(ProblemCode::Unterminated, item, sentence, "write the `}` in the same line")
            }
            Unexpandable::TooLong => {
                let sentence = format!("{} grows beyond {limit} bytes", quoted(text));
                self.problem(ProblemCode::TooLong, item, sentence, "let it refer to less")
            }
        })
    }

    fn folder(&self, folder: &str) -> Result<Rc<SearchedFolder>, PathFault> {
        let beside: Vec<&Path> = self.places.iter().map(|place| place.folder.as_path()).collect();
        let more = [self.pattern.folder.path.as_path(), self.folders.project(), self.folders.pipelines()];
        let bases: Vec<&Path> = beside.into_iter().chain(more).collect();
        let folder = if folder.is_empty() { "/" } else { folder };
        let found = self.folders.locate(folder, &bases)?;
        let mut visited = self.visited.borrow_mut();
        if let Some(place) = visited.get(&found.path) {
            return Ok(Rc::clone(place));
        }
        let place = Rc::new(place(self.folders, &found.path, self.limits, &[])?);
        visited.insert(found.path, Rc::clone(&place));
        Ok(place)
    }

    /// The nearest level at which a folder has a name that fits; there it has to be the only one.
    fn fitting(
        &self,
        item: &PipelineItem,
        name: &str,
        places: &[&SearchedFolder],
    ) -> Result<(PathBuf, TaskMatch), Problem> {
        for level in TaskMatch::LEVELS {
            for place in places {
                match place.names.fit(name, level) {
                    NameFit::None => {}
                    NameFit::One(found) => return Ok((place.folder.join(found), level)),
                    NameFit::Several(found) => {
                        let sentence = format!("{} could be {}", quoted(&item.text), list(&found));
                        let way_out = "write the name of the file that is meant";
                        return Err(self.problem(ProblemCode::Ambiguous, item, sentence, way_out));
                    }
                }
            }
        }
        let names = places.iter().flat_map(|place| place.names.iter());
        let way_out = match nearest(name, names) {
            Some(nearest) => format!("the nearest is {}", quoted(nearest)),
            None => "there is no task file beside the pipeline".to_owned(),
        };
        Err(self.problem(
            ProblemCode::NoTask,
            item,
            format!("no task file fits {}", quoted(&item.text)),
            way_out,
        ))
    }

    fn agent(&self, item: &PipelineItem, call: &AgentCall) -> Result<(TaskTarget, String), Problem> {
        let homes = [&self.pattern.folder.path, self.folders.pipelines(), self.folders.project()];
        let mut seen: Vec<String> = Vec::new();
        for home in homes {
            let agents = home.join(AGENTS);
            let Ok(names) = self.folders.names(&agents, self.limits.folder_entries) else { continue };
            let found: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| fold_key(name) == fold_key(&call.name))
                .collect();
            match found[..] {
                [] => seen.extend(names),
                [name] => return self.agent_at(item, call, &agents.join(name)),
                _ => {
                    let sentence = format!("the agent {} could be {}", quoted(&call.name), list(&found));
                    let way_out = "rename one of the folders";
                    return Err(self.problem(ProblemCode::Ambiguous, item, sentence, way_out));
                }
            }
        }
        let way_out = match nearest(&call.name, seen.iter().map(String::as_str)) {
            Some(nearest) => format!("the nearest is {}", quoted(nearest)),
            None => format!("put its folder into `{AGENTS}`"),
        };
        let sentence = format!("there is no agent {}", quoted(&call.name));
        Err(self.problem(ProblemCode::NoTask, item, sentence, way_out))
    }

    fn agent_at(
        &self,
        item: &PipelineItem,
        call: &AgentCall,
        path: &Path,
    ) -> Result<(TaskTarget, String), Problem> {
        let folder = self.folders.real(path).map_err(|fault| self.of_item(item, &fault, &call.name))?;
        let mut call = AgentCall { folder: Some(folder.shown.clone()), ..call.clone() };
        for (_, value) in &mut call.arguments {
            *value = self.expanded(item, value)?.text;
        }
        let names = [
            "agent.md".to_owned(),
            format!("{}.agent.md", call.name),
            "AGENTS.md".to_owned(),
            "README.md".to_owned(),
        ];
        for name in names {
            let file = match self.folders.real(&folder.path.join(&name)) {
                Err(PathFault::NotThere) => continue,
                found => {
                    found.map_err(|fault| self.of_item(item, &fault, &format!("{}/{name}", folder.shown)))?
                }
            };
            if !file.path.starts_with(&folder.path) {
                let sentence = format!("{} leads out of the agent by a symbolic link", quoted(&file.shown));
                return Err(self.problem(ProblemCode::Outside, item, sentence, "put a copy into its folder"));
            }
            let (source, text) = self.read(item, &file)?;
            call.instructions = Some(source);
            return Ok((TaskTarget::Agent(call), text));
        }
        Ok((TaskTarget::Agent(call), String::new()))
    }

    fn read(&self, item: &PipelineItem, file: &Located) -> Result<(SourceFile, String), Problem> {
        let read = self.folders.read_text(file, self.limits.task_file_bytes);
        let read = read.map_err(|fault| match fault {
            // The file itself has the line.
            PathFault::NotUtf8 { .. } => fault.of_file(&file.shown),
            PathFault::NotThere
            | PathFault::Outside
            | PathFault::ParentPart
            | PathFault::NoPlainFile
            | PathFault::TooLong { .. }
            | PathFault::Io(_) => self.of_item(item, &fault, &file.shown),
        })?;
        let source =
            SourceFile { path: file.shown.clone(), sha256: read.sha256, bytes: read.text.len() as u64 };
        Ok((source, read.text))
    }

    fn of_item(&self, item: &PipelineItem, fault: &PathFault, what: &str) -> Problem {
        let sentence = format!("{} {}", quoted(what), fault.sentence());
        self.problem(fault.code(), item, sentence, fault.way_out())
    }

    fn problem(
        &self,
        code: ProblemCode,
        item: &PipelineItem,
        sentence: String,
        way_out: impl Into<String>,
    ) -> Problem {
        Problem::new(code, self.file.file.as_str(), item.line, sentence, way_out)
    }
}

/// The Markdown files of a folder, but those that are no tasks.
fn place(
    folders: &ProjectFolders,
    folder: &Path,
    limits: &PipelineLimits,
    no_tasks: &[PathBuf],
) -> Result<SearchedFolder, PathFault> {
    let located = folders.real(folder)?;
    if !located.is_folder {
        return Err(PathFault::NotThere);
    }
    let mut names = folders.names(&located.path, limits.folder_entries)?;
    names.retain(|name| name.to_lowercase().ends_with(".md") && !no_tasks.contains(&located.path.join(name)));
    Ok(SearchedFolder { folder: located.path, names: TaskNames::of(names) })
}
