//! [`RunningTools`]: the tools of a turn that runs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use codex_exec::{Invocation, McpServer, RuntimeError, ToolApproval};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::calls::Calls;
use super::endpoint::Endpoint;
use super::event::ToolEvent;
use super::tool_set::ToolSet;

/// How many events wait until the turn is polled; two for each call. With more, calls wait.
const QUEUE_EVENTS: usize = 1024;
/// How much longer Codex waits for a call than we do, so that it is we who end it, and with a reason.
const LEEWAY: Duration = Duration::from_secs(5);
/// How long a turn that is over waits for its calls to end, which those that block their threads do not.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// The variable that the token of the first set is in; others have a number behind it.
const TOKEN_VARIABLE: &str = "CODEX_TURNS_TOOL_TOKEN";

/// The tools of a turn that runs; gone when this is dropped.
pub(crate) struct RunningTools {
    events: Receiver<ToolEvent>,
    /// Ends every endpoint and every call; until the tools are taken down.
    serving: Option<DropGuard>,
    closing: Option<Pin<Box<Sleep>>>,
    /// The servers, each with its connections.
    servers: JoinSet<()>,
}

impl RunningTools {
    /// Serves these sets, and tells Codex of them.
    pub(crate) fn start(
        sets: &[ToolSet],
        mut invocation: Invocation,
        cancel: &CancellationToken,
    ) -> io::Result<(Self, Invocation)> {
        RuntimeError::check()?;
        let cancel = cancel.child_token();
        // From here on, so that an endpoint is gone where the next cannot listen.
        let serving = Some(cancel.clone().drop_guard());
        let (sender, events) = channel(QUEUE_EVENTS);
        let mut servers = JoinSet::new();
        for (index, set) in sets.iter().enumerate() {
            let calls = Calls::new(Arc::clone(set.tools()), sender.clone(), cancel.clone());
            let endpoint = Endpoint::start(Arc::new(calls), cancel.clone(), &mut servers)?;
            let variable =
                if index == 0 { TOKEN_VARIABLE.to_owned() } else { format!("{TOKEN_VARIABLE}_{index}") };
            let server = McpServer::http(set.server_name(), endpoint.url())
                .bearer_token(variable, endpoint.token())
                .approval(ToolApproval::Approve)
                .approved_tools(set.names())
                // What the user's configuration says of a server of this name would hide them without a word.
                .enabled_tools(set.names())
                .setting("disabled_tools", Vec::<String>::new())
                .calls_at_once()
                .without_proxy()
                .tool_timeout(set.tools().time_limit.saturating_add(LEEWAY));
            invocation = invocation.mcp_server(server);
        }
        Ok((Self { events, serving, closing: None, servers }, invocation))
    }

    /// The next event; `None` once all calls have ended and none can come any more.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<ToolEvent>> {
        self.events.poll_recv(cx)
    }

    /// The same, while the tools are taken down; `None` once the servers are gone too.
    pub(crate) fn poll_last_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<ToolEvent>> {
        if self.closing.is_none() {
            drop(self.serving.take());
            // No call begins any more; the queue ends when those that run have told of their end, even if a session
            // is still held.
            self.events.close();
            self.closing = Some(Box::pin(tokio::time::sleep(CLOSE_LIMIT)));
        }
        match self.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => return Poll::Ready(Some(event)),
            Poll::Ready(None) if self.poll_servers(cx).is_ready() => {}
            Poll::Ready(None) | Poll::Pending => ready!(self.poll_limit(cx)),
        }
        Poll::Ready(None)
    }

    fn poll_servers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.servers.poll_join_next(cx)).is_some() {}
        Poll::Ready(())
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.closing.as_mut().map_or(Poll::Ready(()), |limit| limit.as_mut().poll(cx))
    }
}

#[cfg(test)]
mod tests;
