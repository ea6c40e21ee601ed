//! `codex-turns config`, and what settings do to a turn.

use std::fmt::Write as _;
use std::path::Path;

use codex_fixtures::{FakeCodex, FakeScript};

use crate::project::Project;

#[test]
fn settings_are_told_with_where_they_come_from() {
    let project = Project::new();
    let settings = "[run]\nsandbox = \"workspace-write\"\n\n[tests]\ncommand = \"make test\"\n";
    project.trusted_settings(settings);
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
    project.trusted_settings("[run]\nsandbox = \"workspace-write\"\nmodel = \"m\"\n");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["-m", "n", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let arguments = fake.calls()[0].arguments().join(" ");
    assert!(arguments.contains("--sandbox=workspace-write"), "{arguments}");
    assert!(arguments.contains("model=n") && !arguments.contains("model=m"), "the flag wins: {arguments}");
    assert!(ran.stderr.contains(" -m n PROMPT"), "what the file says need not be named again: {ran:?}");
}

#[test]
fn trust_shows_effects_then_only_what_changed() {
    let project = Project::new();
    project.write("check.sh", "true\n");
    project.write(
        "codex-turns.toml",
        "[run]\nsandbox = \"workspace-write\"\nmodel = \"m\"\n[ledger]\npush = \"origin\"\ntask = \"t\"\n\
         [tests]\ncommand = \"sh check.sh\"\n[lint]\ncommand = [\"make\", \"lint\"]\n",
    );
    let digest = |text: &str| {
        let (start, digest) = text.split_once("sha256:").unwrap();
        format!("{start}sha256:{}", "0".repeat(digest.trim().len()))
    };
    let mut story = String::new();
    let mut step = |words: &[&str]| {
        let ran = project.turns(&[&["trust"], words].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.lines().count() <= 12, "{ran:?}");
        write!(story, "$ codex-turns trust {}\n{}\n\n", words.join(" "), digest(&ran.stdout)).unwrap();
    };
    step(&["--show"]);
    step(&[]);
    step(&["--show"]);
    project.write("check.sh", "false\n");
    step(&["--show"]);
    let text = project.read("codex-turns.toml").replace("lint\"]", "all\"]").replace("model", "profile");
    project.write("codex-turns.toml", &text);
    step(&[]);
    step(&["--show"]);
    insta::assert_snapshot!(story);
    let json = project.turns(&["config", "--json"]).json();
    assert_eq!(json["ignored"], serde_json::json!([]));
    for expected in ["nothing of this project is trusted any more\n", "nothing was trusted\n"] {
        assert_eq!(project.turns(&["trust", "--revoke"]).stdout, expected);
    }
    let ran = project.turns(&["config"]);
    assert!(
        ran.stderr.contains("ignored in codex-turns.toml: run.sandbox, run.profile, ledger.push, "),
        "{ran:?}"
    );
    let ran = project.turns(&["doctor"]);
    assert!(ran.stdout.contains("ignored in codex-turns.toml: run.sandbox"), "{ran:?}");
    let ran = project.turns(&["config", "--trust"]);
    assert!(
        ran.stderr.contains("is trusted and loosens: run.sandbox = workspace-write, run.profile = m"),
        "{ran:?}"
    );
}

#[test]
fn what_init_writes_is_trusted_as_written() {
    let project = Project::new();
    let ran = project.turns(&["init"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["do it"]);
    assert!(!ran.stderr.contains("ignored"), "{ran:?}");
    assert!(fake.calls()[0].arguments().join(" ").contains("workspace-write"));
    let text = project.read("codex-turns.toml");
    project.write("codex-turns.toml", &text.replace("workspace-write", "danger-full-access"));
    let ran = project.run(&fake, &["do it"]);
    assert!(ran.stderr.contains("ignored in codex-turns.toml: run.sandbox (not trusted since"), "{ran:?}");
    // A file that was there is nobody's word.
    let other = Project::new();
    other.write("codex-turns.toml", &text);
    assert_eq!(other.turns(&["init"]).code, Some(0));
    assert!(
        other
            .run(&fake, &["do it"])
            .stderr
            .contains("ignored in codex-turns.toml: run.sandbox (not trusted;")
    );
}

#[test]
fn a_project_without_settings_is_never_asked_about() {
    let project = Project::new();
    let ran = project.turns(&["trust"]);
    assert!(ran.code == Some(0) && ran.stdout.contains("there is nothing to trust"), "{ran:?}");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = project.run(&fake, &["do it"]);
    assert!(!ran.stderr.contains("trust"), "{ran:?}");
    assert!(!project.path("state/codex-turns/trust").exists());
}
