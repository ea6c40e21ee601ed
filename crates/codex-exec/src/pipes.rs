//! [`feed`] and [`drain`]: the pipes that must never make a process wait for us.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin};
use tokio::task::JoinHandle;

use crate::OutputTail;
use crate::output_tail::TailBuffer;

/// Writes all of `text` to standard input and closes it, in a task of its own.
///
/// A process that ends without reading its input has not failed for it.
pub(crate) fn feed(stdin: Option<ChildStdin>, text: Vec<u8>) -> AbortedOnDrop {
    AbortedOnDrop(tokio::spawn(async move {
        if let Some(mut stdin) = stdin
            && let Err(error) = stdin.write_all(&text).await
        {
            tracing::debug!(%error, "the prompt was not read to its end");
        }
    }))
}

/// Drains standard error in a task of its own and keeps its end.
pub(crate) fn drain(mut stderr: ChildStderr, tail_bytes: usize) -> Drained {
    let tail = Arc::new(Mutex::new(TailBuffer::new(tail_bytes)));
    let shared = Arc::clone(&tail);
    let task = tokio::spawn(async move {
        let mut chunk = vec![0; 8 << 10];
        while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
            shared.lock().unwrap_or_else(PoisonError::into_inner).push(&chunk[..read]);
        }
    });
    Drained { tail, task: AbortedOnDrop(task) }
}

/// What was drained so far.
pub(crate) struct Drained {
    tail: Arc<Mutex<TailBuffer>>,
    task: AbortedOnDrop,
}

impl Drained {
    /// Waits for the end of the bytes, no longer than `limit`: a process that was left running may hold the pipe.
    pub(crate) async fn finish(mut self, limit: Duration) -> OutputTail {
        if tokio::time::timeout(limit, &mut self.task.0).await.is_err() {
            self.task.stop().await;
        }
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).tail()
    }
}

/// A task that ends when this is dropped.
pub(crate) struct AbortedOnDrop(JoinHandle<()>);

impl AbortedOnDrop {
    /// Ends the task, which nobody has waited for, and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        self.0.abort();
        let _aborted = (&mut self.0).await;
    }
}

impl Drop for AbortedOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
