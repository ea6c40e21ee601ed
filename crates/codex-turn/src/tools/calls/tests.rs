//! Calls whose future is dropped, as their caller may do.

use std::future::pending;

use serde_json::json;
use tokio::sync::mpsc::channel;

use super::*;
use crate::{NoArguments, ToolSet, tool};

#[tokio::test]
async fn a_call_that_is_dropped_drops_its_tool_and_tells_its_end() {
    let (begun, dropped) = (CancellationToken::new(), CancellationToken::new());
    let (begins, drops) = (begun.clone(), dropped.clone());
    let wait = tool("wait", "Waits.", move |_: NoArguments| {
        let (begins, guard) = (begins.clone(), drops.clone().drop_guard());
        async move {
            begins.cancel();
            pending::<()>().await;
            drop(guard);
        }
    });
    let set = ToolSet::builder().tool(wait).build().unwrap();
    let (sender, mut events) = channel(2);
    let calls = Calls::new(Arc::clone(set.tools()), sender, CancellationToken::new());
    let (call, given_up) = (ToolCall::new("host", "wait", json!({})), CancellationToken::new());
    let mut running = Box::pin(calls.call(&calls.tools.all[0], call, &given_up));
    tokio::select! {
        _ = &mut running => panic!("the tool never answers"),
        () = begun.cancelled() => {}
    }
    assert!(matches!(events.try_recv(), Ok(ToolEvent::Started { .. })));
    assert!(events.try_recv().is_err() && !dropped.is_cancelled());
    drop(running);
    let ended = events.try_recv().unwrap();
    assert!(matches!(ended, ToolEvent::Ended { outcome: ToolOutcome::Cancelled, .. }), "{ended:?}");
    timeout(Duration::from_secs(20), dropped.cancelled()).await.unwrap();
}
