//! [`domain_schemas`]: the schemas that a project context names.

use super::pipeline_file::bare;
use super::plan::{DomainSchema, SourceFile};
use crate::context::{
    PipelineLimits, Problem, ProblemCode, ProjectContext, ProjectFolders, ResolvedContext, fold_key, quoted,
};

/// The keys that name a schema, folded.
const ROLES: [&str; 4] =
    ["domainobject", "restapirequestschema", "restapiresponseschema", "persisteddataschema"];

/// Finds and hashes the schemas; each that is not there is a problem.
pub(super) fn domain_schemas(
    folders: &ProjectFolders,
    context: &ResolvedContext,
    project: &ProjectContext,
    limits: &PipelineLimits,
) -> (Vec<DomainSchema>, Vec<Problem>) {
    let (mut schemas, mut problems) = (Vec::new(), Vec::new());
    let beside = folders.locate(&project.file, &[folders.project()]).ok();
    let beside = beside.as_ref().and_then(|file| file.path.parent()).unwrap_or(folders.project());
    let values = &context.values[context.values.len() - project.entries.len()..];
    for (entry, value) in project.entries.iter().zip(values) {
        if !ROLES.contains(&fold_key(&entry.key).as_str()) {
            continue;
        }
        for text in value.value.lines().filter_map(path_in) {
            let bases = if text.starts_with("./") {
                [beside, folders.project(), folders.pipelines()]
            } else {
                [folders.project(), beside, folders.pipelines()]
            };
            let hashed = folders.locate(text, &bases).and_then(|file| {
                let (sha256, bytes) = folders.hash(&file, limits.hashed_file_bytes)?;
                Ok(SourceFile { path: file.shown, sha256, bytes })
            });
            match hashed {
                Ok(file) => schemas.push(DomainSchema { role: entry.key.clone(), line: entry.line, file }),
                Err(fault) => {
                    let is_missing = fault.code() == ProblemCode::MissingFile;
                    let code = if is_missing { ProblemCode::MissingSchema } else { fault.code() };
                    let sentence =
                        format!("the schema {} of {} {}", quoted(text), quoted(&entry.key), fault.sentence());
                    problems.push(Problem::new(
                        code,
                        project.file.as_str(),
                        entry.line,
                        sentence,
                        fault.way_out(),
                    ));
                }
            }
        }
    }
    (schemas, problems)
}

/// The path in a value such as `load ./x.json`; nothing where it is a name or a sentence.
fn path_in(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let after = line.get(..5).filter(|start| start.eq_ignore_ascii_case("load ")).map(|_| &line[5..]);
    let path = bare(after.unwrap_or(line));
    let is_path = after.is_some() || path.contains('/') || has_ending(path);
    (is_path && !path.is_empty() && !path.contains(char::is_whitespace) && !path.contains("://"))
        .then_some(path)
}

fn has_ending(path: &str) -> bool {
    [".json", ".yaml", ".yml", ".md"].iter().any(|ending| path.to_lowercase().ends_with(ending))
}
