//! The seam can be mocked.
#![cfg(feature = "mock")]

use std::sync::Arc;

use codex_exec::EventStream;
use codex_turn::{Codex, FixedPrompts, MockRunTurn};

use crate::support::{options, turn_lines};

#[tokio::test]
async fn a_mock_stands_for_any_transport() {
    let mut turns = MockRunTurn::new();
    turns
        .expect_run_turn()
        .withf(|request| request.invocation.parts().prompt() == "do it")
        .times(1)
        .returning(|_| Box::new(EventStream::from_lines(turn_lines("done", 1))));
    let codex = Codex::builder().transport(Arc::new(turns)).build().unwrap();
    let result = codex.start_thread(options()).run("do it").await.unwrap();
    assert_eq!(result.final_response(), Some("done"));
}

#[tokio::test]
async fn a_mock_stands_for_the_transport_of_a_run() {
    let mut turns = MockRunTurn::new();
    turns.expect_run_turn().times(2).returning(|_| Box::new(EventStream::from_lines(turn_lines("done", 1))));
    let codex = Codex::builder().transport(Arc::new(turns)).build().unwrap();
    let run = codex.start_thread(options()).run_auto("one").policy(FixedPrompts::new(["two"]));
    assert_eq!(run.await.unwrap().steps.len(), 2);
}
