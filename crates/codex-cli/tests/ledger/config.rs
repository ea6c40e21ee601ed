//! `codex-turns config`, and what settings do to a turn.

use std::path::Path;

use codex_fixtures::{FakeCodex, FakeScript};

use crate::project::Project;

#[test]
fn settings_are_told_with_where_they_come_from() {
    let project = Project::new();
    project.write(
        "codex-turns.toml",
        "[run]\nsandbox = \"workspace-write\"\n\n[tests]\ncommand = \"make test\"\n",
    );
    std::fs::create_dir(project.work("below")).unwrap();
    let mut command = project.command();
    let output = command.env("CODEX_TURNS_RUN_MODEL", "m").args(["config", "-C", "below"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(project.anonymous(&String::from_utf8(output.stdout).unwrap()));
    let json = project.turns(&["config", "--json"]).json();
    let settings = json["settings"].as_array().unwrap();
    let tests = settings.iter().find(|setting| setting["key"] == "tests.command").unwrap();
    assert_eq!((&tests["value"], &tests["origin"]), (&"make test".into(), &"codex-turns.toml:5".into()));
    assert_eq!(tests["variable"], "CODEX_TURNS_TESTS_COMMAND");
    assert!(Path::new(json["file"].as_str().unwrap()).ends_with("work/codex-turns.toml"));
}

#[test]
fn settings_are_what_a_turn_runs_with_and_are_not_restated() {
    let project = Project::new();
    project.write("codex-turns.toml", "[run]\nsandbox = \"workspace-write\"\nmodel = \"m\"\n");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["-m", "n", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let arguments = fake.calls()[0].arguments().join(" ");
    assert!(arguments.contains("--sandbox=workspace-write"), "{arguments}");
    assert!(arguments.contains("model=n") && !arguments.contains("model=m"), "the flag wins: {arguments}");
    assert!(ran.stderr.contains(" -m n PROMPT"), "what the file says need not be named again: {ran:?}");
}
