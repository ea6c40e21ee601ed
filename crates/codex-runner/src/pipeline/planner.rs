//! [`Planner`]: reads a project step by step into a plan.

use std::path::Path;

use super::domain_schemas::domain_schemas;
use super::find_pattern::FoundPattern;
use super::find_task::TaskFinder;
use super::pipeline_file::{ItemForm, PipelineFile, PipelineItem};
use super::plan::{PipelinePlan, PlannedTask, SourceFile, TaskTarget, list};
use super::request::PipelineRequest;
use super::task_inputs::TaskInputs;
use crate::context::{
    ComputedValues, Located, PathFault, PatternContext, Problem, ProblemCode, ProjectContext, ProjectFolders,
    Resolver, SessionContext, constraints, first_heading, quoted, turn_directory,
};

/// Reads a project step by step into a plan; what goes wrong is put into the plan.
pub(super) struct Planner<'a> {
    request: &'a PipelineRequest,
    plan: PipelinePlan,
}

const SESSION_CONTEXTS: [&str; 3] =
    ["ai/context/session_context.md", "ai/session_context.md", "session_context.md"];
const PROJECT_CONTEXTS: [&str; 3] =
    ["ai/context/project_context.md", "ai/project_context.md", "project_context.md"];

impl<'a> Planner<'a> {
    pub(super) fn new(request: &'a PipelineRequest) -> Self {
        Self { request, plan: PipelinePlan::default() }
    }

    pub(super) fn plan(mut self) -> PipelinePlan {
        let request = self.request;
        let folders = match ProjectFolders::open(&request.project, request.pipelines.as_deref()) {
            Ok(folders) => folders,
            Err((path, fault)) => {
                let sentence = format!("the folder {}", fault.sentence());
                let path = path.display().to_string();
                self.problem(Problem::new(
                    fault.code(),
                    path,
                    None,
                    sentence,
                    "name the folder of the project",
                ));
                return self.plan;
            }
        };
        let folders = self.contexts(folders);
        let Some(pattern) = self.pattern(&folders) else { return self.plan };
        if let Some((file, items)) = self.pipeline(&folders, &pattern) {
            self.tasks(&folders, &pattern, &file, &items);
        }
        self.plan
    }

    /// Reads the contexts and resolves them; gives the folders with their other names.
    fn contexts(&mut self, folders: ProjectFolders) -> ProjectFolders {
        let limits = &self.request.limits;
        let session =
            self.context_file(&folders, self.request.session_context.as_deref(), &[], &SESSION_CONTEXTS);
        let session = session.map(|(source, text)| {
            let session = SessionContext::parse_within(&source.path, &text, limits);
            self.plan.session_context = Some(source);
            session
        });
        let session = session.unwrap_or_default();
        self.plan.problems.extend(session.problems.iter().cloned());
        self.plan.warnings.extend(session.warnings.iter().cloned());

        // What the session says of the project is needed to find the project's context, and not the other way round.
        let first = self.resolver(&session, &ProjectContext::default(), &folders, None).resolve();
        let folders = first.with_aliases(folders);
        let named = first.get("PROJECT_CONTEXT").filter(|value| value.is_complete());
        let named: Vec<&str> = named.map(|value| value.value.as_str()).into_iter().collect();
        let project =
            self.context_file(&folders, self.request.project_context.as_deref(), &named, &PROJECT_CONTEXTS);
        let project = project.map(|(source, text)| {
            let project = ProjectContext::parse_within(&source.path, &text, limits);
            self.plan.project_context = Some(source);
            project
        });
        let project = project.unwrap_or_default();
        self.plan.problems.extend(project.problems.iter().cloned());
        self.plan.warnings.extend(project.warnings.iter().cloned());

        let context = self
            .resolver(&session, &project, &folders, Some(&project.file))
            .files(&folders, limits)
            .resolve();
        self.plan.problems.extend(context.problems.iter().cloned());
        self.plan.warnings.extend(context.warnings.iter().cloned());
        self.plan.context = context.complete(&self.request.computed);
        self.plan.values.clone_from(&self.plan.context.values);
        self.check_target(&folders);
        let (schemas, problems) = domain_schemas(&folders, &self.plan.context, &project, limits);
        self.plan.schemas = schemas;
        self.plan.problems.extend(problems);
        folders
    }

    fn resolver<'b>(
        &'b self,
        session: &'b SessionContext,
        project: &'b ProjectContext,
        folders: &ProjectFolders,
        project_file: Option<&str>,
    ) -> Resolver<'b> {
        let text = |path: &Path| path.display().to_string();
        let mut resolver = Resolver::new(session, project, &self.request.outer)
            .known("TARGET_PROJECT", text(folders.project()))
            .known("AGENTIC_PIPELINE_PROJECT", text(folders.pipelines()))
            .computed("CURRENT_TURN_DIRECTORY", turn_directory(folders.project()));
        if let Some(file) = project_file.filter(|file| !file.is_empty()) {
            resolver = resolver.known("PROJECT_CONTEXT", text(&folders.project().join(file)));
        }
        for name in ComputedValues::NAMES {
            resolver = resolver.pending(name);
        }
        resolver
    }

    /// Reads the first context that is there: the one that was asked for, or one that is usual.
    fn context_file(
        &mut self,
        folders: &ProjectFolders,
        asked: Option<&str>,
        named: &[&str],
        usual: &[&str],
    ) -> Option<(SourceFile, String)> {
        let bases = [folders.project(), folders.pipelines()];
        if let Some(path) = asked {
            let located = folders.locate(path, &bases).map_err(|fault| fault.of_file(path));
            return self
                .kept(located)
                .and_then(|file| self.read(folders, &file, self.request.limits.context_file_bytes));
        }
        for path in named.iter().chain(usual) {
            match folders.locate(path, &bases) {
                Ok(file) if !file.is_folder => {
                    return self.read(folders, &file, self.request.limits.context_file_bytes);
                }
                Ok(_) | Err(PathFault::NotThere) if named.contains(path) => {
                    let sentence = "the file is not there, and `PROJECT_CONTEXT` names it";
                    let warning =
                        Problem::new(ProblemCode::MissingFile, *path, None, sentence, "correct one of them");
                    self.plan.warnings.push(warning);
                }
                Ok(_) | Err(PathFault::NotThere) => {}
                Err(fault) => {
                    self.problem(fault.of_file(path));
                    return None;
                }
            }
        }
        let problem = Problem::new(
            ProblemCode::MissingFile,
            usual[0],
            None,
            "the file is not there",
            "write it if the pipeline needs values of its own",
        );
        self.plan.warnings.push(problem);
        None
    }

    /// Says so where the context names another folder as the project than the one that is read.
    fn check_target(&mut self, folders: &ProjectFolders) {
        let Some(value) = self.plan.context.get("TARGET_PROJECT") else { return };
        let real = folders.project().display().to_string();
        let (Some(file), true) = (&value.file, value.value.trim_end_matches('/') != real) else { return };
        self.plan.project_elsewhere = Some(value.value.clone());
        let sentence = format!("`TARGET_PROJECT` is {}, and the project is elsewhere", quoted(&value.value));
        let way_out = "paths below it are read from where the project is";
        let warning = Problem::new(ProblemCode::Differs, file.as_str(), value.line, sentence, way_out);
        self.plan.warnings.push(warning);
    }

    fn pattern(&mut self, folders: &ProjectFolders) -> Option<FoundPattern> {
        let found = FoundPattern::find(self.request, folders, &self.plan.context);
        let mut pattern = self.kept(found)?;
        self.plan.warnings.extend(pattern.path_not_used.take());
        for name in PatternContext::names(&pattern.planned.name) {
            let file = match folders.real(&pattern.folder.path.join(&name)) {
                Err(PathFault::NotThere) => continue,
                Ok(file) if !file.path.starts_with(&pattern.folder.path) => Err(PathFault::Outside),
                found => found,
            };
            // A pattern is not run without its constraints because they cannot be read.
            let file = file.map_err(|fault| fault.of_file(&format!("{}/{name}", pattern.folder.shown)));
            let Some(file) = self.kept(file) else { continue };
            if let Some((source, text)) = self.read(folders, &file, self.request.limits.context_file_bytes) {
                pattern.planned.constraints = PatternContext::parse(&source.path, &text).constraints;
                pattern.planned.context = Some(source);
            }
            break;
        }
        self.plan.pattern = Some(pattern.planned.clone());
        Some(pattern)
    }

    /// Reads the pipeline file.
    fn pipeline(
        &mut self,
        folders: &ProjectFolders,
        pattern: &FoundPattern,
    ) -> Option<(Located, PipelineFile)> {
        let limit = self.request.limits.pipeline_file_bytes;
        let mut candidates: Vec<Located> = Vec::new();
        if let Some(path) = self.request.pipeline_file.as_deref() {
            let bases = [pattern.folder.path.as_path(), folders.project(), folders.pipelines()];
            let located = folders.locate(path, &bases).map_err(|fault| fault.of_file(path));
            candidates.push(self.kept(located)?);
        } else {
            for name in PipelineFile::NAMES {
                match folders.real(&pattern.folder.path.join(name)) {
                    Ok(file) if file.path.starts_with(&pattern.folder.path) => candidates.push(file),
                    Ok(_) | Err(PathFault::Outside) => {
                        self.problem(PathFault::Outside.of_file(&format!("{}/{name}", pattern.folder.shown)));
                        return None;
                    }
                    Err(_) => {}
                }
            }
            candidates.dedup_by(|one, other| one.path == other.path);
        }
        let mut read = Vec::new();
        for file in candidates {
            let (source, text) = self.read(folders, &file, limit)?;
            let parsed = PipelineFile::parse(&source.path, &text);
            read.push((file, source, parsed));
        }
        if read.len() > 1 && read.iter().any(|(_, _, parsed)| !parsed.items.is_empty()) {
            read.retain(|(_, _, parsed)| !parsed.items.is_empty());
        }
        if read.len() > 1 {
            let names: Vec<&str> = read.iter().map(|(_, source, _)| source.path.as_str()).collect();
            let sentence = format!("the pipeline could be {}", list(&names));
            let way_out = "name the one that is meant, or remove the others";
            self.problem(Problem::new(
                ProblemCode::Ambiguous,
                pattern.folder.shown.as_str(),
                None,
                sentence,
                way_out,
            ));
            return None;
        }
        let Some((file, source, parsed)) = read.pop() else {
            let sentence = format!("the pattern has none of {}", list(&PipelineFile::NAMES));
            let way_out = "write `task-pipeline.md` with one numbered line for each task";
            self.problem(Problem::new(
                ProblemCode::EmptyPipeline,
                pattern.folder.shown.as_str(),
                None,
                sentence,
                way_out,
            ));
            return None;
        };
        self.plan.problems.extend(parsed.problems.iter().cloned());
        self.plan.warnings.extend(parsed.warnings.iter().cloned());
        self.plan.pipeline = Some(source);
        if parsed.items.is_empty() && parsed.problems.is_empty() {
            let way_out = "write one numbered line for each task, such as `1. TASK 01 - Model.task.md`";
            let sentence = "the pipeline has no items";
            let file = parsed.file.as_str();
            self.problem(Problem::new(ProblemCode::EmptyPipeline, file, 1, sentence, way_out));
        }
        if let Some(item) = parsed.items.get(self.request.limits.items) {
            let sentence = format!("the pipeline has more than {} items", self.request.limits.items);
            let way_out = "split it into several pipelines";
            self.problem(Problem::new(
                ProblemCode::TooLong,
                parsed.file.as_str(),
                item.line,
                sentence,
                way_out,
            ));
            return None;
        }
        Some((file, parsed))
    }

    fn tasks(
        &mut self,
        folders: &ProjectFolders,
        pattern: &FoundPattern,
        file: &Located,
        parsed: &PipelineFile,
    ) {
        let context = self.plan.context.clone();
        let finder = TaskFinder::new(folders, &context, pattern, file, parsed, &self.request.limits);
        let finder = match finder {
            Ok(finder) => finder,
            Err(problem) => return self.problem(problem),
        };
        self.plan.warnings.extend(finder.warnings.iter().cloned());
        let inputs = TaskInputs::of(folders, &context, &self.request.limits);
        let mut bytes = 0;
        for (item, position) in parsed.items.iter().zip(1..) {
            let resolved = finder.find(item);
            let Some((target, body)) = self.kept(resolved) else {
                // So many show that all of it is wrong, and each took a look at all names.
                if self.plan.problems.len() >= PROBLEMS {
                    return;
                }
                continue;
            };
            let mut task = task_of(item, position, target, body);
            task.inputs = inputs.find(&task);
            task.variables = inputs.variables(&task);
            bytes += task.body.len() + task.variables.iter().map(|used| used.value.len()).sum::<usize>();
            if bytes > self.request.limits.tasks_bytes {
                return self.problem(too_much(parsed, item, self.request.limits.tasks_bytes));
            }
            let (problems, warnings) = inputs.complaints(&task);
            self.plan.problems.extend(problems);
            self.plan.warnings.extend(warnings);
            self.plan.tasks.push(task);
        }
    }

    fn read(&mut self, folders: &ProjectFolders, file: &Located, limit: u64) -> Option<(SourceFile, String)> {
        let read = folders.read_text(file, limit).map_err(|fault| fault.of_file(&file.shown));
        let read = self.kept(read)?;
        let source =
            SourceFile { path: file.shown.clone(), sha256: read.sha256, bytes: read.text.len() as u64 };
        Some((source, read.text))
    }

    fn kept<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problem(problem)).ok()
    }

    fn problem(&mut self, problem: Problem) {
        self.plan.problems.push(problem);
    }
}

fn too_much(file: &PipelineFile, item: &PipelineItem, limit: usize) -> Problem {
    let sentence = format!("the tasks up to here and their values are together longer than {limit} bytes");
    Problem::new(ProblemCode::TooLong, file.file.as_str(), item.line, sentence, "split the pipeline")
}

/// After so many problems no further item is resolved.
const PROBLEMS: usize = 100;

fn task_of(item: &PipelineItem, position: usize, target: TaskTarget, body: String) -> PlannedTask {
    let id = match (&target, &item.form) {
        (TaskTarget::File { file, .. }, _) => file.path.rsplit('/').next().unwrap_or(&file.path).to_owned(),
        (TaskTarget::Agent(call), _) => format!("agent {}", call.name),
    };
    let title = match &item.form {
        ItemForm::Task => first_heading(&body).map_or_else(|| plain_title(&id).to_owned(), str::to_owned),
        ItemForm::Agent(_) => item.text.clone(),
    };
    PlannedTask {
        position,
        label: item.label.clone(),
        group: item.group,
        line: item.line,
        item: item.text.clone(),
        id,
        title,
        target,
        inputs: Vec::new(),
        variables: Vec::new(),
        constraints: constraints(&body),
        body,
    }
}

/// The name of a task file without its ending.
fn plain_title(id: &str) -> &str {
    let stem = id.strip_suffix(".md").unwrap_or(id);
    stem.strip_suffix(".task").unwrap_or(stem)
}
