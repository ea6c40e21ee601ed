//! Whether checks run in the sandbox, what is said of it, and what to do if it is in the way.

use codex_fixtures::{FakeCodex, FakeScript};
use rstest::rstest;

use crate::project::{Project, Ran, working};

const WRITES_OUTSIDE: &str = "echo \\\"touch: cannot touch '/opt/x': Read-only file system\\\"; exit 1";

fn project(settings: &str) -> Project {
    let project = Project::recorded();
    project.trusted_settings(settings);
    project
}

#[rstest]
#[case::by_default("", &[], Some("sandbox: workspace-write, no network"))]
#[case::of_a_turn_that_reads("", &["-s", "read-only"], Some("sandbox: workspace-write, no network"))]
#[case::of_a_turn_with_full_access("", &["-s", "danger-full-access"], None)]
#[case::of_a_setting_of_the_turn("", &["-c", "sandbox_mode=danger-full-access"], None)]
#[case::a_person_says_off("", &["--check-sandbox", "off"], None)]
#[case::a_person_says_on(
    "sandbox = \"off\"\n",
    &["--check-sandbox", "workspace-write", "-s", "danger-full-access"],
    Some("sandbox: workspace-write, no network")
)]
#[case::the_project_says_off("sandbox = \"off\"\n", &[], None)]
#[case::the_project_says_on(
    "sandbox = \"workspace-write\"\n",
    &["-s", "danger-full-access"],
    Some("sandbox: workspace-write, no network")
)]
#[case::the_project_needs_the_network("network = true\n", &[], Some("sandbox: workspace-write, network"))]
#[case::a_person_allows_the_network("", &["--check-network"], Some("sandbox: workspace-write, network"))]
#[case::the_turn_has_the_network(
    "",
    &["-c", "sandbox_workspace_write.network_access=true"],
    Some("sandbox: workspace-write, network")
)]
#[case::the_project_needs_none(
    "network = false\n",
    &["-c", "sandbox_workspace_write.network_access=true"],
    Some("sandbox: workspace-write, no network")
)]
fn a_flag_wins_over_a_setting_and_that_over_the_turn(
    #[case] settings: &str,
    #[case] flags: &[&str],
    #[case] expected: Option<&str>,
) {
    let project = project(&format!("[tests]\ncommand = \"echo ran > ran\"\n{settings}"));
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &[flags, &["do it"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words = expected.unwrap_or("no sandbox");
    assert!(ran.stderr.contains(&format!("✓ tests: echo ran > ran ({words})")), "{ran:?}");
    let calls = fake.sandbox_calls();
    assert_eq!(calls.len(), usize::from(expected.is_some()));
    for call in calls {
        let network = format!("network_access={}", words.ends_with(", network"));
        assert!(call.arguments().iter().any(|argument| argument.ends_with(&network)), "{call:?}");
    }
}

#[test]
fn untrusted_settings_cannot_loosen_the_sandbox() {
    let project = Project::recorded();
    project.write("codex-turns.toml", "[tests]\nsandbox = \"off\"\nnetwork = true\n");
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("CODEX_TURNS_TESTS_COMMAND", "true").args(["run", "do it"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("✓ tests: true (sandbox: workspace-write, no network)"), "{ran:?}");
    assert_eq!(fake.sandbox_calls().len(), 1);
}

#[test]
fn a_check_that_fails_because_of_the_sandbox_gets_a_hint() {
    let project = project(&format!("[tests]\ncommand = \"{WRITES_OUTSIDE}\"\n"));
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let hint = "hint: it says \"touch: cannot touch '/opt/x': Read-only file system\": the sandbox of checks";
    assert!(ran.stderr.contains(hint), "{ran:?}");
    let open = project.work_turn(&["--check-sandbox", "off"]);
    assert!(open.stderr.contains("  | touch: cannot") && !open.stderr.contains("hint: it says"), "{open:?}");
}

#[test]
fn a_run_that_ends_because_of_the_sandbox_gets_a_hint() {
    let project = Project::recorded();
    let fake = FakeCodex::new(working());
    let check = WRITES_OUTSIDE.replace('\\', "");
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path());
    let ran =
        Ran::from(command.args(["auto", "--max-turns", "1", "--until", &check, "do it"]).output().unwrap());
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("commands of --until: sandbox: workspace-write, no network\n"), "{ran:?}");
    assert!(ran.stderr.contains("hint: it says \"touch: cannot touch '/opt/x'"), "{ran:?}");
}

#[test]
fn without_a_sandbox_no_check_runs() {
    let project = project("[tests]\ncommand = \"touch ran\"\ngate = true\n");
    let why = "bwrap: Creating new namespace failed: nesting depth exceeded";
    let fake = FakeCodex::builder().start(working()).sandbox_failure(why).build();
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(1), "its gate could not be judged: {ran:?}");
    assert!(!project.has("ran"));
    assert!(ran.stderr.contains(&format!("codex could not make its sandbox: {why}")), "{ran:?}");
    assert!(ran.stderr.contains("hint: the check has not run: `codex-turns doctor`"), "{ran:?}");
    assert_eq!(project.manifest(1)["validation"]["testsStatus"], "error");
    let auto = |flags: &[&str]| {
        let fake =
            FakeCodex::builder().start(FakeScript::completed_turn("done")).sandbox_failure(why).build();
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path()).args(["auto", "--no-checks", "--until", "true", "do it"]);
        (Ran::from(command.args(flags).output().unwrap()), fake.calls().len())
    };
    let (ran, turns) = auto(&[]);
    assert_eq!((ran.code, turns), (Some(2), 0), "{ran:?}");
    assert!(ran.stderr.contains("could not make its sandbox") && ran.stderr.contains("doctor"), "{ran:?}");
    let (ran, turns) = auto(&["--check-sandbox", "off"]);
    assert_eq!((ran.code, turns), (Some(0), 1), "{ran:?}");
}

#[test]
fn the_record_says_what_was_said_of_the_sandbox() {
    let project = project("[tests]\ncommand = \"true\"\nnetwork = true\n");
    let ran = project.work_turn(&["--check-sandbox", "workspace-write"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let context = project.artifact(1, "session_context_values.md");
    for named in ["TESTS_SANDBOX", "sandbox: workspace-write, network"] {
        assert!(context.contains(named), "{named}: {context}");
    }
}
