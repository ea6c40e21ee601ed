//! What outlives Codex, and what becomes of it.

use codex_exec::{CodexEnvironment, Survivors, TransportError};
use codex_fixtures::{ChildProcess, FakeScript, alive};
use codex_protocol::Verdict;

use crate::support::{COMPLETED, STARTED, Scene, THREAD, TURN, rest};

fn leaves(child: ChildProcess) -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).line(TURN).spawn(child).line(COMPLETED)
}

#[rstest::rstest]
#[case::in_its_group(ChildProcess::new())]
#[case::in_a_session_of_its_own(ChildProcess::new().own_session().ignores_signals())]
#[case::that_holds_the_pipe(ChildProcess::new().own_session().holds_output().with_descendants(2))]
#[tokio::test]
async fn a_survivor_of_a_completed_turn_is_killed_and_named(#[case] child: ChildProcess) {
    let scene = Scene::new(leaves(child));
    let ran = scene.run().await;
    assert_eq!(ran.verdict(), Verdict::Completed);
    let mut named = ran.ended().leftovers.clone();
    let mut children = scene.fake.children();
    named.sort_unstable();
    children.sort_unstable();
    assert_eq!(named, children);
    assert_eq!(scene.fake.living(), [0; 0]);
}

#[tokio::test]
async fn a_survivor_may_be_left() {
    let scene = Scene::new(leaves(ChildProcess::new().own_session()))
        .options(|options| options.survivors(Survivors::Leave));
    let ran = scene.run().await;
    assert_eq!(ran.ended().leftovers, scene.fake.children());
    assert!(alive(ran.ended().leftovers[0]));
}

/// The limit that is documented: without its environment a process carries no mark.
#[tokio::test]
async fn a_process_that_cleared_its_environment_is_not_found() {
    let scene = Scene::new(leaves(ChildProcess::new().own_session().clears_environment()));
    let ran = scene.run().await;
    assert_eq!(ran.ended().leftovers, [0; 0]);
    assert!(alive(scene.fake.children()[0]));
}

/// Both carry the id of the thread, as the commands of Codex do.
#[tokio::test]
async fn the_processes_of_anothers_turn_on_the_thread_are_not_swept() {
    // Not the thread of the other tests: their sweeps would find it too.
    let thread = format!("0199a213-81c0-7800-8aa1-{:012x}", std::process::id());
    let scene = Scene::new(FakeScript::new().line(STARTED.replace(THREAD, &thread)).hang());
    let environment = || CodexEnvironment::inherit().set("CODEX_THREAD_ID", &thread);
    let mut first = scene.stream_of(scene.invocation("hello").environment(environment()));
    first.next_line().await.unwrap().unwrap();
    let second = rest(scene.stream_of(scene.invocation("hello").environment(environment()))).await;
    assert!(matches!(second.error, Some(TransportError::ThreadBusy { .. })), "{:?}", second.error);
    assert_eq!(second.ended().leftovers, [0; 0]);
    assert_eq!(scene.fake.living(), [scene.fake.calls()[0].pid()], "the first turn goes on");
    scene.cancel.cancel();
    rest(first).await;
}
