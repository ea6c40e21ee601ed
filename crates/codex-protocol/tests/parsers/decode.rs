//! What decoding promises for any bytes.

use codex_protocol::{Boundary, EventLine, ThreadEvent, TurnSummary};

/// Takes the bytes for the lines of a stream.
pub(crate) fn check(bytes: &[u8]) {
    let mut summary = TurnSummary::new();
    let mut undecodable = 0;
    for (number, raw) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = EventLine::new(number, raw);
        let boundary = line.boundary();
        let expected = match line.event() {
            Ok(ThreadEvent::ThreadStarted(started)) => Boundary::ThreadStarted(started.thread_id.clone()),
            Ok(event) if event.is_terminal() => Boundary::TurnEnded,
            _ => Boundary::Within,
        };
        assert_eq!(boundary, expected, "the glance and the look disagree");
        assert_eq!(line.raw(), raw, "the line is kept as it was");
        match line.event() {
            Ok(event) => written_and_read_again(event),
            Err(error) => {
                undecodable += 1;
                assert!(!error.to_string().is_empty());
            }
        }
        summary.observe(&line);
        assert_eq!(summary.lines(), number);
    }
    assert_eq!(summary.undecodable(), undecodable);
    assert!(summary.items().len() as u64 <= summary.lines());
}

/// What was understood is understood again when we write it.
fn written_and_read_again(event: &ThreadEvent) {
    let written = serde_json::to_vec(event).expect("an event can be written");
    let again = EventLine::new(1, written.as_slice());
    let same = again.event().expect("what we write we read");
    assert_eq!(serde_json::to_vec(same).expect("an event can be written"), written);
}
