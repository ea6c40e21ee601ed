//! Files that are within their limits and still could take for ever: reading them ends soon.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::project::{PROJECT, Project, SESSION};

const NAMES_THE_PATTERN: &str = "- Application Implementation Pattern: crud\n";

/// Ten thousand variables, each the value of another key.
fn lookups() -> Project {
    let (mut session, mut project) = (String::new(), format!("# P\n{NAMES_THE_PATTERN}"));
    for number in 0..9_000 {
        let _ = writeln!(session, "V{number} = `${{PROJECT_CONTEXT}}/p.k{number}`");
        let _ = writeln!(project, "- K {number}: {{{{p.k{}}}}}", number / 2 + 9_000);
    }
    Project::new().file(SESSION, session).file(PROJECT, project)
}

/// Ten thousand keys of one name, and as many that refer to it.
fn keys_of_one_name() -> Project {
    let (mut session, mut project) = (String::new(), format!("# P\n{NAMES_THE_PATTERN}"));
    for number in 0..9_000 {
        let _ = writeln!(session, "V{number} = `${{PROJECT_CONTEXT}}/h{number}.name`");
        let _ = writeln!(project, "- Name: {number}");
    }
    Project::new().file(SESSION, session).file(PROJECT, project)
}

/// Circles of every length, each through the first variable.
fn circles() -> Project {
    let mut session = String::new();
    for number in 0..9_000 {
        let _ = writeln!(session, "V{number} = ${{V0}}${{V{}}}", number + 1);
    }
    Project::new().file(SESSION, session)
}

/// Instructions that are opened and never closed, in a value and in an item.
fn open_instructions() -> Project {
    let open = "{{ ".repeat(300_000);
    Project::new().file(SESSION, format!("A = `{open}${{B}}`\n")).items(&format!("1. Model\n2. {open}\n"))
}

/// Titles and paths, each for one of many tasks.
fn titles() -> Project {
    let mut project = Project::new();
    for number in 0..9_000 {
        project = project.pattern(&format!("tasks/TASK - T{number}.md"), "");
    }
    let items = (0..500).map(|number| format!("1. T{number}\n2. ./tasks/T{number}\n"));
    project.items(&items.collect::<String>())
}

#[rstest]
#[case::titles(titles())]
#[case::lookups(lookups())]
#[case::keys_of_one_name(keys_of_one_name())]
#[case::circles(circles())]
#[case::open_instructions(open_instructions())]
fn reading_ends_soon(#[case] project: Project) {
    let started = Instant::now();
    let plan = project.plan();
    assert!(started.elapsed() < Duration::from_secs(15), "it took {:?}", started.elapsed());
    assert!(plan.problems.len() + plan.warnings.len() < 4_100, "{} problems", plan.problems.len());
    assert!(plan.problems.iter().chain(&plan.warnings).all(|problem| problem.to_string().len() < 600));
}
