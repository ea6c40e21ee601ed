//! A pipeline whose parts are not where one looks first: an agent in a folder, a pattern outside of the project, a
//! command that is typed in another directory.

use std::fs;
use std::process::{Command, Stdio};

use codex_fixtures::{FakeCodex, FakeScript, Signal};
use serde_json::json;

use super::{PATTERN, shop};
use crate::project::{Project, Ran, SOON, begun, working};

#[test]
fn a_call_of_an_agent_is_a_task() {
    let project = shop();
    project.write(&format!("{PATTERN}/task-pipeline.md"), "1. agent run sql-ddl --dialect postgresql\n");
    project.write(&format!("{PATTERN}/coding-agents/sql-ddl/agent.md"), "# SQL\n\nWrite the tables.\n");
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "run", "--report", "derived"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let prompt = fake.calls()[0].stdin_text();
    assert!(prompt.contains("postgresql") && prompt.contains("Write the tables."), "{prompt}");
    let task = &project.manifest(1)["tasks"][0];
    let agent = task["agent"].as_str().unwrap();
    assert!(agent.starts_with("sql-ddl (codex@"), "{agent}");
    assert_eq!(task["verdict"], json!("completed"));
    project.assert_verified(&["--git"]);
}

#[test]
fn tasks_run_at_the_top_of_the_project_wherever_in_it_the_command_is_typed() {
    let project = shop();
    project.write("sub/keep", "");
    let fake = FakeCodex::new(working());
    let words = ["pipeline", "run", "--only", "1", "--until", "test -e hello.txt"];
    let ran = Ran::from(typed(&project, &fake, "work/sub", &words).output().unwrap());
    assert_eq!(ran.code, Some(0), "the command of a check runs there too: {ran:?}");
    let calls = fake.calls();
    assert_eq!(calls.len(), 2, "one for the task, one for the report");
    for call in calls {
        assert_eq!(call.directory(), fs::canonicalize(project.work("")).unwrap());
    }
    assert_eq!(project.manifest(1)["tasks"][0]["outputs"][0]["path"], "hello.txt");
    project.assert_verified(&["--git"]);
}

/// A command that is typed in this directory.
fn typed(project: &Project, fake: &FakeCodex, folder: &str, words: &[&str]) -> Command {
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).current_dir(project.path(folder)).args(words);
    command
}

#[test]
fn what_was_typed_in_one_directory_goes_on_from_another() {
    let project = Project::recorded();
    project.write("sub/keep", "");
    let pattern = project.path("patterns/application-implementation-patterns/kit");
    fs::create_dir_all(pattern.join("tasks")).unwrap();
    fs::write(pattern.join("task-pipeline.md"), "1. One\n2. Two\n").unwrap();
    for (number, name) in [("01", "One"), ("02", "Two")] {
        fs::write(pattern.join(format!("tasks/TASK {number} - {name}.task.md")), format!("# {name}\n"))
            .unwrap();
    }
    let hanging = begun().reach("second").on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang();
    let fake = FakeCodex::builder().start(working()).start(hanging).start(working()).build();
    let words = [
        "pipeline",
        "run",
        "-C",
        "..",
        "--pipelines",
        "../../patterns",
        "--pattern",
        "kit",
        "--report",
        "derived",
        "--result",
        "../../result.json",
    ];
    let mut command = typed(&project, &fake, "work/sub", &words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("second", SOON), "the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    let resume = ["pipeline", "resume", "1", "-C", "work"];
    let ran = Ran::from(typed(&project, &fake, "", &resume).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fake.calls().len(), 3);
    for call in fake.calls() {
        assert_eq!(call.directory(), fs::canonicalize(project.work("")).unwrap());
    }
    assert!(project.path("result.json").is_file(), "the result is where it was asked for");
    assert_eq!(project.manifest(1)["provenance"]["activePatternName"], "kit");
    project.assert_verified(&["--git"]);
}
