//! What stands against running a pipeline: each is one sentence that names file, line and the way out.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::project::{PATTERN, PROJECT, Project, SESSION};

fn session(text: &str) -> Project {
    Project::new().file(SESSION, text)
}

fn circle(count: usize) -> Project {
    let mut text = String::new();
    for number in 0..count {
        let _ = writeln!(text, "V{number} = ${{V{}}}", (number + 1) % count);
    }
    session(&text)
}

fn explosion() -> Project {
    let mut text = "V0 = `0123456789`\n".to_owned();
    for number in 1..100 {
        let _ = writeln!(text, "V{number} = ${{V{}}}${{V{}}}", number - 1, number - 1);
    }
    session(&text)
}

#[rstest]
#[case::cycle_of_two("cycle_of_two", circle(2))]
#[case::cycle_of_a_thousand("cycle_of_a_thousand", circle(1000))]
#[case::self_reference("self_reference", session("HOME_FOLDER = ${HOME_FOLDER}/x\n"))]
#[case::lookup_of_itself(
    "lookup_of_itself",
    session("NAME = ai/context/project_context.md/domain.name\n")
        .file(PROJECT, "# Project\n- Application Implementation Pattern: crud\n# Domain\n- Name: ${NAME}\n"),
)]
#[case::exponential_expansion("exponential_expansion", explosion())]
#[case::unterminated("unterminated", session("A = `1`\nTASKS = ${A/tasks\n"))]
#[case::unterminated_in_a_block(
    "unterminated_in_a_block",
    Project::new().file(PROJECT, "- Application Implementation Pattern: crud\n- Notes:\n\n    one\n    ${two\n"),
)]
#[case::unterminated_in_an_item("unterminated_in_an_item", Project::new().items("1. ${TARGET_PROJECT/a.md\n"))]
#[case::duplicate_names("duplicate_names", session("A = `1`\n\nB = `2`\n| **A** | again | `3` |\n"))]
#[case::ambiguous_key(
    "ambiguous_key",
    session("PATTERN = ai/context/project_context.md/project.name\n")
        .file(PROJECT, "# Project\n- Name: a\n- name: b\n- Application Implementation Pattern: crud\n"),
)]
#[case::missing_lookup(
    "missing_lookup",
    session("A = no/file.md/project.name\nB = ${PROJECT_CONTEXT}/project.color\n")
)]
#[case::symlink_out_of_the_pattern(
    "symlink_out_of_the_pattern",
    Project::new().file("elsewhere.md", "# Elsewhere\n").items("1. TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/tasks/TASK 03 - Link.task.md"), "../../../../../elsewhere.md"),
)]
#[case::symlink_out_of_the_project(
    "symlink_out_of_the_project",
    Project::new().beside("secret.md", "secret").items("1. TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/tasks/TASK 03 - Link.task.md"), "../../../../../../secret.md"),
)]
#[case::folder_that_is_a_link(
    "folder_that_is_a_link",
    Project::new().beside("other/TASK 03 - Link.task.md", "secret").items("1. linked/TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/linked"), "../../../../../other"),
)]
#[case::parent_in_an_item("parent_in_an_item", Project::new().items("1. ../../TASK 01 - Model.task.md\n"))]
#[case::variable_that_leads_up(
    "variable_that_leads_up",
    session("UP = `..`\n").items("1. ${UP}/TASK 01 - Model.task.md\n"),
)]
#[case::variable_that_leads_out(
    "variable_that_leads_out",
    session("ELSEWHERE = /etc\n").items("1. ${ELSEWHERE}/TASK 01 - Model.task.md\n"),
)]
#[case::unknown_variable_in_an_item("unknown_variable_in_an_item", Project::new().items("1. ${NOWHERE}/a.md\n"))]
#[case::item_that_fits_two(
    "item_that_fits_two",
    Project::new().pattern("tasks/TASK 02 - Model.task.md", "").items("7. Model\n"),
)]
#[case::item_that_fits_none("item_that_fits_none", Project::new().items("1. TASK 01 - Modle.task.md\n"))]
#[case::no_agent(
    "no_agent",
    Project::new().file("coding-agents/sql-ddl-generator/agent.md", "").items("1. agent run sql-dd-generator\n"),
)]
#[case::unreadable_call("unreadable_call", Project::new().items("1. agent run\n2. agent run sql now\n"))]
#[case::empty_pipeline("empty_pipeline", Project::new().items(""))]
#[case::pipeline_without_items("pipeline_without_items", Project::new().items("# Tasks\n\n- TASK 01 - Model.task.md\n"))]
#[case::two_pipelines("two_pipelines", Project::new().pattern("execution-plan.md", "1. Model\n"))]
#[case::no_pattern("no_pattern", Project::new().file(PROJECT, "# Project\n"))]
#[case::unknown_pattern(
    "unknown_pattern",
    Project::new().file(PROJECT, "# Project\n- Application Implementation Pattern: crude\n"),
)]
#[case::missing_schema(
    "missing_schema",
    Project::new()
        .file(PROJECT, "- Application Implementation Pattern: crud\n\n## Domain\n- Domain Object: load ./schemas/order.json\n"),
)]
#[case::task_of_ten_megabytes(
    "task_of_ten_megabytes",
    Project::new().pattern("tasks/TASK 01 - Model.task.md", vec![b'a'; 10 << 20]),
)]
#[case::task_that_is_not_utf_8(
    "task_that_is_not_utf_8",
    Project::new().pattern("tasks/TASK 01 - Model.task.md", b"# Caf\xc3\xa9\n\ncaf\xe9\n"),
)]
#[case::context_that_is_not_utf_8("context_that_is_not_utf_8", Project::new().file(SESSION, b"A = `\xff`\n"))]
#[case::input_outside("input_outside", Project::new().pattern("tasks/TASK 01 - Model.task.md", "# A\n\n## Inputs\n\n- /etc/passwd\n- ../x.md\n"))]
fn it_is_one_sentence_with_file_line_and_way_out(#[case] name: &str, #[case] project: Project) {
    let started = Instant::now();
    let plan = project.plan();
    assert!(!plan.is_runnable());
    assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
    let complaints = project.complaints(&plan);
    assert!(complaints.lines().all(|line| line.len() < 600), "{complaints}");
    insta::assert_snapshot!(name, complaints);
}

#[test]
fn a_project_that_is_not_there_is_a_problem() {
    let project = Project::new();
    let plan = codex_ledger::PipelineRequest::new(project.outside().join("nowhere")).plan();
    let expected = "problem: /tmp/nowhere: the folder is not there; name the folder of the project\n";
    assert_eq!(project.complaints(&plan), expected);
}

#[test]
fn a_thousand_variables_that_are_a_chain_are_fine() {
    let mut text = "V0 = `end`\n".to_owned();
    for number in 1..5000 {
        let _ = writeln!(text, "V{number} = ${{V{}}}", number - 1);
    }
    let plan = session(&text).plan();
    assert!(plan.is_runnable(), "{:?}", plan.problems);
    assert_eq!(plan.value("V4999"), Some("end"));
}

#[test]
fn windows_line_ends_change_nothing() {
    let unix = Project::new()
        .file(SESSION, "A = `1`\n\n| **B** | b | `${A}` |\n\n## Globals\n- c: ${A}\n")
        .file(
            PROJECT,
            "# Project\n- Name:\n\n    Shop\n    two\n- Application Implementation Pattern: crud\n",
        )
        .items("# Turn 1\n1. `TASK 01 - Model.task.md`\n2. Views\n");
    let expected = unix.show(&unix.plan());
    let windows = |path: &str| {
        let text = std::fs::read_to_string(unix.root().join(path)).unwrap();
        std::fs::write(unix.root().join(path), text.replace('\n', "\r\n")).unwrap();
    };
    [SESSION, PROJECT, &format!("{PATTERN}/task-pipeline.md")].into_iter().for_each(windows);
    assert!(unix.plan().is_runnable());
    assert_eq!(unix.show(&unix.plan()), expected);
}
