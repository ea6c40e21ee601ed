//! A pipeline that is resumed with what was meant when it began, or not at all.

use std::fs;
use std::process::{Command, Stdio};

use codex_fixtures::{FakeCodex, FakeScript, Signal};
use serde_json::{Value, json};

use super::shop;
use crate::project::{Project, Ran, SOON, THREAD, begun, working};

/// What the environment says of the pipeline: a model, a check and a gate.
const SAID: [(&str, &str); 3] = [
    ("CODEX_TURNS_RUN_MODEL", "gpt-mine"),
    ("CODEX_TURNS_LINT_COMMAND", "echo checked >> checks.log; false"),
    ("CODEX_TURNS_LINT_GATE", "true"),
];

/// Changes what the journal keeps of the only record that is open.
pub(super) fn change_journal(project: &Project, change: impl FnOnce(&mut Value)) {
    let journals = project.work(".git/turns/journal");
    let journal = fs::read_dir(journals).unwrap().next().unwrap().unwrap().path().join("open.json");
    let mut entry: Value = serde_json::from_str(&fs::read_to_string(&journal).unwrap()).unwrap();
    change(&mut entry["header"]["continuation"]);
    fs::write(&journal, entry.to_string()).unwrap();
}

/// A pipeline that the environment has described, killed in its second task.
fn killed(words: &[&str]) -> (Project, FakeCodex) {
    let project = shop();
    project.write("src/store.txt", "one\n");
    let hanging = begun().reach("second").on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang();
    let fake = FakeCodex::builder().start(working()).start(hanging).start(working()).build();
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "run", "--report", "derived"]).args(words);
    command.envs(SAID).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert!(fake.wait_until_reached("second", SOON), "the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    (project, fake)
}

fn resume(project: &Project, fake: &FakeCodex) -> Command {
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "resume", "1"]);
    command
}

/// The arguments of a start, without those of its own: which thread, and the name of its marker.
fn arguments(fake: &FakeCodex, start: usize) -> Vec<String> {
    let is_own = |word: &String| word == "resume" || word == THREAD || word.contains(".CODEX_TURNS_RUN_");
    fake.calls()[start].arguments().iter().filter(|word| !is_own(word)).cloned().collect()
}

#[test]
fn what_the_environment_said_holds_after_a_crash() {
    let (project, fake) = killed(&["--sandbox", "workspace-write"]);
    let ran = Ran::from(resume(&project, &fake).output().unwrap());
    assert_eq!(ran.code, Some(1), "the gate is the same: {ran:?}");
    assert_eq!(fake.calls().len(), 4, "one of the first task, two of the second, one of the third");
    let first = arguments(&fake, 0);
    assert!(first.join(" ").contains("gpt-mine"), "{first:?}");
    for start in 2..4 {
        assert_eq!(arguments(&fake, start), first, "start {start}");
    }
    let manifest = project.manifest(1);
    assert_eq!(manifest["ledger"]["reason"], "lint-failed");
    assert_eq!(manifest["validation"]["lintStatus"], "failed");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_setting_that_changed_meanwhile_is_refused_by_name() {
    let (project, fake) = killed(&[]);
    let ran = Ran::from(resume(&project, &fake).env("CODEX_TURNS_RUN_MODEL", "gpt-other").output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let said = "error: the settings of turn 1 have changed: `run.model` was \"gpt-mine\" (CODEX_TURNS_RUN_MODEL) \
                and is \"gpt-other\" (CODEX_TURNS_RUN_MODEL)\n";
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert!(ran.stderr.contains("hint: set them as they were, or close the record with"), "{ran:?}");
    // A file may change as well, and what nobody had set.
    project.write("codex-turns.toml", "[run]\ntimeout = \"1h\"\n");
    let ran = Ran::from(resume(&project, &fake).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("`run.timeout` was unset (default) and is \"1h\" (codex-turns.toml:2)\n"),
        "{ran:?}"
    );
    assert_eq!(fake.calls().len(), 2, "nothing was run");
    fs::remove_file(project.work("codex-turns.toml")).unwrap();
    let ran = Ran::from(resume(&project, &fake).output().unwrap());
    assert_eq!(ran.code, Some(1), "it still waits: {ran:?}");
}

#[test]
fn a_command_that_is_no_longer_trusted_is_refused_by_name() {
    let project = shop();
    project.write("src/store.txt", "one\n");
    project.trusted_settings("[lint]\ncommand = \"true\"\n");
    let hanging = begun().reach("first").on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang();
    let fake = FakeCodex::builder().start(hanging).start(working()).build();
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "run"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(fake.wait_until_reached("first", SOON), "the first task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(project.turns(&["trust", "--revoke"]).code, Some(0));
    let ran = Ran::from(resume(&project, &fake).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("`lint.command` was \"true\" (codex-turns.toml:2) and is unset (default)"),
        "{ran:?}"
    );
    assert_eq!(fake.calls().len(), 1, "nothing was run");
}

#[test]
fn a_journal_of_the_release_before_is_still_read() {
    let (project, fake) = killed(&[]);
    change_journal(&project, |continuation| {
        let (tasks, sources) = (&continuation["tasks"], &continuation["sources"]);
        let words = ["codex-turns", "pipeline", "run", "--report", "derived", "-m", "gpt-old"];
        let folder = project.work("");
        *continuation = json!({ "words": words, "folder": folder, "tasks": tasks, "sources": sources });
    });
    let ran = Ran::from(resume(&project, &fake).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words = arguments(&fake, 2);
    assert!(words.iter().any(|word| word.contains("gpt-old")), "{words:?}");
    project.assert_verified(&["--git"]);
}
