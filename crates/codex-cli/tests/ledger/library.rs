//! The same turn, recorded by the command and by the library, leaves the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use codex_exec::Program;
use codex_fixtures::FakeCodex;
use codex_runner::{Environment, RecordOutcome};
use codex_turn::{Codex, ThreadOptions};

use crate::project::{LEDGER, Project, Ran, working};

const SECRET: &str = "v3ry-s3cret-v4lue-77";
const VARIABLES: [(&str, &str); 3] = [
    ("DEPLOY_TOKEN", SECRET),
    ("CODEX_TURNS_LINT_COMMAND", "echo fine"),
    ("CODEX_TURNS_LINT_SANDBOX", "off"),
];

fn prompt() -> String {
    format!("deploy with {SECRET}")
}

/// The files of the first record, without what is different in every record: numbers, times and ids.
fn files(project: &Project) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let folder = project.work(&format!("{LEDGER}/turns/1"));
    read(&folder, &folder, &mut files);
    files
}

fn read(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, root, files);
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(SECRET), "{}", path.display());
        let name = path.strip_prefix(root).unwrap().display().to_string();
        files.insert(name, without_numbers(&text));
    }
}

/// Replaces each run of hexadecimal digits that has a decimal one.
fn without_numbers(text: &str) -> String {
    let mut tame = String::new();
    let mut run = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_hexdigit() {
            run.push(letter);
            continue;
        }
        tame.push_str(if run.contains(|digit: char| digit.is_ascii_digit()) { "#" } else { &run });
        run.clear();
        tame.push(letter);
    }
    tame
}

#[tokio::test]
async fn the_command_and_the_library_leave_the_same_record() {
    let by_command = Project::recorded();
    let fake = FakeCodex::new(working());
    let mut command = by_command.command();
    command.env("CODEX_PATH", fake.path()).envs(VARIABLES).args(["run", "--task", "deploy", &prompt()]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let by_library = Project::recorded();
    let fake = FakeCodex::new(working());
    let program = Program::at(fake.path()).unwrap();
    let environment = Environment::empty().state(by_library.path("state")).home(by_library.path("home"));
    let environment = VARIABLES.iter().fold(environment, |all, (name, value)| all.variable(name, value));
    let project = codex_runner::Project::open(by_library.work(""), environment).unwrap();
    let project = project.with_program(program.clone());
    let codex = Codex::builder().program(program).build().unwrap();
    let thread = codex.start_thread(ThreadOptions::new(by_library.work("")));
    let done = project.record(thread.run(prompt())).task("deploy").await.unwrap();
    assert!(matches!(done.record, RecordOutcome::Recorded(_)), "{:?}", done.record);
    assert!(done.checks.lint.is_some(), "the check has run");

    let (command, library) = (files(&by_command), files(&by_library));
    assert_eq!(command.keys().collect::<Vec<_>>(), library.keys().collect::<Vec<_>>());
    for (name, text) in &command {
        assert_eq!(&library[name], text, "{name}");
    }
    by_library.assert_verified(&["--git"]);
}
