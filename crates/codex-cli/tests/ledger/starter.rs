//! The starter of a project that has no pipeline.

use crate::project::Project;

#[test]
fn init_writes_what_is_missing_and_says_what_comes_next() {
    let project = Project::new();
    project.write("codex-turns.toml", "[run]\nsandbox = \"read-only\"\n");
    let ran = project.turns(&["init"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(ran.stdout);
    assert!(project.read("codex-turns.toml").contains("read-only"), "it was there and stays");
    assert!(project.read("ai/context/project_context.md").contains("- Name: work\n"));
    let before = project.read("ai/context/session_context.md");
    let again = project.turns(&["init"]);
    assert_eq!(again.stdout.matches("was there and stays").count(), 7, "{again:?}");
    assert_eq!(project.read("ai/context/session_context.md"), before);
}

#[test]
fn a_link_is_not_written_through() {
    let project = Project::new();
    project.write("ai/context/keep", "");
    std::os::unix::fs::symlink("../../../outside.md", project.work("ai/context/session_context.md")).unwrap();
    let ran = project.turns(&["init"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!project.path("outside.md").exists() && !project.work("../outside.md").exists());
}

#[test]
fn without_a_ledger_there_are_no_decisions_to_list() {
    let project = Project::new();
    let ran = project.turns(&["adr", "list"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("hint: `codex-turns ledger init` switches recording on"), "{ran:?}");
    let project = Project::recorded();
    assert_eq!(project.turns(&["adr", "list"]).stdout, "no record states a decision yet\n");
    assert_eq!(project.turns(&["adr", "list", "--json"]).stdout, "[]\n");
}

#[test]
fn a_directory_that_is_not_there_is_not_the_project_around_it() {
    let project = Project::new();
    let ran = project.turns(&["init", "-C", "nowhere"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("nowhere\n  caused by: No such file or directory"), "{ran:?}");
    assert!(!project.has("ai") && !project.has("nowhere"), "nothing was written");
    assert_eq!(project.turns(&["init"]).code, Some(0));
    let ran = project.turns(&["pipeline", "check", "-C", "nowhere"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("nowhere: the folder is not there; name the folder of the project"),
        "{ran:?}"
    );
}
