//! Cancelling a turn in the middle of a command with a tree of processes.

use std::time::{Duration, Instant};

use codex_exec::{Sandbox, TransportError};
use codex_fixtures::{Reply, alive};
use codex_protocol::{StopCause, TransportEnd, Verdict};

use crate::support::{LONG, Scene, rest};

/// Three deep: the shell that Codex starts, a shell in it, and a sleep; each tells its process id.
const TREE: &str = "echo $$ > pids; sh -c 'echo $$ >> pids; (sh -c \"echo \\$\\$ >> pids; touch ready; sleep 300\"); true'; true";
/// As above, and the deepest in a session of its own that ignores what can be ignored.
const STUBBORN: &str = "sh -c 'trap \"\" INT TERM HUP; setsid sh -c \"trap \\\"\\\" INT TERM HUP; echo \\$\\$ > pids; touch ready; sleep 300\"'; true";

fn require_sandbox() {
    let enabled = |path: &str| std::fs::read_to_string(path).map_or(true, |text| text.trim() != "0");
    assert!(
        enabled("/proc/sys/user/max_user_namespaces")
            && enabled("/proc/sys/kernel/unprivileged_userns_clone"),
        "this test needs user namespaces for Codex's sandbox, and the kernel of this machine forbids them"
    );
}

#[rstest::rstest]
#[case::without_a_sandbox(Sandbox::DangerFullAccess, TREE)]
#[case::in_the_sandbox(Sandbox::WorkspaceWrite, TREE)]
#[case::stubborn_without_a_sandbox(Sandbox::DangerFullAccess, STUBBORN)]
#[case::stubborn_in_the_sandbox(Sandbox::WorkspaceWrite, STUBBORN)]
#[tokio::test]
async fn nothing_survives_a_cancel_in_mid_command(#[case] sandbox: Sandbox, #[case] command: &str) {
    require_sandbox();
    let scene = Scene::new([Reply::new().exec(command)]);
    let mut stream = scene.stream(scene.invocation("go").sandbox(sandbox));
    let first = stream.next_line().await.unwrap().unwrap();
    let ready = scene.work().join("ready");
    assert!(eventually(|| ready.exists()).await, "the command runs");
    let marker = marker_of(&scene);
    assert!(!codex_fixtures::processes_with_environment(&marker).is_empty());
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert!(matches!(ran.error, Some(TransportError::Cancelled)), "{:?} after {first:?}", ran.error);
    let end = ran.end.as_ref().unwrap().end;
    assert_eq!(end, TransportEnd::exited(1).stopped_by(StopCause::Cancelled));
    assert_eq!(ran.verdict(), Verdict::Cancelled);
    assert_eq!(codex_fixtures::processes_with_environment(&marker), [0; 0]);
    if sandbox == Sandbox::DangerFullAccess {
        // In the sandbox they are numbers of another namespace.
        for pid in std::fs::read_to_string(scene.work().join("pids")).unwrap().lines() {
            assert!(!alive(pid.trim().parse().unwrap()), "{pid}");
        }
    }
}

/// The marker of the only start of the scene, from the note that it leaves while it lasts.
fn marker_of(scene: &Scene) -> String {
    let notes = std::fs::read_dir(scene.scratch.path().join("state/starts")).unwrap();
    notes.map(|note| note.unwrap().file_name().into_string().unwrap()).next().unwrap()
}

#[tokio::test]
async fn a_cancel_during_a_model_call_ends_the_turn() {
    let scene = Scene::new([Reply::new().message("never seen").hold()]);
    let mut stream = scene.stream(scene.invocation("go"));
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.server.requests().len() == 1).await);
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert!(matches!(ran.error, Some(TransportError::Cancelled)));
    scene.server.release();
}

#[tokio::test]
async fn a_dropped_stream_ends_codex() {
    let scene = Scene::new([Reply::new().exec("touch ready; sleep 300")]);
    let mut stream = scene.stream(scene.invocation("go").sandbox(Sandbox::DangerFullAccess));
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.work().join("ready").exists()).await);
    let marker = marker_of(&scene);
    drop(stream);
    assert!(eventually(|| codex_fixtures::processes_with_environment(&marker).is_empty()).await);
}

#[tokio::test]
async fn a_setsid_child_of_a_completed_turn_is_killed_and_named() {
    let command = "setsid sh -c 'echo $$ > pids; touch ready; exec sleep 300' > /dev/null 2>&1 < /dev/null & while [ ! -e ready ]; do :; done";
    let scene = Scene::new([Reply::new().exec(command), Reply::new().message("done")]);
    let ran = scene.run(scene.invocation("go").sandbox(Sandbox::DangerFullAccess)).await;
    assert_eq!(ran.verdict(), Verdict::Completed);
    let pid: u32 = std::fs::read_to_string(scene.work().join("pids")).unwrap().trim().parse().unwrap();
    assert_eq!(ran.end.unwrap().leftovers, [pid]);
    assert!(!alive(pid));
}

async fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + LONG;
    while Instant::now() < until {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}
