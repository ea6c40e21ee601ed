//! [`Project`]: a folder with contexts and a pattern, made for one test.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use codex_runner::{PipelinePlan, PipelineRequest, TaskTarget};
use tempfile::TempDir;

/// The folder of the pattern of most tests.
pub(crate) const PATTERN: &str = "ai/context/application-implementation-patterns/crud";
pub(crate) const SESSION: &str = "ai/context/session_context.md";
pub(crate) const PROJECT: &str = "ai/context/project_context.md";

/// A project in `shop`, and room for other folders beside it.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Nothing at all.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("shop")).unwrap();
        Self { folder }
    }

    /// A project with a pattern of two tasks.
    pub(crate) fn new() -> Self {
        Self::empty()
            .file(SESSION, "TARGET_PROJECT = `/project/${TARGET_PROJECT}`\n")
            .file(
                PROJECT,
                "# project\n\n## Project\n\n- Name: Shop\n- Application Implementation Pattern: crud\n",
            )
            .pattern(
                "task-pipeline.md",
                "# Turn 1\n\n1. TASK 01 - Model.task.md\n2. TASK 02 - Views.task.md\n",
            )
            .pattern("pattern_context.md", "# CRUD\n")
            .pattern("tasks/TASK 01 - Model.task.md", "# Model\n\nWrite the model.\n")
            .pattern("tasks/TASK 02 - Views.task.md", "# Views\n\nWrite the views.\n")
    }

    pub(crate) fn root(&self) -> PathBuf {
        fs::canonicalize(self.folder.path().join("shop")).unwrap()
    }

    /// The folder around the project.
    pub(crate) fn outside(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap()
    }

    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A file of the pattern.
    pub(crate) fn pattern(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.file(&format!("{PATTERN}/{path}"), text)
    }

    /// The items of the pipeline.
    pub(crate) fn items(self, text: &str) -> Self {
        self.pattern("task-pipeline.md", text)
    }

    /// A file beside the project, which nothing of the project may read.
    pub(crate) fn beside(self, path: &str, text: &str) -> Self {
        let path = self.outside().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    pub(crate) fn without(self, path: &str) -> Self {
        fs::remove_file(self.root().join(path)).unwrap();
        self
    }

    pub(crate) fn request(&self) -> PipelineRequest {
        PipelineRequest::new(self.root())
    }

    pub(crate) fn plan(&self) -> PipelinePlan {
        self.request().plan()
    }

    /// A text without the place where this test happens to run.
    pub(crate) fn tame(&self, text: &str) -> String {
        text.replace(&self.outside().display().to_string(), "/tmp")
    }

    /// What a plan comes to.
    pub(crate) fn show(&self, plan: &PipelinePlan) -> String {
        let mut text = String::new();
        for value in plan.values.iter().filter(|value| value.file.is_some()) {
            let _ =
                writeln!(text, "{:?} {} = {:?} ({})", value.scope, value.name, value.value, value.source());
        }
        for task in &plan.tasks {
            let target = match &task.target {
                TaskTarget::File { file, matched, .. } => format!("{} {matched:?}", file.path),
                TaskTarget::Agent(call) => format!("{:?} {:?}", call.folder, call.arguments),
                other => format!("{other:?}"),
            };
            let group = task.group.map_or_else(|| "-".to_owned(), |group| group.to_string());
            let _ = writeln!(
                text,
                "task {} ({}., turn {group}, line {}) {:?}: {target}",
                task.position, task.label, task.line, task.title
            );
            for input in &task.inputs {
                let _ = writeln!(text, "  input {:?} {} line {}", input.state, input.path, input.line);
            }
        }
        for schema in &plan.schemas {
            let _ = writeln!(text, "schema {} ({}, line {})", schema.file.path, schema.role, schema.line);
        }
        text.push_str(&self.complaints(plan));
        self.tame(&text)
    }

    /// What a plan complains about, one sentence a line.
    pub(crate) fn complaints(&self, plan: &PipelinePlan) -> String {
        let problems = plan.problems.iter().map(|problem| format!("problem: {problem}\n"));
        let warnings = plan.warnings.iter().map(|warning| format!("warning: {warning}\n"));
        self.tame(&problems.chain(warnings).collect::<String>())
    }
}
