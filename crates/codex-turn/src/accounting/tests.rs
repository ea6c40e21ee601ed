//! Every way in which a turn can be accounted, as a table.

use rstest::rstest;

use super::*;

/// A number as releases report it that count by threads.
fn total(input: u64) -> Usage {
    let mut usage = Usage::new(input, 10);
    usage.reasoning_output_tokens = Some(0);
    usage
}

/// A number as older releases report it, by threads or by processes.
fn unclear(input: u64) -> Usage {
    Usage::new(input, 10)
}

fn rollout(thread: u64, turn: u64) -> RolloutSummary {
    let line = serde_json::json!({ "type": "token_usage_record", "payload": {
        "turn_token_usage": unclear(turn),
        "thread_token_usage": unclear(thread),
    }});
    let mut rollout = RolloutSummary::new();
    rollout.observe(line.to_string().as_bytes());
    rollout
}

const STREAM: Option<UsageSource> = Some(UsageSource::Stream);
const ROLLOUT: Option<UsageSource> = Some(UsageSource::Rollout);

#[rstest]
#[case::first_turn(ThreadRelation::Fresh, Some(total(600)), None, None, Some(600), Some(600), STREAM)]
#[case::first_turn_of_an_old_release(
    ThreadRelation::Fresh,
    Some(unclear(600)),
    None,
    None,
    Some(600),
    Some(600),
    STREAM
)]
#[case::review_reports_zeros(ThreadRelation::Fresh, None, None, None, None, None, None)]
#[case::review_with_a_rollout(ThreadRelation::Fresh, None, None, Some((50, 50)), Some(50), Some(50), ROLLOUT)]
#[case::resumed_by_this_handle(
    ThreadRelation::Resumed,
    Some(total(1600)),
    Some(600),
    None,
    Some(1600),
    Some(1000),
    STREAM
)]
#[case::difference_before_rollout(
    ThreadRelation::Resumed, Some(total(1600)), Some(600), Some((1600, 999)), Some(1600), Some(1000), STREAM
)]
#[case::resumed_after_others(ThreadRelation::Resumed, Some(total(1600)), None, Some((1600, 7)), Some(1600), Some(7), ROLLOUT)]
#[case::resumed_without_a_rollout(
    ThreadRelation::Resumed,
    Some(total(1600)),
    None,
    None,
    Some(1600),
    None,
    None
)]
#[case::total_that_shrank(ThreadRelation::Resumed, Some(total(500)), Some(600), None, Some(500), None, None)]
#[case::old_release_resumed(ThreadRelation::Resumed, Some(unclear(1000)), Some(600), None, None, None, None)]
#[case::old_release_by_threads(
    ThreadRelation::Resumed, Some(unclear(1600)), Some(600), Some((1600, 1000)), Some(1600), Some(1000), ROLLOUT
)]
#[case::old_release_by_processes(
    ThreadRelation::Resumed, Some(unclear(1000)), Some(600), Some((1000, 1000)), None, Some(1000), ROLLOUT
)]
#[case::killed_turn(ThreadRelation::Resumed, None, Some(600), Some((1600, 1000)), Some(1600), Some(1000), ROLLOUT)]
#[case::fork(ThreadRelation::Copied, Some(total(570)), None, None, Some(570), None, None)]
#[case::fork_with_a_rollout(ThreadRelation::Copied, Some(total(570)), None, Some((570, 70)), Some(570), Some(70), ROLLOUT)]
#[case::newest_thread(ThreadRelation::Found, Some(total(570)), None, None, Some(570), None, None)]
#[case::lines_from_elsewhere(ThreadRelation::Unknown, Some(total(570)), None, None, Some(570), None, None)]
#[case::old_lines_from_elsewhere(ThreadRelation::Unknown, Some(unclear(570)), None, None, None, None, None)]
fn a_turn_is_accounted_by_what_is_sure(
    #[case] origin: ThreadRelation,
    #[case] reported: Option<Usage>,
    #[case] before: Option<u64>,
    #[case] record: Option<(u64, u64)>,
    #[case] thread: Option<u64>,
    #[case] turn: Option<u64>,
    #[case] source: Option<UsageSource>,
) {
    let rollout = record.map(|(thread, turn)| rollout(thread, turn));
    let mut total_before = before.map(total);
    if let Some(usage) = &mut total_before {
        usage.output_tokens = 0;
    }
    let account = TurnFacts { origin, reported, total_before, rollout: rollout.as_ref() };
    let usage = account.settle();
    let input = |usage: Option<Usage>| usage.map(|usage| usage.input_tokens);
    assert_eq!((input(usage.thread), input(usage.turn), usage.source), (thread, turn, source));
}
