//! [`MergedOutput`]: the end of both outputs of a command, in the order in which the bytes were read.

use codex_protocol::ThreadId;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};

use crate::OutputTail;
use crate::output_tail::TailBuffer;
use crate::state::Wake;
use crate::supervisor::{Output, Seen};

/// Reads both outputs and keeps the end of them.
pub(crate) struct MergedOutput {
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    tail: TailBuffer,
}

impl MergedOutput {
    pub(crate) fn new(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>, tail_bytes: usize) -> Self {
        Self { stdout: Pipe::new(stdout), stderr: Pipe::new(stderr), tail: TailBuffer::new(tail_bytes) }
    }

    pub(crate) fn tail(&self) -> OutputTail {
        self.tail.tail()
    }
}

impl Output for MergedOutput {
    async fn next(&mut self) -> Seen {
        let (stdout, stderr) = (&mut self.stdout, &mut self.stderr);
        let bytes = tokio::select! {
            bytes = stdout.read(), if stdout.is_open() => bytes,
            bytes = stderr.read(), if stderr.is_open() => bytes,
            else => return Seen::Ended,
        };
        self.tail.push(bytes);
        Seen::Bytes
    }

    async fn thread_started(&mut self, _: ThreadId) -> Option<Wake> {
        None
    }

    fn stop_waiting(&mut self) {}

    fn is_reading(&self) -> bool {
        true
    }
}

struct Pipe<R> {
    source: Option<R>,
    chunk: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(source: Option<R>) -> Self {
        Self { source, chunk: vec![0; 16 << 10] }
    }

    fn is_open(&self) -> bool {
        self.source.is_some()
    }

    /// Reads once; nothing at the end, after which it is closed.
    async fn read(&mut self) -> &[u8] {
        let Some(source) = &mut self.source else { return &[] };
        let read = source.read(&mut self.chunk).await.unwrap_or(0);
        if read == 0 {
            self.source = None;
        }
        &self.chunk[..read]
    }
}
