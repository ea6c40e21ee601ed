//! How the queue of events ends.

use std::future::poll_fn;

use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::ToolCall;

#[tokio::test(start_paused = true)]
async fn the_queue_ends_with_the_last_call_and_waits_for_no_session() {
    let (session, events) = channel(4);
    let mut tools = RunningTools { events, serving: None, closing: None, servers: JoinSet::new() };
    let of_a_call = session.clone().reserve_owned().await.unwrap();
    let began = Instant::now();
    let mut last = poll_once(&mut tools).await;
    assert!(last.is_pending(), "a call still runs");
    of_a_call.send(ToolEvent::Started { call: Arc::new(ToolCall::new("host", "ping", json!({}))) });
    last = poll_once(&mut tools).await;
    assert!(matches!(last, Poll::Ready(Some(_))));
    assert!(poll_fn(|cx| tools.poll_last_event(cx)).await.is_none());
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(session.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_tells_of_no_end_is_not_waited_for_longer_than_the_limit() {
    let (session, events) = channel(4);
    let mut tools = RunningTools { events, serving: None, closing: None, servers: JoinSet::new() };
    let _of_a_call = session.reserve_owned().await.unwrap();
    let began = Instant::now();
    assert!(poll_fn(|cx| tools.poll_last_event(cx)).await.is_none());
    assert_eq!(began.elapsed(), CLOSE_LIMIT);
}

async fn poll_once(tools: &mut RunningTools) -> Poll<Option<ToolEvent>> {
    poll_fn(|cx| Poll::Ready(tools.poll_last_event(cx))).await
}
