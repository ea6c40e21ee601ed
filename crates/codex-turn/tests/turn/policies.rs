//! What a line that cannot be understood does to its turn.

use codex_exec::EventStream;
use codex_protocol::DecodePolicy;
use codex_turn::{Turn, TurnError};
use futures_util::TryStreamExt;

use crate::support::{completed, hanging_thread, message, soon, started};

const BROKEN: &str = r#"{"type":"item.completed","item":{"id":"item_0","#;

#[tokio::test]
async fn by_default_it_is_delivered_and_counted() {
    let lines = [started(), BROKEN.to_owned(), completed(1, 1)];
    let result = Turn::over(EventStream::from_lines(lines)).await.unwrap();
    assert_eq!((result.summary.undecodable(), result.lines.len()), (1, 3));
    assert_eq!(result.lines[1].raw(), BROKEN.as_bytes());
}

#[tokio::test]
async fn on_request_the_first_one_cancels_the_turn_and_is_named() {
    // The transport hangs after these lines: without a cancel the turn would never end.
    let lines = [started(), message("half"), BROKEN.to_owned(), "also broken".to_owned()];
    let mut stream = hanging_thread(lines).run("do it").decode_policy(DecodePolicy::Fail).stream();
    for number in 1..=4 {
        assert_eq!(stream.try_next().await.unwrap().unwrap().number(), number);
    }
    let error = soon(stream.try_next()).await.unwrap_err();
    assert_eq!(error.to_string(), "line 3 of the stream cannot be read");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with(&format!("the line is not JSON at column {}", BROKEN.len())), "{source}");
    assert_eq!(error.result().unwrap().final_response(), Some("half"));
    assert!(stream.try_next().await.unwrap().is_none());
    assert!(matches!(stream.finish().await, Err(TurnError::Undecodable { .. })));
}

#[tokio::test]
async fn the_cancel_does_not_reach_the_token_of_the_caller() {
    let token = tokio_util::sync::CancellationToken::new();
    let turn = hanging_thread([BROKEN.to_owned()]).run("do it");
    soon(turn.cancel(token.clone()).decode_policy(DecodePolicy::Fail)).await.unwrap_err();
    assert!(!token.is_cancelled());
}
