//! What is read of standard output.

use codex_fixtures::FakeScript;
use codex_protocol::Verdict;

use crate::support::{COMPLETED, STARTED, Scene};

#[tokio::test]
async fn a_line_over_the_limit_is_cut_and_the_stream_goes_on() {
    let scene = Scene::new(FakeScript::new().line(STARTED).long_line(1 << 20).line(COMPLETED))
        .options(|options| options.line_limit_bytes(1 << 16).line_head_bytes(100));
    let ran = scene.run().await;
    assert_eq!((ran.lines[1].raw().len(), ran.lines[1].original_bytes()), (100, 1 << 20));
    assert!(ran.lines[1].event().is_err());
    assert_eq!(ran.verdict(), Verdict::Completed);
}
