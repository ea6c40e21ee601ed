//! What a turn used: from the stream where that is sure, else from the rollout, else unknown.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{EventStream, RolloutRef, TransportReport};
use codex_protocol::{ExitKind, StopCause, ThreadId, TurnUsage, UsageSource};
use codex_turn::{ReadRollout, Thread, TurnResult};

use crate::support::{FakeExec, THREAD, codex, completed, options, started};

/// A thread, and the file in which its Codex records it.
struct Recorded {
    exec: Arc<FakeExec>,
    home: tempfile::TempDir,
    thread: Thread,
}

impl Recorded {
    fn new() -> Self {
        let exec = FakeExec::new([]);
        let thread = codex(&exec).start_thread(options());
        Self { exec, home: tempfile::tempdir().unwrap(), thread }
    }

    fn file(&self) -> PathBuf {
        let day = self.home.path().join("sessions/2026/01/01");
        fs::create_dir_all(&day).unwrap();
        day.join(format!("rollout-2026-01-01T00-00-00-{THREAD}.jsonl"))
    }

    /// What Codex writes of a turn, or somebody else's Codex.
    fn record(&self, turn: u64, thread: u64) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.file()).unwrap();
        let usage =
            |input| serde_json::json!({"input_tokens": input, "cached_input_tokens": 0, "output_tokens": 5});
        let started = serde_json::json!({"type": "event_msg", "payload": {"type": "task_started"}});
        let record = serde_json::json!({"type": "token_usage_record", "payload": {
            "turn_token_usage": usage(turn), "thread_token_usage": usage(thread),
        }});
        writeln!(file, "{started}\n{record}").unwrap();
    }

    /// Runs a turn that uses this much, and after which the stream reports this total.
    async fn turn(&self, turn: u64, total: u64) -> TurnResult {
        let rollout = RolloutRef::locate(self.home.path(), &ThreadId::parse(THREAD).unwrap());
        self.record(turn, total);
        let end = TransportReport::new(ExitKind::Code(0)).rollout(rollout);
        self.exec.add(EventStream::from_parts([started(), completed(total, 5)], end));
        self.thread.run("go on").await.unwrap()
    }
}

fn tokens(usage: TurnUsage) -> (Option<u64>, Option<u64>, Option<UsageSource>) {
    (usage.thread.map(|usage| usage.input_tokens), usage.turn.map(|usage| usage.input_tokens), usage.source)
}

#[tokio::test]
async fn a_turn_after_a_turn_of_this_handle_is_the_difference() {
    let recorded = Recorded::new();
    let first = recorded.turn(600, 600).await;
    assert_eq!(tokens(first.usage), (Some(600), Some(600), Some(UsageSource::Stream)));
    // The file says something else, so that it shows that it was not asked.
    let second = recorded.turn(1, 1600).await;
    assert_eq!(tokens(second.usage), (Some(1600), Some(1000), Some(UsageSource::Stream)));
    assert!(second.rollout.is_none(), "it was not read either");
}

#[tokio::test]
async fn a_turn_after_somebody_elses_is_what_the_rollout_says() {
    let recorded = Recorded::new();
    recorded.turn(600, 600).await;
    recorded.record(300, 900);
    let second = recorded.turn(700, 1600).await;
    assert_eq!(tokens(second.usage), (Some(1600), Some(700), Some(UsageSource::Rollout)));
}

#[tokio::test]
async fn a_turn_after_one_that_did_not_complete_is_what_the_rollout_says() {
    let recorded = Recorded::new();
    recorded.turn(600, 600).await;
    recorded.exec.add(EventStream::from_parts([started()], TransportReport::new(ExitKind::Signal(9))));
    recorded.thread.run("dies").await.unwrap_err();
    let third = recorded.turn(700, 1600).await;
    assert_eq!(tokens(third.usage), (Some(1600), Some(700), Some(UsageSource::Rollout)));
}

#[tokio::test]
async fn without_a_rollout_nobody_can_tell_and_nothing_is_guessed() {
    let streams = [600, 1600].map(|total| EventStream::from_lines([started(), completed(total, 5)]));
    let thread = codex(&FakeExec::new(streams)).start_thread(options());
    thread.run("one").await.unwrap();
    let second = thread.run("two").await.unwrap();
    assert_eq!(tokens(second.usage), (Some(1600), None, None));
}

#[tokio::test]
async fn zeros_are_unknown() {
    let exec = FakeExec::new([EventStream::from_lines([started(), completed(0, 0)])]);
    let result = codex(&exec).start_thread(options()).run("review").await.unwrap();
    assert_eq!(result.usage, TurnUsage::default());
}

#[tokio::test]
async fn what_is_left_of_a_killed_turn_comes_from_the_rollout() {
    let rollout = concat!(
        r#"{"type":"event_msg","payload":{"type":"task_started"}}"#,
        "\n",
        r#"{"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"text":"so far"}]}}"#,
        "\n",
        r#"{"type":"response_item","payload":{"type":"function_call","call_id":"c","name":"exec_command","arguments":"{\"cmd\":\"make\"}"}}"#,
        "\n{\"half a li",
    );
    let end = || {
        let end = TransportReport::stopped(ExitKind::Signal(9), StopCause::Cancelled);
        end.rollout(RolloutRef::from_memory(rollout))
    };
    let exec = FakeExec::new((0..2).map(|_| EventStream::from_parts([started()], end())));
    let thread = codex(&exec).start_thread(options());
    let result = thread.run("one").await.unwrap_err().into_result().unwrap();
    let left = result.rollout.as_ref().unwrap();
    assert_eq!(left.last_agent_message(), Some("so far"));
    let calls = result.unseen_calls().unwrap();
    assert_eq!((calls.len(), calls[0].output.as_deref()), (1, None));

    let result = thread.run("two").read_rollout(ReadRollout::Never).await.unwrap_err().into_result().unwrap();
    assert!(result.rollout.is_none() && result.unseen_calls().is_none());
}

#[tokio::test]
async fn calls_that_left_no_event_are_read_when_asked_for() {
    let rollout = concat!(
        r#"{"type":"event_msg","payload":{"type":"task_started"}}"#,
        "\n",
        r#"{"type":"response_item","payload":{"type":"function_call","call_id":"c","name":"exec_command","arguments":"{\"cmd\":\"curl x\"}"}}"#,
        "\n",
    );
    let stream = || {
        let end = TransportReport::new(ExitKind::Code(0)).rollout(RolloutRef::from_memory(rollout));
        EventStream::from_parts([started(), completed(1, 1)], end)
    };
    let exec = FakeExec::new([stream(), stream()]);
    let codex = codex(&exec);
    let unasked = codex.start_thread(options()).run("one").await.unwrap();
    assert!(unasked.unseen_calls().is_none(), "the usage is known without it, so it was not read");
    let asked = codex.start_thread(options()).run("two").read_rollout(ReadRollout::Always).await.unwrap();
    assert_eq!(asked.unseen_calls().unwrap()[0].name, "exec_command");
}

#[tokio::test]
async fn the_calls_of_a_copied_thread_are_not_mistaken_for_those_of_the_turn() {
    let rollout = concat!(
        r#"{"type":"response_item","payload":{"type":"function_call","call_id":"c","name":"old","arguments":"{}"}}"#,
        "\n",
    );
    let end = TransportReport::new(ExitKind::Code(0)).rollout(RolloutRef::from_memory(rollout));
    let exec = FakeExec::new([EventStream::from_parts([started(), completed(1, 1)], end)]);
    let copy = codex(&exec).fork_thread(ThreadId::parse(THREAD).unwrap(), options());
    let result = copy.run("one").read_rollout(ReadRollout::Always).await.unwrap();
    assert_eq!(result.rollout.as_ref().unwrap().calls().len(), 1);
    assert!(result.unseen_calls().is_none());
}

#[tokio::test]
async fn a_rollout_that_is_not_there_is_no_error() {
    let home = tempfile::tempdir().unwrap();
    let rollout = RolloutRef::of_new_thread(home.path(), &ThreadId::parse(THREAD).unwrap());
    let end = TransportReport::new(ExitKind::Code(0)).rollout(rollout);
    let exec = FakeExec::new([EventStream::from_parts([started(), completed(0, 0)], end)]);
    let thread = codex(&exec).start_thread(options());
    let result = thread.run("one").read_rollout(ReadRollout::Always).await.unwrap();
    assert!(result.rollout.is_none() && result.unseen_calls().is_none());
}
