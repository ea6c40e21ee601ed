//! [`endless`]: a tool that never answers, and a set of one tool.

use std::sync::Arc;

use codex_turn::{HostTool, NoArguments, ToolSet, tool};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) fn set(tool: impl HostTool + 'static) -> ToolSet {
    ToolSet::builder().tool(tool).build().unwrap()
}

/// A tool that never answers, with what it tells when it begins and when its future is dropped.
pub(crate) fn endless() -> (ToolSet, Arc<Notify>, CancellationToken) {
    let (begun, dropped) = (Arc::new(Notify::new()), CancellationToken::new());
    let (begins, drops) = (Arc::clone(&begun), dropped.clone());
    let wait = tool("wait", "Waits.", move |_: NoArguments| {
        let (begins, guard) = (Arc::clone(&begins), drops.clone().drop_guard());
        async move {
            begins.notify_one();
            std::future::pending::<()>().await;
            drop(guard);
        }
    });
    (set(wait), begun, dropped)
}
