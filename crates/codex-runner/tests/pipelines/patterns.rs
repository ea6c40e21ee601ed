//! Patterns and their files under all the names that they have.

use codex_runner::PipelineFile;
use rstest::rstest;

use crate::project::{PATTERN, PROJECT, Project, SESSION};

fn named(pattern: &str) -> Project {
    Project::new().file(PROJECT, format!("# Project\n- Application Implementation Pattern: {pattern}\n"))
}

#[rstest]
#[case::name(named("crud"))]
#[case::folded(named("C-R_U D"))]
#[case::code(named("`crud`"))]
#[case::link(named("[crud](https://example.com)"))]
#[case::path(named("ai/context/application-implementation-patterns/crud"))]
#[case::session_name(Project::new().file(PROJECT, "").file(SESSION, "ACTIVE_PATTERN_NAME = crud\n"))]
#[case::session_path(Project::new().file(PROJECT, "").file(SESSION, format!("ACTIVE_PATTERN_PATH = /{PATTERN}\n")))]
#[case::session_lookup(
    Project::new().file(SESSION, "ACTIVE_PATTERN_NAME = ${PROJECT_CONTEXT}/project.ApplicationImplementationPattern\n")
)]
fn the_pattern_in_force_is_found(#[case] project: Project) {
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    let header = plan.pattern.unwrap().header();
    assert_eq!((header.name.as_str(), header.path.as_str()), ("crud", PATTERN));
}

#[rstest]
#[case("task-pipeline.md")]
#[case("tasks/task-pipeline.md")]
#[case("tasks/tasks-pipeline.md")]
#[case("execution-plan.md")]
fn the_pipeline_has_one_of_its_names(#[case] name: &str) {
    assert!(PipelineFile::NAMES.contains(&name));
    let project = Project::new();
    std::fs::remove_file(project.root().join(PATTERN).join("task-pipeline.md")).unwrap();
    let project = project.pattern(name, "1. Model\n");
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    assert_eq!(plan.pipeline.unwrap().path, format!("{PATTERN}/{name}"));
}

#[rstest]
#[case("pattern_context.md")]
#[case("context/pattern_context.md")]
#[case("crud.pattern.md")]
#[case("application_implementation_pattern.md")]
fn the_context_of_a_pattern_has_one_of_its_names(#[case] name: &str) {
    let project = Project::new();
    std::fs::remove_file(project.root().join(PATTERN).join("pattern_context.md")).unwrap();
    let project =
        project.pattern(name, "# CRUD\n\n## CONSTRAINTS:\n\nJava 21\n\n### Style\n\nplain\n\n## Else\n\nx\n");
    let pattern = project.plan().pattern.unwrap();
    assert_eq!(pattern.context.unwrap().path, format!("{PATTERN}/{name}"));
    assert_eq!(pattern.constraints.as_deref(), Some("Java 21\n\n### Style\n\nplain"));
}

#[test]
fn a_path_that_leads_nowhere_gives_way_to_the_name() {
    let project = Project::new().file(SESSION, "ACTIVE_PATTERN_PATH = /project/patterns/crud\n");
    let plan = project.plan();
    assert_eq!(plan.pattern.as_ref().unwrap().path, PATTERN);
    let expected = "warning: ai/context/session_context.md:1: the folder `/project/patterns/crud` of `ACTIVE_PATTERN_PATH` \
                    is not there; the pattern is taken by its name\n";
    assert_eq!(project.complaints(&plan), expected);
}

#[test]
fn an_empty_pipeline_file_beside_a_full_one_is_passed_over() {
    let project = Project::new().pattern("execution-plan.md", "");
    assert!(project.plan().is_runnable());
}

#[test]
fn a_pipeline_that_is_named_needs_no_pattern_in_force() {
    let project = Project::new().file(PROJECT, "# Project\n").file("jobs/nightly.md", "1. Sweep\n");
    let project = project.file("jobs/TASK - Sweep.task.md", "# Sweep\n");
    let plan = project.request().pipeline_file("jobs/nightly.md").plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    assert_eq!(plan.tasks[0].title, "Sweep");
}

#[test]
fn a_project_without_contexts_is_told_what_it_could_have() {
    let project = Project::empty().file("jobs/task-pipeline.md", "1. Sweep\n").file("jobs/Sweep.md", "go\n");
    let plan = project.request().pattern("jobs/").plan();
    insta::assert_snapshot!(project.show(&plan));
    assert!(plan.is_runnable());
}
