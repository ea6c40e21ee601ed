//! A plan: shown without running, or one sentence on why there is none.

use std::fs;

use rstest::rstest;

use super::{PATTERN, shop};
use crate::project::{Project, files_below};

#[test]
fn a_plan_is_shown_and_nothing_runs() {
    let project = shop();
    let before = files_below(&project.path("work"));
    let ran = project.turns(&["pipeline", "check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!("pipeline_check", ran.stdout);
    assert!(ran.stderr.contains("src/store.txt"), "that it is missing is a warning: {ran:?}");
    let json = project.turns(&["pipeline", "check", "--json"]).json();
    assert_eq!(json["tasks"][1]["inputs"][0]["state"], "missing");
    assert_eq!(files_below(&project.path("work")), before);
}

const TASK: &str = "ai/context/application-implementation-patterns/shop/tasks/TASK 01 - Store.task.md";
const ITEMS: &str = "ai/context/application-implementation-patterns/shop/task-pipeline.md";
const SESSION: &str = "ai/context/session_context.md";
const CONTEXT: &str = "ai/context/project_context.md";

#[rstest]
#[case::no_such_item(ITEMS, "1. TASK 01 - Stoer\n")]
#[case::no_items(ITEMS, "Nothing yet.\n")]
#[case::nothing_at_all(ITEMS, "")]
#[case::circle(SESSION, "A = ${B}\n\nB = ${C}\n\nC = ${A}\n")]
#[case::unterminated(SESSION, "A = `1`\n\nB = ${A\n")]
#[case::two_of_a_name(SESSION, "A = `1`\n\nA = `2`\n")]
#[case::leads_up(ITEMS, "1. ${UP}/TASK 01 - Store.task.md\n")]
#[case::missing_schema(CONTEXT, SCHEMA)]
#[case::too_long(TASK, LONG)]
fn bad_input_is_one_sentence_and_nothing_runs(#[case] path: &str, #[case] text: &str) {
    let project = shop();
    project.write(SESSION, "UP = ../secret\n");
    project.write(path, &if text == LONG { "x".repeat(10 << 20) } else { text.to_owned() });
    insta::assert_snapshot!(name(), refused(&project, &[]));
}

/// The name of the case that runs.
fn name() -> String {
    let thread = std::thread::current();
    let case = thread.name().and_then(|name| name.rsplit("case_").next()).unwrap();
    case.split_once('_').unwrap().1.to_owned()
}

const LONG: &str = "ten megabytes";
const SCHEMA: &str = "\
# Project

- Application Implementation Pattern: shop

## Domain

- Domain Object: load ./schemas/order.schema.json
";

#[rstest]
#[case::no_such_task(&["--from", "TASK 9"])]
#[case::input_that_no_task_writes(&["--from", "2"])]
#[case::no_such_pattern(&["--pattern", "shoop"])]
fn a_choice_that_cannot_be_is_one_sentence_and_nothing_runs(#[case] words: &[&str]) {
    insta::assert_snapshot!(name(), refused(&shop(), words));
}

#[test]
fn a_task_that_two_files_could_be_or_that_is_no_text_or_a_way_out_is_one_sentence() {
    let two = shop();
    two.write(&format!("{PATTERN}/tasks/TASK 01 – store.task.md"), "# Other\n");
    two.write(ITEMS, "1. task 01 - STORE\n");
    insta::assert_snapshot!("two_files", refused(&two, &[]));
    let latin = shop();
    fs::write(latin.work(TASK), b"# Store\n\ncaf\xe9\n").unwrap();
    insta::assert_snapshot!("not_utf8", refused(&latin, &[]));
    let link = shop();
    fs::write(link.path("secret.md"), "# Secret\n").unwrap();
    fs::remove_file(link.work(TASK)).unwrap();
    std::os::unix::fs::symlink(link.path("secret.md"), link.work(TASK)).unwrap();
    insta::assert_snapshot!("link", refused(&link, &[]));
}

/// What a pipeline is refused with: exit code 2, one error, and no trace.
fn refused(project: &Project, words: &[&str]) -> String {
    let before = files_below(&project.path("work"));
    let ran = project.turns(&[&["pipeline", "run"], words].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    let errors = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{ran:?}");
    assert_eq!(files_below(&project.path("work")), before, "nothing was written");
    assert_eq!(project.git(&["for-each-ref", "refs/turns"]), "");
    ran.stderr
}

#[test]
fn windows_line_ends_change_nothing() {
    let project = shop();
    let plan = project.turns(&["pipeline", "check", "--json"]).json();
    for path in [SESSION, CONTEXT, ITEMS] {
        project.write(path, &project.read(path).replace('\n', "\r\n"));
    }
    let again = project.turns(&["pipeline", "check", "--json"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let again = again.json();
    assert_eq!(again["tasks"], plan["tasks"]);
    assert_eq!(again["values"], plan["values"]);
}
