//! Streams that are made, looked at, cancelled and dropped, and never polled.

use codex_exec::Phase;
use codex_fixtures::FakeScript;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::support::Scene;

/// What can be done with streams short of polling one.
#[derive(Clone, Copy, Debug)]
enum Act {
    Make,
    Look,
    Cancel,
    DropOne,
    /// Gives a task that should not be there the time to start something.
    LetOthersRun,
}

#[test]
fn a_stream_that_is_never_polled_starts_no_process() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let acts = select(&[Act::Make, Act::Make, Act::Look, Act::Cancel, Act::DropOne, Act::LetOthersRun][..]);
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    runner
        .run(&vec(acts, 0..20), |acts| {
            let scene = Scene::new(FakeScript::completed_turn("never"));
            runtime.block_on(async {
                let mut streams = Vec::new();
                for act in acts {
                    match act {
                        Act::Make => streams.push(scene.stream()),
                        Act::Look => assert!(streams.iter().all(|stream| stream.phase() == Phase::Cold)),
                        Act::Cancel => scene.cancel.cancel(),
                        Act::DropOne => drop(streams.pop()),
                        Act::LetOthersRun => tokio::task::yield_now().await,
                    }
                }
                drop(streams);
                tokio::task::yield_now().await;
            });
            // A start makes this folder before anything else.
            proptest::prop_assert!(!scene.scratch.path().join("state").exists());
            proptest::prop_assert!(scene.fake.calls().is_empty());
            Ok(())
        })
        .unwrap();
}
