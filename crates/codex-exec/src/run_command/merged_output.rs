//! [`MergedOutput`]: the end of both outputs of a command, in the order in which it wrote them.

use std::io;

use codex_protocol::ThreadId;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use crate::OutputTail;
use crate::output_tail::TailBuffer;
use crate::spawn::{Outputs, widen};
use crate::state::Wake;
use crate::supervisor::{Seen, StdoutUse};

/// How much one read may bring.
const CHUNK_BYTES: usize = 64 << 10;

/// Reads the pipe that is both outputs and keeps the end of what comes.
pub(crate) struct MergedOutput {
    /// `None` once it has ended.
    pipe: Option<Receiver>,
    chunk: Vec<u8>,
    tail: TailBuffer,
}

impl MergedOutput {
    /// Makes the pipe, of which the command gets the other end.
    pub(crate) fn pipe(tail_bytes: usize) -> io::Result<(Self, Outputs)> {
        let (reader, writer) = io::pipe()?;
        widen(&reader);
        let pipe = Receiver::from_owned_fd(reader.into())?;
        let output =
            Self { pipe: Some(pipe), chunk: vec![0; CHUNK_BYTES], tail: TailBuffer::new(tail_bytes) };
        Ok((output, Outputs::Merged(writer)))
    }

    pub(crate) fn tail(&self) -> OutputTail {
        self.tail.tail()
    }
}

impl StdoutUse for MergedOutput {
    async fn next(&mut self) -> Seen {
        let Some(pipe) = &mut self.pipe else { return Seen::Ended };
        // A pipe that cannot be read has nothing more to say.
        let read = pipe.read(&mut self.chunk).await.unwrap_or(0);
        if read == 0 {
            self.pipe = None;
        }
        self.tail.push(&self.chunk[..read]);
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
