//! A plan: shown without running, or one sentence on why there is none.

use std::fs;

use rstest::rstest;

use super::{PATTERN, shop};
use crate::project::files_below;

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

#[rstest]
#[case::no_such_item(&[("task-pipeline.md", "1. TASK 01 - Stoer\n")], &[], "task-pipeline.md:1: no task file fits")]
#[case::empty(&[("task-pipeline.md", "Nothing yet.\n")], &[], "the pipeline has no items")]
#[case::two_files(&[("tasks/TASK 01 – store.task.md", "# Other\n"), ("task-pipeline.md", "1. task 01 - STORE\n")], &[], "could be")]
#[case::windows_is_fine_but_not_latin1(&[("tasks/TASK 01 - Store.task.md", "\u{0}LATIN1")], &[], "not UTF-8")]
#[case::too_long(&[("tasks/TASK 01 - Store.task.md", "\u{0}LONG")], &[], "TASK 01 - Store.task.md")]
#[case::no_such_task(&[], &["--from", "TASK 9"], "no task is named `TASK 9`")]
#[case::nobody_writes_the_input(&[], &["--from", "2"], "TASK 02 - Report.task.md needs src/store.txt, which is not there")]
fn bad_input_is_one_sentence_and_nothing_runs(
    #[case] files: &[(&str, &str)],
    #[case] words: &[&str],
    #[case] sentence: &str,
) {
    let project = shop();
    for (name, text) in files {
        let bytes = match *text {
            "\u{0}LATIN1" => b"# Store\n\ncaf\xe9\n".to_vec(),
            "\u{0}LONG" => vec![b'x'; 10 << 20],
            text => text.as_bytes().to_vec(),
        };
        fs::write(project.work(&format!("{PATTERN}/{name}")), bytes).unwrap();
    }
    let before = files_below(&project.path("work"));
    let words: Vec<&str> = [&["pipeline", "run"], words].concat();
    let ran = project.turns(&words);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let errors: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{ran:?}");
    assert!(errors[0].contains(sentence), "{ran:?}");
    assert_eq!(files_below(&project.path("work")), before, "nothing was written");
    assert_eq!(project.git(&["for-each-ref", "refs/turns"]), "");
}
