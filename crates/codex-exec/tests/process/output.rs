//! What is read of standard output.

use codex_fixtures::FakeScript;
use codex_protocol::Verdict;

use crate::support::{COMPLETED, STARTED, Scene, TURN};

#[tokio::test]
async fn lines_that_cannot_be_decoded_are_items_and_the_stream_goes_on() {
    let script = FakeScript::new()
        .line(STARTED)
        .line("{not json")
        .emit(b"\xff\xfe{}\n")
        .emit("\u{1b}[0m{}\r\n")
        .line("")
        .line(TURN)
        .line(COMPLETED);
    let ran = Scene::new(script).run().await;
    assert_eq!(ran.verdict(), Verdict::Completed);
    let decoded: Vec<bool> = ran.lines.iter().map(|line| line.event().is_ok()).collect();
    assert_eq!(decoded, [true, false, false, false, false, true, true]);
    assert_eq!(ran.lines[2].raw(), b"\xff\xfe{}");
}

#[tokio::test]
async fn a_line_of_64_mib_is_delivered_whole() {
    let ran = Scene::new(FakeScript::new().line(STARTED).long_line(64 << 20).line(COMPLETED)).run().await;
    assert_eq!(ran.lines[1].raw().len(), 64 << 20);
    assert!(ran.lines[1].event().is_ok());
    assert_eq!(ran.verdict(), Verdict::Completed);
}

#[tokio::test]
async fn a_line_over_the_limit_is_cut_and_the_stream_goes_on() {
    let scene = Scene::new(FakeScript::new().line(STARTED).long_line(1 << 20).line(COMPLETED))
        .options(|options| options.line_limit_bytes(1 << 16).line_head_bytes(100));
    let ran = scene.run().await;
    assert_eq!((ran.lines[1].raw().len(), ran.lines[1].original_bytes()), (100, 1 << 20));
    assert!(ran.lines[1].event().is_err());
    assert_eq!(ran.verdict(), Verdict::Completed);
}

#[tokio::test]
async fn a_million_lines_come_in_order() {
    let scene = Scene::new(FakeScript::new().line(STARTED).repeat(1_000_000, "{}").line(COMPLETED));
    let mut stream = scene.stream();
    let mut expected = 1;
    while let Some(line) = stream.next_line().await {
        assert_eq!(line.unwrap().number(), expected);
        expected += 1;
    }
    assert_eq!(expected - 1, 1_000_002);
}
