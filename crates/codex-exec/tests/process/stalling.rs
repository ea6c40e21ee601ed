//! How far reading goes ahead of a consumer that takes nothing.

use std::time::Duration;

use codex_fixtures::FakeScript;
use codex_protocol::{EventLine, StopCause, TransportEnd};

use crate::support::{COMPLETED, LONG, STARTED, Scene, TURN, eventually, rest};

const MESSAGE: &str =
    r#"{"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"hello"}}"#;

/// With a stalled consumer reading stops, so the writer blocks: memory stays flat. Then nothing is lost.
#[tokio::test]
async fn a_stalled_consumer_stops_the_reading_and_loses_nothing() {
    let lines = 60_000;
    let script = FakeScript::new().line(STARTED).repeat(lines, MESSAGE).reach("written").line(COMPLETED);
    let scene = Scene::new(script).options(|options| options.queue_lines(8));
    let mut stream = scene.stream();
    let first = stream.next_line().await.unwrap().unwrap();
    assert_eq!(first.number(), 1);
    let pid = scene.fake.calls()[0].pid();
    assert!(
        eventually(|| blocked_after_bytes(pid).is_some()).await,
        "5 MB do not fit into a pipe and 8 lines"
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
    assert_eq!(ran.ended().end.stop, Some(StopCause::Cancelled));
}

/// The drain limit is for a pipe that somebody else holds, not for a consumer that takes its time.
#[tokio::test]
async fn a_consumer_that_stalls_after_the_exit_loses_nothing() {
    let script = FakeScript::new().line(STARTED).repeat(2000, "{}").line(COMPLETED);
    let scene = Scene::new(script).options(|options| options.queue_lines(4).drain(Duration::from_millis(1)));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    let process = format!("/proc/{}", scene.fake.calls()[0].pid());
    assert!(eventually(|| !std::path::Path::new(&process).exists()).await);
    let given_up = eventually(|| scene.notes().is_empty());
    assert!(tokio::time::timeout(Duration::from_millis(200), given_up).await.is_err());
    let ran = rest(stream).await;
    assert_eq!((ran.lines.len(), ran.raw().last().map(String::as_str)), (2001, Some(COMPLETED)));
}

#[tokio::test]
async fn silence_does_not_count_while_the_consumer_is_waited_for() {
    let begun = FakeScript::new().line(STARTED).wait_for_gate("go on");
    let script = begun.repeat(100, "{}").line(COMPLETED).reach("written").wait_for_gate("exit");
    let scene =
        Scene::new(script).options(|options| options.queue_lines(4).idle_limit(Duration::from_secs(2)));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    scene.fake.open_gate("go on");
    assert!(eventually(|| scene.fake.reached("written")).await);
    let stopped = eventually(|| scene.fake.living().is_empty());
    assert!(tokio::time::timeout(Duration::from_millis(2500), stopped).await.is_err());
    scene.fake.open_gate("exit");
    let ran = rest(stream).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!((ran.lines.len(), ran.ended().end), (101, TransportEnd::exited(0)));
}

/// Each silence is shorter than the limit, all together are longer.
#[tokio::test]
async fn silence_counts_anew_after_each_line() {
    let pause = |script: FakeScript| script.sleep(Duration::from_millis(1200)).line("{}");
    let script = pause(pause(pause(FakeScript::new().line(STARTED)))).line(COMPLETED);
    let scene = Scene::new(script).options(|options| options.idle_limit(Duration::from_secs(3)));
    let ran = scene.run().await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(ran.lines.len(), 5);
}

/// With one thread for both, bytes that came while the consumer worked are found late; they came all the same.
#[tokio::test]
async fn bytes_that_came_while_the_only_thread_was_busy_are_no_silence() {
    let script = FakeScript::new().line(STARTED).wait_for_gate("go on").line(TURN).reach("written");
    let scene = Scene::new(script.wait_for_gate("end").line(COMPLETED))
        .options(|options| options.idle_limit(Duration::from_secs(2)));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    // Lets the supervisor wait for bytes.
    tokio::task::yield_now().await;
    scene.fake.open_gate("go on");
    assert!(scene.fake.wait_until_reached("written", LONG));
    std::thread::sleep(Duration::from_millis(2200));
    assert_eq!(stream.next_line().await.unwrap().unwrap().number(), 2);
    scene.fake.open_gate("end");
    assert!(rest(stream).await.error.is_none());
}

/// How much a process has written, if it is blocked after more than a pipe holds.
fn blocked_after_bytes(pid: u32) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let written: u64 = io.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let is_asleep = stat.rsplit(") ").next()?.starts_with('S');
    (is_asleep && written >= 256 << 10).then_some(written)
}
