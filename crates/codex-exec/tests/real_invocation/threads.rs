//! Threads are resumed, copied and reviewed, with their options stated anew.

use codex_exec::{Invocation, ReviewTarget, Sandbox, Target};
use codex_fixtures::Reply;
use rstest::rstest;

use crate::scene::Scene;

#[tokio::test]
async fn a_resumed_thread_keeps_its_id_and_gets_the_options_anew() {
    let scene = Scene::new([
        Reply::new().message("first"),
        Reply::new().exec("touch written && pwd; sleep 0.3"),
        Reply::new().message("second"),
    ]);
    let first = scene.run(scene.ask("one").sandbox(Sandbox::ReadOnly)).await;
    let again = scene.ask("two").target(Target::Resume(first.thread())).sandbox(Sandbox::WorkspaceWrite);
    let second = scene.run(again).await;
    assert_eq!(second.thread(), first.thread());
    assert_eq!(second.summary.final_response(), Some("second"));
    assert!(scene.path("repo/written").exists(), "the sandbox is the one of the second turn");
    let texts = scene.last_request();
    assert!(texts.user_texts().contains(&"one") && texts.prompt() == Some("two"), "{:?}", texts.user_texts());
}

#[tokio::test]
async fn the_last_thread_of_the_folder_is_resumed() {
    let scene = Scene::answering(2);
    let first = scene.run(scene.ask("one")).await;
    let second = scene.run(scene.ask("- two").target(Target::ResumeLast)).await;
    assert_eq!(second.thread(), first.thread());
    assert_eq!(scene.last_request().prompt(), Some("- two"));
}

#[tokio::test]
async fn a_fork_has_an_id_of_its_own_and_the_history() {
    let scene = Scene::answering(2);
    let first = scene.run(scene.ask("one")).await;
    let fork = scene.run(scene.ask("two").target(Target::Fork(first.thread()))).await;
    assert_ne!(fork.thread(), first.thread());
    let request = scene.last_request();
    assert!(
        request.user_texts().contains(&"one") && request.prompt() == Some("two"),
        "{:?}",
        request.user_texts()
    );
}

#[tokio::test]
async fn the_rollout_of_a_resumed_turn_has_that_turn_alone() {
    let scene = Scene::new([
        Reply::new().exec("echo first"),
        Reply::new().message("one"),
        Reply::new().exec("echo second"),
        Reply::new().message("two"),
    ]);
    let first = scene.run(scene.ask("one")).await;
    let thread = first.thread();
    let first = first.end.rollout.unwrap().ended();
    let second = scene.run(scene.ask("two").target(Target::Resume(thread))).await;
    for (rollout, answer) in [(first, "one"), (second.end.rollout.unwrap(), "two")] {
        let rollout = rollout.load(1 << 20).await.unwrap().unwrap();
        assert_eq!(rollout.last_agent_message(), Some(answer));
        assert_eq!(rollout.calls().len(), 1, "{:?}", rollout.calls());
        assert_eq!(rollout.unreadable(), 0);
    }
}

#[rstest]
#[case::uncommitted(Target::Review(ReviewTarget::Uncommitted), "")]
#[case::base(Target::Review(ReviewTarget::Base("main".to_owned())), "")]
#[case::commit(Target::Review(ReviewTarget::Commit("abc1234".to_owned())), "")]
#[case::prompt(Target::ReviewPrompt, "look at the names")]
#[tokio::test]
async fn a_review_is_answered(#[case] target: Target, #[case] prompt: &str) {
    let scene = Scene::answering(1);
    let review = Invocation::new(prompt).target(target);
    let ran = scene.run(scene.aimed(review)).await;
    assert_eq!(ran.summary.final_response(), Some("done"));
    assert!(scene.last_request().prompt().unwrap().contains(prompt));
}
