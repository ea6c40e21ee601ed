//! Four auto-runs of the real Codex at once, alone in their process so that what they leave can be counted: needs
//! `cargo xtask codex`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "real_auto/scene.rs"]
mod scene;

use std::fs;
use std::time::Duration;

use codex_fixtures::{open_fds, processes_with_environment, wait_until};
use codex_turn::FileExists;
use tokio::runtime::Handle;

use scene::{Scene, answer, patch};

/// Runs of two turns, all at once; each makes the file that its check looks for.
async fn runs(count: usize) -> Vec<Scene> {
    let scenes: Vec<_> = (0..count)
        .map(|number| {
            let text = format!("*** Add File: done.txt\n+{number}");
            Scene::new([answer("soon"), patch(&text), answer(&format!("done {number}"))])
        })
        .collect();
    let runs: Vec<_> = scenes
        .iter()
        .map(|scene| {
            tokio::spawn(scene.run("make done.txt").until(FileExists::new("done.txt")).into_future())
        })
        .collect();
    for (number, (scene, run)) in scenes.iter().zip(runs).enumerate() {
        let report = run.await.unwrap().unwrap();
        assert!(report.is_satisfied(), "{:?}", report.stop);
        assert_eq!(report.final_response(), Some(&*format!("done {number}")));
        assert_eq!(scene.work("done.txt"), Some(format!("{number}\n")));
        assert_eq!((report.steps.len(), report.spent.tokens), (2, 330));
    }
    scenes
}

fn children() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    tasks.map(|task| of(task.unwrap()).split_whitespace().count()).sum()
}

/// Processes of any start that know one of these scenes' homes.
fn of_scenes(scenes: &[Scene]) -> Vec<u32> {
    let homes: Vec<_> = scenes.iter().map(|scene| scene.folder.path().display().to_string()).collect();
    let is_ours = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        homes.iter().any(|home| environment.contains(home.as_str()))
    };
    processes_with_environment("CODEX_HOME").into_iter().filter(is_ours).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_runs_at_once_do_not_disturb_each_other_and_give_everything_back() {
    // What a first run leaves for good, such as the thread that starts processes, is there before it is counted.
    drop(runs(1).await);
    let metrics = Handle::current().metrics();
    let counts = || [metrics.num_alive_tasks(), open_fds(), children()];
    let before = counts();
    let scenes = runs(4).await;
    assert_eq!(of_scenes(&scenes), [0; 0], "processes live");
    for scene in &scenes {
        scene.server.assert_clean();
        for folder in ["state/starts", "state/threads"] {
            let left = fs::read_dir(scene.folder.path().join(folder)).unwrap().count();
            assert_eq!(left, 0, "{folder}");
        }
    }
    drop(scenes);
    let mut after = counts();
    let back = tokio::task::block_in_place(|| {
        wait_until(Duration::from_secs(20), || {
            after = counts();
            after == before
        })
    });
    assert!(back, "tasks, files and sockets, children: {before:?}, then {after:?}");
}
