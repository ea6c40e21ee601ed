//! How far reading goes ahead of a consumer that takes nothing.

use codex_fixtures::FakeScript;
use codex_protocol::{EventLine, StopCause};

use crate::support::{COMPLETED, STARTED, Scene, eventually, rest};

const MESSAGE: &str =
    r#"{"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"hello"}}"#;

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
