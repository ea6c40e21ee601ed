//! The repository that an agent plants within the worktree: the git of Codex, which runs outside of the sandbox, starts no
//! program of it.

use std::fs;

use codex_exec::{CodexEnvironment, Invocation, InvocationError, NestedRepository, Sandbox, TransportError};
use codex_fixtures::Reply;
use rstest::rstest;

use crate::support::Scene;

/// What an agent does for a repository in `lib` with a filter.
const PLANT: &str = "cd lib && git init -q && echo a > a.txt && git add . && \
    git -c user.name=a -c user.email=a@b commit -qm a && echo '* filter=x' > .git/info/attributes && \
    echo b > a.txt && touch -d '2 days ago' a.txt";

/// A scene whose `work` is a repository, after a turn in which the agent has planted one in `work/lib`.
async fn planted(then: &str, replies: impl IntoIterator<Item = Reply>) -> Scene {
    let plant = Reply::new().exec(&format!("{PLANT} && {then} && echo planted"));
    let scene = Scene::new([plant, Reply::new().message("done")].into_iter().chain(replies));
    let work = scene.work();
    fs::create_dir_all(work.join(".git/objects")).unwrap();
    fs::create_dir_all(work.join(".git/refs")).unwrap();
    fs::write(work.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::create_dir_all(work.join("lib/deep")).unwrap();
    let owned = work.join("owned").display().to_string();
    let program = format!("#!/bin/sh\necho \"ran $CODEX_API_KEY\" >> '{owned}'\ncat\n");
    fs::write(work.join("lib/program"), program).unwrap();
    let ran = scene.run(scene.invocation("go").sandbox(Sandbox::WorkspaceWrite)).await;
    assert!(ran.command_output().contains("planted"), "{}", ran.command_output());
    // What the agent has run in its sandbox does not count.
    let _ = fs::remove_file(work.join("owned"));
    scene
}

fn owned(scene: &Scene) -> String {
    fs::read_to_string(scene.work().join("owned")).unwrap_or_default()
}

fn inside(scene: &Scene, folder: &str) -> Invocation {
    scene.invocation("go").cwd(scene.work().join(folder))
}

const CLEAN: &str = "git config filter.x.clean 'sh \"$(git rev-parse --show-toplevel)/program\"'";

/// An object is missing, which git then fetches by a program that the configuration names.
const FETCH: &str = "git config core.repositoryFormatVersion 1 && git config remote.o.url \"$PWD\" && \
    git config remote.o.uploadpack \"sh '$PWD/program'\" && \
    mv .git/objects/$(git rev-parse HEAD^{tree} | sed 's,^..,&/,') .. && git config extensions.partialClone o";

#[rstest]
#[case::clean(CLEAN, "lib")]
#[case::below(CLEAN, "lib/deep")]
#[case::process("git config filter.x.process 'sh \"$(git rev-parse --show-toplevel)/program\"'", "lib")]
#[case::behind_a_file(
    "git config filter.x.clean 'sh \"$(git rev-parse --show-toplevel)/program\"' && mv .git real && echo 'gitdir: real' > .git",
    "lib"
)]
#[case::of_a_worktree(
    "git config extensions.worktreeConfig true && \
     git config --worktree filter.x.clean 'sh \"$(git rev-parse --show-toplevel)/program\"'",
    "lib"
)]
#[case::required(
    "git config filter.x.required true && git config filter.x.clean 'sh \"$(git rev-parse --show-toplevel)/program\"'",
    "lib"
)]
#[case::passed_over(
    "git config filter.x.clean 'sh \"$(git rev-parse --show-toplevel)/program\"' && mkdir -p deep/.git",
    "lib/deep"
)]
#[case::a_missing_object(FETCH, "lib")]
#[tokio::test]
async fn no_program_of_a_nested_repository_starts(#[case] then: &str, #[case] cwd: &str) {
    let scene = planted(then, [Reply::new().message("done")]).await;
    let ran = scene.run(inside(&scene, cwd)).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(owned(&scene), "");
}

#[rstest]
#[case::filter(CLEAN)]
#[case::fetch(FETCH)]
#[tokio::test]
async fn it_starts_if_the_caller_trusts_it(#[case] then: &str) {
    let scene = planted(then, [Reply::new().message("done")]).await;
    scene.run(inside(&scene, "lib").nested_repository(NestedRepository::Trust)).await;
    assert!(owned(&scene).contains("ran scripted-key"), "the other tests would show it");
}

/// Codex's git runs a configured filter unless a setting disables it.
#[rstest]
#[case::as_it_is(&[], true)]
#[case::taken_away(&[("filter.x.clean", "")], false)]
#[tokio::test]
async fn a_filter_of_the_repository_is_taken_away_by_a_setting(
    #[case] settings: &[(&str, &str)],
    #[case] runs: bool,
) {
    let scene = planted(CLEAN, [Reply::new().message("done")]).await;
    let outermost = scene.work().join("lib");
    // Nothing lies above it any more.
    fs::remove_dir_all(scene.work().join(".git")).unwrap();
    let invocation = scene.invocation("go").cwd(outermost);
    let set = |invocation: Invocation, (key, value): &(&str, &str)| invocation.git_setting(key, value);
    let ran = scene.run(settings.iter().fold(invocation, set)).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(owned(&scene).contains("ran scripted-key"), runs, "{}", owned(&scene));
}

#[tokio::test]
async fn what_cannot_be_neutralised_is_refused() {
    let include =
        format!("{CLEAN} && mv .git/config .git/other && printf '[include]\\npath = other\\n' > .git/config");
    let scene = planted(&include, []).await;
    let ran = scene.run(inside(&scene, "lib")).await;
    let error = ran.error.unwrap();
    let refused = matches!(error, TransportError::Invocation(InvocationError::NestedRepository { .. }));
    assert!(refused, "{error}");
    assert!(error.to_string().contains("includes other files"), "{error}");
    assert_eq!(owned(&scene), "");
}

#[tokio::test]
async fn the_git_of_the_agent_and_settings_of_the_caller_work_on() {
    let command = "git config --get from.caller; git config --get filter.x.required; git status --short";
    let scene = planted(CLEAN, [Reply::new().exec(command), Reply::new().message("done")]).await;
    let environment: CodexEnvironment = inside(&scene, "lib").parts().environment.clone();
    let environment = environment
        .set("GIT_CONFIG_COUNT", "1")
        .set("GIT_CONFIG_KEY_0", "from.caller")
        .set("GIT_CONFIG_VALUE_0", "kept");
    let ran = scene.run(inside(&scene, "lib").environment(environment)).await;
    let output = ran.command_output();
    assert!(output.starts_with("kept\nfalse\n M a.txt"), "{output}");
    assert_eq!(owned(&scene), "");
}
