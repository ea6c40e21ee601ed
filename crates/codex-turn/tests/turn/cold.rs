//! Nothing starts before the first poll, and what was never polled leaves no trace.

use codex_exec::EventStream;
use codex_turn::Keep;
use futures_util::TryStreamExt;
use rstest::rstest;

use crate::support::{FakeExec, codex, options, turn_lines};

#[tokio::test]
async fn a_turn_that_is_not_polled_starts_nothing() {
    let exec = FakeExec::new([EventStream::from_lines(turn_lines("done", 1))]);
    let thread = codex(&exec).start_thread(options());
    drop(thread.run("one"));
    drop(thread.run_streamed("two"));
    drop(IntoFuture::into_future(thread.run("three")));
    assert!(exec.asked().is_empty());

    // Nor did any of them take the thread.
    thread.run("four").await.unwrap();
    assert_eq!(exec.asked().len(), 1);
}

#[test]
fn turns_and_their_results_can_be_sent_anywhere() {
    fn sent<T: Send + 'static>(_: &T) {}
    fn shared<T: Send + Sync + 'static>() {}
    let thread = codex(&FakeExec::new([])).start_thread(options());
    sent(&thread.run("one"));
    sent(&thread.run_streamed("two"));
    sent(&thread.run("three").into_future());
    shared::<codex_turn::Thread>();
    shared::<codex_turn::Codex>();
    shared::<codex_turn::TurnResult>();
    shared::<codex_turn::TurnError>();
}

#[tokio::test]
async fn turns_made_ahead_continue_what_the_first_began() {
    let streams = [1, 2].map(|_| EventStream::from_lines(turn_lines("done", 1)));
    let exec = FakeExec::new(streams);
    let thread = codex(&exec).start_thread(options());
    let (first, second) = (thread.run("one"), thread.run("two"));
    first.await.unwrap();
    second.await.unwrap();
    let resumed: Vec<bool> =
        exec.asked().iter().map(|asked| asked.parts().target.resumed_thread().is_some()).collect();
    assert_eq!(resumed, [false, true]);
}

#[rstest]
#[case(Keep::All, &[1, 2, 3, 4])]
#[case(Keep::Last(1), &[4])]
#[case(Keep::None, &[])]
#[tokio::test]
async fn the_result_holds_the_lines_that_were_to_be_kept(#[case] keep: Keep, #[case] numbers: &[u64]) {
    let exec = FakeExec::new([EventStream::from_lines(turn_lines("done", 1))]);
    let mut stream = codex(&exec).start_thread(options()).run("one").keep(keep).stream();
    let mut delivered = 0;
    while stream.try_next().await.unwrap().is_some() {
        delivered += 1;
    }
    assert_eq!(delivered, 4, "the consumer gets every line");
    let result = stream.finish().await.unwrap();
    let kept: Vec<u64> = result.lines.iter().map(codex_turn::EventLine::number).collect();
    assert_eq!(kept, numbers);
    assert_eq!(result.final_response(), Some("done"), "the fold needs no lines");
}
