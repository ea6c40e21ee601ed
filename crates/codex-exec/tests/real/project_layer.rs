//! What the repository keeps for Codex: its programs do not start unless the caller says so, and its instructions reach
//! the agent unless the caller says otherwise.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use codex_exec::{Invocation, ProjectInstructions, ProjectLayer, ProjectPrograms, ReviewTarget, Target};
use codex_fixtures::Reply;
use rstest::rstest;

use crate::support::Scene;

/// Puts a program, a hook, rules, instructions and a skill into a folder.
fn plant(scene: &Scene, folder: &str) {
    let (root, folder) = (scene.scratch.path().to_owned(), scene.scratch.path().join(folder));
    let write = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let (program, owned) = (folder.join(".codex/server.sh"), owned(scene));
    let shown = folder.strip_prefix(&root).unwrap().display().to_string();
    write(program.clone(), &format!("#!/bin/sh\necho 'server {shown}' >> '{}'\n", owned.display()));
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let server = format!("[mcp_servers.planted]\ncommand = {:?}\n", program.display().to_string());
    write(folder.join(".codex/config.toml"), &server);
    let hook = format!(
        r#"{{"hooks":{{"SessionStart":[{{"hooks":[{{"type":"command","command":"echo hook >> '{}'"}}]}}]}}}}"#,
        owned.display()
    );
    write(folder.join(".codex/hooks.json"), &hook);
    write(folder.join("AGENTS.md"), &format!("instructions of {shown}\n"));
    let skill = "---\nname: planted\ndescription: a planted skill\n---\nthe body of the skill\n";
    write(folder.join(".agents/skills/planted/SKILL.md"), skill);
}

fn owned(scene: &Scene) -> PathBuf {
    scene.scratch.path().join("owned")
}

fn scene(replies: usize, trusted: &[&str]) -> Scene {
    let scene = Scene::new((0..replies).map(|_| Reply::new().message("done")));
    fs::create_dir_all(scene.work().join(".git/objects")).unwrap();
    fs::create_dir_all(scene.work().join(".git/refs")).unwrap();
    fs::write(scene.work().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    plant(&scene, "work");
    plant(&scene, "work/sub");
    let root = scene.scratch.path().canonicalize().unwrap();
    let entry = |folder: &&str| {
        format!("[projects.{:?}]\ntrust_level = \"trusted\"\n", root.join(folder).display().to_string())
    };
    let config: String = trusted.iter().map(entry).collect();
    scene.user_config(&config)
}

fn started(scene: &Scene) -> String {
    fs::read_to_string(owned(scene)).unwrap_or_default()
}

/// Everything that the agent was told.
fn told(scene: &Scene) -> String {
    scene.server.requests().iter().map(|request| request.body.to_string()).collect()
}

fn in_folder(scene: &Scene, invocation: Invocation, folder: &str) -> Invocation {
    invocation.cwd(scene.scratch.path().join(folder))
}

#[rstest]
#[case::nowhere(&[], "work")]
#[case::at_the_top(&["work"], "work")]
#[case::above(&["work"], "work/sub")]
#[case::in_the_folder(&["work/sub"], "work/sub")]
#[case::everywhere(&["work", "work/sub"], "work/sub")]
#[tokio::test]
async fn programs_do_not_start_and_instructions_are_told(#[case] trusted: &[&str], #[case] cwd: &str) {
    let scene = scene(1, trusted);
    let ran = scene.run(in_folder(&scene, scene.invocation("go"), cwd)).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(started(&scene), "");
    let told = told(&scene);
    assert!(told.contains("instructions of work\\n"), "{told}");
    assert_eq!(told.contains("instructions of work/sub\\n"), cwd == "work/sub", "{told}");
    assert!(told.contains("a planted skill"), "{told}");
    assert!(scene.server.requests()[0].prompt().unwrap().ends_with("go"));
}

#[rstest]
#[case::nowhere(&[], "work")]
#[case::at_the_top(&["work"], "work")]
#[case::above(&["work"], "work/sub")]
#[tokio::test]
async fn instructions_can_be_off(#[case] trusted: &[&str], #[case] cwd: &str) {
    let scene = scene(1, trusted);
    // A prompt that names a skill brings it.
    let invocation = scene.invocation("go $planted").project_instructions(ProjectInstructions::Off);
    let ran = scene.run(in_folder(&scene, invocation, cwd)).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(started(&scene), "");
    let told = told(&scene);
    for text in ["instructions of work", "a planted skill", "the body of the skill"] {
        assert!(!told.contains(text), "{text}: {told}");
    }
}

/// What Codex takes for instructions is what this crate takes for them.
#[rstest]
#[case::on(ProjectInstructions::On, true)]
#[case::off(ProjectInstructions::Off, false)]
#[case::unchanged(ProjectInstructions::Unchanged(ProjectLayer::default()), false)]
#[tokio::test]
async fn further_names_of_instructions_are_those_of_the_users_configuration(
    #[case] choice: ProjectInstructions,
    #[case] is_told: bool,
) {
    let scene = Scene::new([Reply::new().message("done")])
        .user_config("project_doc_fallback_filenames = [\"CLAUDE.md\", \"NOTES.md\"]\n");
    fs::create_dir_all(scene.work().join(".git/objects")).unwrap();
    fs::create_dir_all(scene.work().join(".git/refs")).unwrap();
    fs::write(scene.work().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::create_dir_all(scene.work().join("sub")).unwrap();
    fs::write(scene.work().join("CLAUDE.md"), "instructions at the top\n").unwrap();
    fs::write(scene.work().join("sub/NOTES.md"), "instructions of the folder\n").unwrap();
    let invocation = scene.invocation("go").project_instructions(choice);
    let ran = scene.run(in_folder(&scene, invocation, "work/sub")).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    let told = told(&scene);
    for text in ["instructions at the top", "instructions of the folder"] {
        assert_eq!(told.contains(text), is_told, "{text}: {told}");
    }
}

#[rstest]
#[case::on(ProjectPrograms::On, ProjectInstructions::On, true)]
#[case::unchanged(ProjectPrograms::On, ProjectInstructions::Unchanged(ProjectLayer::default()), false)]
#[case::programs_off(ProjectPrograms::Off, ProjectInstructions::On, false)]
#[tokio::test]
async fn further_names_of_the_repository_count_with_its_programs(
    #[case] programs: ProjectPrograms,
    #[case] instructions: ProjectInstructions,
    #[case] is_told: bool,
) {
    let scene = scene(1, &["work"]);
    let names = "project_doc_fallback_filenames = [\"CLAUDE.md\"]\n";
    fs::write(scene.work().join(".codex/config.toml"), names).unwrap();
    fs::remove_file(scene.work().join("AGENTS.md")).unwrap();
    fs::write(scene.work().join("CLAUDE.md"), "instructions by a name\n").unwrap();
    let invocation = scene.invocation("go").project_programs(programs).project_instructions(instructions);
    let ran = scene.run(invocation).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(told(&scene).contains("instructions by a name"), is_told);
}

#[tokio::test]
async fn what_holds_for_a_turn_holds_when_it_is_resumed_forked_and_reviewed() {
    let scene = scene(4, &["work"]);
    let first = scene.run(scene.invocation("go")).await;
    let thread = first.summary.thread_id().unwrap().clone();
    for target in
        [Target::Resume(thread.clone()), Target::Fork(thread), Target::Review(ReviewTarget::Uncommitted)]
    {
        let prompt = if matches!(target, Target::Review(_)) { "" } else { "on" };
        let ran = scene.run(scene.invocation(prompt).target(target.clone())).await;
        assert!(ran.error.is_none(), "{target:?}: {:?}", ran.error);
        assert_eq!(started(&scene), "", "{target:?}");
    }
    assert_eq!(scene.server.requests().len(), 4);
}

#[tokio::test]
async fn programs_start_if_the_caller_and_codex_trust_them() {
    let scene = scene(1, &["work"]);
    scene.run(scene.invocation("go").project_programs(ProjectPrograms::On)).await;
    assert!(started(&scene).contains("server work"), "the other tests would show it");
}

#[rstest]
#[case::nowhere(&[], "read-only")]
#[case::above(&["work"], "read-only")]
#[case::in_the_folder(&["work/sub"], "workspace-write")]
#[tokio::test]
async fn the_sandbox_is_not_loosened(#[case] trusted: &[&str], #[case] most: &str) {
    let scene = scene(1, trusted);
    let ran = scene.run(in_folder(&scene, scene.invocation("go"), "work/sub")).await;
    let rollout = ran.end.unwrap().rollout.unwrap();
    let text = fs::read_to_string(rollout.path().unwrap()).unwrap();
    let context = text.lines().find(|line| line.contains(r#""type":"turn_context""#)).unwrap();
    assert!(context.contains(&format!(r#""type":"{most}""#)), "{context}");
}
