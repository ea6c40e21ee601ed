//! Many turns at once.

use std::time::Duration;

use codex_fixtures::FakeScript;

use crate::support::{COMPLETED, STARTED, Scene, THREAD, TURN, eventually, rest};

/// A start needs a thread for a moment, a turn that runs needs none.
#[test]
fn sixty_four_turns_at_once_have_no_thread_each() {
    let script = |n: u32| {
        let thread = format!("{}{n:04}", &THREAD[..THREAD.len() - 4]);
        let started = FakeScript::new().read_stdin().line(STARTED.replace(THREAD, &thread));
        started.line(TURN).wait_for_gate("end").line(COMPLETED)
    };
    let fake = (0..64).fold(codex_fixtures::FakeCodex::builder(), |fake, n| fake.start(script(n))).build();
    let scene = Scene::of(fake);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // What started the turns is gone at once.
        .thread_keep_alive(Duration::from_millis(1))
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..64 {
            streams.push(scene.stream());
        }
        for stream in &mut streams {
            for _ in 0..2 {
                stream.next_line().await.unwrap().unwrap();
            }
        }
        assert_eq!(scene.fake.living().len(), 64);
        // Two workers of ours, those of tests beside this one, the thread that spawns, the harness.
        assert!(eventually(|| threads() < 40).await, "{} threads for 64 turns", threads());
        scene.fake.open_gate("end");
        for stream in streams {
            assert_eq!(rest(stream).await.lines.len(), 1);
        }
    });
    assert!(scene.fake.living().is_empty());
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}
