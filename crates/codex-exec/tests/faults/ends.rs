//! How Codex can end otherwise than it should.

use std::time::Duration;

use codex_exec::TransportError;
use codex_fixtures::{ChildProcess, FakeScript, Signal};
use codex_protocol::{FailureKind, StopCause, TransportEnd, Verdict};

use crate::fault::{Fault, Seen};
use crate::scene::{COMPLETED, STARTED, TURN};

const HALF: &str = r#"{"type":"turn.comp"#;

fn begun() -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).line(TURN)
}

fn half_is_kept(seen: &Seen) -> String {
    assert!(seen.error.is_none(), "{:?}", seen.error);
    assert_eq!(seen.understood(), [true, true, false]);
    assert_eq!(seen.first[2].raw(), HALF.as_bytes());
    "the half line is a line, and no end".to_owned()
}

pub(crate) fn half_a_line_then_exit_137() -> Fault {
    Fault::new("half a line, then exit 137", begun().emit(HALF).exit(137), "exited with code 137")
        .evidence(|_, seen| half_is_kept(seen))
}

pub(crate) fn half_a_line_then_sigkill() -> Fault {
    Fault::new("half a line, then SIGKILL", begun().emit(HALF).die(Signal::Kill), "killed by signal 9")
        .evidence(|_, seen| half_is_kept(seen))
}

pub(crate) fn exit_0_in_mid_turn() -> Fault {
    Fault::new("exit 0 in mid turn", begun(), "truncated").evidence(|_, seen| {
        assert!(seen.error.is_none(), "{:?}", seen.error);
        assert_eq!(seen.ended().end, TransportEnd::exited(0));
        "exit 0 and no terminal event".to_owned()
    })
}

pub(crate) fn exit_1_after_completion() -> Fault {
    Fault::new("exit 1 after completion", begun().line(COMPLETED).exit(1), "exited with code 1").evidence(
        |_, seen| {
            assert!(seen.summary.terminal().is_some());
            "the turn's data is there".to_owned()
        },
    )
}

/// All of it was read, and its end is kept.
fn stderr_is_drained(seen: &Seen) -> String {
    let tail = &seen.ended().stderr_tail;
    assert_eq!((tail.bytes.len(), tail.dropped_bytes), (64 << 10, (1 << 20) + 7 - (64 << 10)));
    assert!(tail.text().ends_with("the end"));
    "1 MiB was read, the last 64 KiB are kept".to_owned()
}

pub(crate) fn megabyte_of_stderr() -> Fault {
    let script = FakeScript::new().stderr_bytes(1 << 20).then(begun()).line(COMPLETED).stderr("the end");
    Fault::new("1 MB of stderr, success", script, "completed").evidence(|_, seen| stderr_is_drained(seen))
}

pub(crate) fn megabyte_of_stderr_and_exit_1() -> Fault {
    let script = FakeScript::new().read_stdin().stderr_bytes(1 << 20).stderr("the end").exit(1);
    Fault::new("1 MB of stderr, exit 1", script, "did not start").evidence(|_, seen| {
        let Some(TransportError::StartFailed { reasons, .. }) = &seen.error else { unreachable!() };
        assert!(reasons.last().unwrap().ends_with("the end"), "{reasons:?}");
        stderr_is_drained(seen)
    })
}

pub(crate) fn failure_with_json_in_its_message() -> Fault {
    let body = r#"{\n  \"error\": {\n    \"message\": \"Invalid schema\",\n    \"type\": \"invalid_request_error\"\n  },\n  \"status\": 400\n}"#;
    let script = begun()
        .line(format!(r#"{{"type":"error","message":"{body}"}}"#))
        .line(format!(r#"{{"type":"turn.failed","error":{{"message":"{body}"}}}}"#))
        .exit(1);
    let told = "failed: {\n  \"error\": {\n    \"message\": \"Invalid schema\",\n    \"type\": \"invalid_request_error\"\n  },\n  \"status\": 400\n}";
    Fault::new("`error` and `turn.failed` with JSON in the message", script, told).evidence(|_, seen| {
        let verdict = Verdict::decide(&seen.summary, &seen.ended().end);
        let Verdict::Failed(failure) = verdict else { unreachable!() };
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert!(seen.summary.notices().is_empty(), "it is told once");
        "classified as an invalid request, told once".to_owned()
    })
}

pub(crate) fn reconnects_and_then_success() -> Fault {
    let notice =
        r#"{"type":"error","message":"Reconnecting... 1/5 (stream disconnected before completion: x)"}"#;
    let script = begun().line(notice).line(notice).line(COMPLETED);
    Fault::new("reconnect notices, then success", script, "completed").evidence(|_, seen| {
        assert_eq!(seen.summary.notices().len(), 2);
        "2 notices".to_owned()
    })
}

pub(crate) fn failed_turn_flushes_for_three_seconds() -> Fault {
    let failed = r#"{"type":"turn.failed","error":{"message":"Quota exceeded."}}"#;
    let script = begun().line(failed).sleep(Duration::from_secs(3)).exit(1);
    Fault::new("`turn.failed`, then 3 s of flushing", script, "failed: Quota exceeded.").evidence(
        |_, seen| {
            assert_eq!(seen.ended().end, TransportEnd::exited(1), "it was not asked to stop");
            "it ended by itself, exit 1".to_owned()
        },
    )
}

pub(crate) fn prompt_that_is_never_read() -> Fault {
    let script = FakeScript::new().line(STARTED).line(TURN).line(COMPLETED);
    Fault::new("ends without reading the prompt", script, "completed").prompt_bytes(1 << 20).evidence(
        |scene, seen| {
            assert!(seen.error.is_none());
            assert!(scene.fake.calls()[0].stdin_text().is_empty());
            "1 MiB of prompt unread".to_owned()
        },
    )
}

pub(crate) fn holder_of_the_pipe() -> Fault {
    let holder = ChildProcess::new().own_session().holds_output().lives(Duration::from_mins(2));
    Fault::new("a background process holds the pipe", begun().spawn(holder).line(COMPLETED), "completed")
        .evidence(|scene, seen| {
            assert_eq!(seen.ended().leftovers, scene.fake.children());
            "the holder is named and killed".to_owned()
        })
}

pub(crate) fn stdout_closed_early() -> Fault {
    Fault::new("stdout closed early", begun().close_stdout().hang(), "truncated")
        .options(|options| options.settle(Duration::from_millis(200)))
        .evidence(|_, seen| {
            assert_eq!(seen.ended().end.stop, Some(StopCause::SettleLimit));
            "it lived on and was stopped".to_owned()
        })
}

pub(crate) fn not_codex() -> Fault {
    Fault::new("a program that is not Codex", FakeScript::new().line("usage: frobnicate [FILE]"), "not codex")
        .evidence(|scene, seen| {
            let Some(TransportError::NotCodex { program, first_line, .. }) = &seen.error else {
                unreachable!()
            };
            assert_eq!((program, first_line.as_str()), (&scene.fake.path(), "usage: frobnicate [FILE]"));
            "named with its first line".to_owned()
        })
}
