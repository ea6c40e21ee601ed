//! What does not want to stop.

use std::time::Duration;

use codex_exec::TransportError;
use codex_fixtures::{ChildProcess, FakeScript, Signal};
use codex_protocol::ExitKind;

use crate::fault::Fault;
use crate::scene::STARTED;

/// Deaf to all that can be ignored, with a child beside it and a tree of sessions below.
fn deaf_tree() -> FakeScript {
    FakeScript::new()
        .ignore(Signal::Interrupt)
        .ignore(Signal::Terminate)
        .ignore(Signal::HangUp)
        .spawn(ChildProcess::new().ignores_signals())
        .spawn(ChildProcess::new().own_session().ignores_signals().holds_output().with_descendants(2))
        .line(STARTED)
        .reach("begun")
        .hang()
}

pub(crate) fn deaf_tree_cancelled() -> Fault {
    Fault::new(
        "ignores INT and TERM, with children in and out of its session: cancelled",
        deaf_tree(),
        "cancelled",
    )
    .options(|options| options.grace(Duration::from_millis(200)))
    .cancelled()
    .evidence(|scene, seen| {
        assert!(matches!(seen.error, Some(TransportError::Cancelled)), "{:?}", seen.error);
        assert_eq!(seen.ended().end.exit(), Some(ExitKind::Signal(9)));
        assert_eq!(scene.fake.living(), [0; 0], "nothing lives when the stream says so");
        let sessions = &scene.fake.children()[1..];
        assert!(sessions.iter().all(|pid| seen.ended().leftovers.contains(pid)));
        "killed; the 3 processes of another session are named".to_owned()
    })
}

pub(crate) fn deaf_tree_dropped() -> Fault {
    Fault::new("the same: dropped", deaf_tree(), "nobody listens")
        .options(|options| options.drop_grace(Duration::from_millis(200)))
        .dropped()
        .evidence(|scene, _| {
            assert!(scene.fake.calls()[0].count_of(Signal::Interrupt) >= 1);
            "asked, then killed, 5 processes".to_owned()
        })
}

pub(crate) fn neither_reads_nor_ends_cancelled() -> Fault {
    let script = FakeScript::new().ignore(Signal::Interrupt).line(STARTED).reach("begun").hang();
    Fault::new("neither reads the prompt nor ends: cancelled", script, "cancelled")
        .options(|options| options.grace(Duration::from_millis(200)))
        .prompt_bytes(1 << 20)
        .cancelled()
        .evidence(|scene, seen| {
            assert!(matches!(seen.error, Some(TransportError::Cancelled)), "{:?}", seen.error);
            assert!(scene.fake.calls()[0].stdin_text().is_empty());
            "1 MiB of prompt unread, killed".to_owned()
        })
}
