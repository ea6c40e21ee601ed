//! What is read of standard output, and how far ahead of the consumer.

use codex_fixtures::FakeScript;
use codex_protocol::{EventLine, StopCause, Verdict};

use crate::support::{COMPLETED, STARTED, Scene, TURN, eventually, rest};

const MESSAGE: &str =
    r#"{"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"hello"}}"#;

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

/// With a stalled consumer reading stops, so the writer blocks: memory stays flat. Then nothing is lost.
#[tokio::test]
async fn a_stalled_consumer_stops_the_reading_and_loses_nothing() {
    let lines = 200_000;
    let script = FakeScript::new().line(STARTED).repeat(lines, MESSAGE).reach("written").line(COMPLETED);
    let scene = Scene::new(script).options(|options| options.queue_lines(8));
    let mut stream = scene.stream();
    let first = stream.next_line().await.unwrap().unwrap();
    assert_eq!(first.number(), 1);
    let pid = scene.fake.calls()[0].pid();
    assert!(
        eventually(|| blocked_after_bytes(pid).is_some()).await,
        "17 MB do not fit into a pipe and 8 lines"
    );
    assert!(!scene.fake.reached("written"));
    let ran = rest(stream).await;
    assert_eq!(ran.lines.len() as u64, lines + 1);
    assert_eq!(ran.lines.last().map(EventLine::number), Some(lines + 2));
}

/// What a stalled consumer has made us read is what a pipe, a queue and one read hold.
#[tokio::test]
async fn endless_output_and_a_stalled_consumer_keep_memory_flat() {
    let scene = Scene::new(FakeScript::new().line(STARTED).endless(MESSAGE))
        .options(|options| options.queue_lines(64));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    let pid = scene.fake.calls()[0].pid();
    assert!(eventually(|| blocked_after_bytes(pid).is_some()).await);
    let written = blocked_after_bytes(pid).unwrap();
    assert!(written < 1 << 20, "a pipe of 256 KiB, 64 lines and a read of 64 KiB hold no {written} bytes");
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert_eq!(ran.ended().process.stop, Some(StopCause::Cancelled));
}

/// How much a process has written, if it is blocked after more than a pipe holds.
fn blocked_after_bytes(pid: u32) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let written: u64 = io.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let is_asleep = stat.rsplit(") ").next()?.starts_with('S');
    (is_asleep && written >= 256 << 10).then_some(written)
}
