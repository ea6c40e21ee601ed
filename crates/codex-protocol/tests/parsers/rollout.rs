//! What reading a rollout promises for any bytes.

use codex_protocol::{EventLine, RolloutSummary, TurnSummary};

/// Takes the bytes for the lines of a rollout, and of a stream besides.
pub(crate) fn check(bytes: &[u8]) {
    let (mut rollout, mut stream) = (RolloutSummary::new(), TurnSummary::new());
    let mut lines = 0;
    for raw in bytes.split(|byte| *byte == b'\n') {
        lines += 1;
        rollout.observe(raw);
        stream.observe(&EventLine::new(lines, raw));
        assert_eq!(rollout.lines(), lines);
    }
    assert!(rollout.unreadable() <= lines);
    assert!(rollout.unseen_calls(&stream).len() <= rollout.calls().len());
    assert!(serde_json::to_vec(&rollout).is_ok());
    let _ = (rollout.turn_usage(), rollout.thread_usage(), rollout.end(), rollout.last_agent_message());
}
