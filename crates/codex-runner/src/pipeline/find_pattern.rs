//! [`FoundPattern`]: the application implementation pattern in force, and its folder.

use std::path::PathBuf;

use super::pipeline_file::bare;
use super::plan::{PlannedPattern, list};
use super::request::PipelineRequest;
use super::task_names::nearest;
use crate::context::{
    Located, PathFault, Problem, ProblemCode, ProjectFolders, ResolvedContext, fold_key, quoted,
};

/// The pattern in force.
#[derive(Debug)]
pub(super) struct FoundPattern {
    pub(super) folder: Located,
    pub(super) planned: PlannedPattern,
    /// The path that the session context names for it, where that led nowhere.
    pub(super) path_not_used: Option<Problem>,
}

/// The folder that patterns are in, and where it is looked for.
const PATTERNS: &str = "application-implementation-patterns";
const PLACES: [&str; 4] = ["", "ai/context", "ai/agentic-pipeline", "ai"];
/// The keys of a project context that name the pattern.
const KEYS: [&str; 2] = ["project.ApplicationImplementationPattern", "ApplicationImplementationPattern"];

impl FoundPattern {
    pub(super) fn find(
        request: &PipelineRequest,
        folders: &ProjectFolders,
        context: &ResolvedContext,
    ) -> Result<Self, Problem> {
        if let Some(asked) = &request.pattern {
            return Self::named(request, folders, asked, ("the request", None));
        }
        let place = |value: &crate::context::ResolvedValue| {
            (value.file.clone().unwrap_or_else(|| "the request".to_owned()), value.line)
        };
        let path = context.get("ACTIVE_PATTERN_PATH").filter(|value| !value.value.trim().is_empty());
        let by_path = path.map(|value| {
            let found = folders.locate(&value.value, &[folders.pipelines(), folders.project()]);
            let folder =
                found.and_then(|found| if found.is_folder { Ok(found) } else { Err(PathFault::NotThere) });
            folder.map(Self::at).map_err(|fault| (value, fault))
        });
        let path_fault = match by_path {
            Some(Ok(found)) => return Ok(found),
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        let not_used = |way_out: &str| {
            path_fault.as_ref().map(|(value, fault)| {
                let ((file, line), name) = (place(value), quoted(&value.value));
                let sentence = format!("the folder {name} of `ACTIVE_PATTERN_PATH` {}", fault.sentence());
                Problem::new(fault.code(), file, line, sentence, way_out)
            })
        };
        let keys = KEYS.iter().filter_map(|key| context.project(key));
        let named = context.get("ACTIVE_PATTERN_NAME").into_iter().chain(keys);
        if let Some(value) = named.into_iter().find(|value| !value.value.trim().is_empty()) {
            let (file, line) = place(value);
            let mut found = Self::named(request, folders, &value.value, (&file, line))?;
            found.path_not_used = not_used("the pattern is taken by its name");
            return Ok(found);
        }
        if let Some(path) = &request.pipeline_file {
            let located = folders.locate(path, &[folders.project(), folders.pipelines()]);
            let folder =
                located.and_then(|file| folders.real(file.path.parent().unwrap_or(folders.project())));
            return folder.map(Self::at).map_err(|fault| fault.of_file(path));
        }
        if let Some(problem) = not_used("correct it, or name the pattern") {
            return Err(problem);
        }
        let way_out = "write `- Application Implementation Pattern: NAME` into the project context";
        Err(Problem::new(
            ProblemCode::NoPattern,
            context.project_file(),
            None,
            "no pattern is named",
            way_out,
        ))
    }

    /// A pattern by its name, or by the path of its folder.
    fn named(
        request: &PipelineRequest,
        folders: &ProjectFolders,
        text: &str,
        (file, line): (&str, Option<u64>),
    ) -> Result<Self, Problem> {
        let name = link_text(text);
        let problem = |fault: PathFault| {
            let sentence = format!("the pattern {} {}", quoted(name), fault.sentence());
            Problem::new(fault.code(), file, line, sentence, fault.way_out())
        };
        if name.contains('/') {
            let located = folders.locate(name, &[folders.project(), folders.pipelines()]);
            let located = located
                .and_then(|folder| if folder.is_folder { Ok(folder) } else { Err(PathFault::NotThere) });
            return located.map(Self::at).map_err(problem);
        }
        let homes = [folders.pipelines(), folders.project()];
        let homes: Vec<PathBuf> =
            homes.iter().flat_map(|home| PLACES.map(|place| home.join(place).join(PATTERNS))).collect();
        let mut seen: Vec<String> = Vec::new();
        for home in homes {
            let Ok(names) = folders.names(&home, request.limits.folder_entries) else { continue };
            let exact: Vec<&str> = names.iter().map(String::as_str).filter(|other| *other == name).collect();
            let folded = names.iter().map(String::as_str).filter(|other| fold_key(other) == fold_key(name));
            let found = if exact.is_empty() { folded.collect() } else { exact };
            if let [one] = found[..] {
                return folders.real(&home.join(one)).map(Self::at).map_err(problem);
            }
            if found.len() > 1 {
                let sentence = format!("the pattern {} could be {}", quoted(name), list(&found));
                let way_out = "write the name as the folder has it";
                return Err(Problem::new(ProblemCode::Ambiguous, file, line, sentence, way_out));
            }
            seen.extend(names);
        }
        let way_out = match nearest(name, seen.iter().map(String::as_str)) {
            Some(nearest) => format!("the nearest is {}", quoted(nearest)),
            None => format!("put its folder into `ai/context/{PATTERNS}`"),
        };
        Err(Problem::new(
            ProblemCode::NoPattern,
            file,
            line,
            format!("there is no pattern {}", quoted(name)),
            way_out,
        ))
    }

    fn at(folder: Located) -> Self {
        let name = folder.shown.rsplit('/').next().unwrap_or_default().to_owned();
        let planned = PlannedPattern { name, path: folder.shown.clone(), ..PlannedPattern::default() };
        Self { folder, planned, path_not_used: None }
    }
}

/// The text of a link; another text as it is.
fn link_text(text: &str) -> &str {
    let text = text.lines().next().unwrap_or_default().trim();
    let link = text.strip_prefix('[').and_then(|text| text.split_once("](")).map(|(text, _)| text.trim());
    bare(link.unwrap_or(text))
}
