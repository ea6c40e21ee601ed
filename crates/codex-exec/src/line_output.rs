//! [`LineOutput`]: from Codex's standard output to the queue, line by line.

use std::collections::VecDeque;

use codex_protocol::{Boundary, EventLine, ThreadId};
use tokio::process::ChildStdout;

use crate::line_reader::LineReader;
use crate::queue::Sender;
use crate::state::Wake;
use crate::supervisor::{Seen, StdoutUse};
use crate::thread_claim::ThreadClaim;

/// How many lines are handed over at once.
const BATCH_LINES: usize = 128;

/// Reads lines and sends them, waiting for the consumer until it is told not to.
pub(crate) struct LineOutput {
    stdout: ChildStdout,
    reader: LineReader,
    batch: VecDeque<EventLine>,
    boundaries: VecDeque<Seen>,
    sender: Sender,
    /// Away only while its thread is being locked; lost with the runtime.
    claim: Option<ThreadClaim>,
    has_ended: bool,
    /// `None` while the consumer is waited for; then how many bytes may still be kept for it.
    stop_buffer_left: Option<usize>,
    stop_buffer_bytes: usize,
    pub(crate) seen: SeenLines,
}

/// What was seen of the lines so far.
#[derive(Debug, Default)]
pub(crate) struct SeenLines {
    pub(crate) lines: u64,
    /// The first bytes of the first line, for an error that must name it.
    pub(crate) first: Vec<u8>,
    pub(crate) thread: Option<ThreadId>,
    pub(crate) terminal: bool,
    pub(crate) dropped_lines: u64,
    pub(crate) dropped_bytes: u64,
}

impl SeenLines {
    /// Notes one line more, and says what it asks for.
    fn note(&mut self, line: &EventLine) -> Option<Seen> {
        if self.lines == 0 {
            self.first = line.raw()[..line.raw().len().min(200)].to_vec();
        }
        self.lines += 1;
        if self.terminal {
            return None;
        }
        match line.boundary() {
            Boundary::ThreadStarted(thread) if self.thread.is_none() => {
                self.thread = Some(thread.clone());
                Some(Seen::Thread(thread))
            }
            Boundary::TurnEnded => {
                self.terminal = true;
                Some(Seen::Terminal)
            }
            Boundary::ThreadStarted(_) | Boundary::Within => None,
        }
    }
}

impl LineOutput {
    pub(crate) fn new(
        stdout: ChildStdout,
        reader: LineReader,
        sender: Sender,
        claim: ThreadClaim,
        stop_buffer_bytes: usize,
    ) -> Self {
        Self {
            stdout,
            reader,
            batch: VecDeque::with_capacity(BATCH_LINES),
            boundaries: VecDeque::new(),
            sender,
            claim: Some(claim),
            has_ended: false,
            stop_buffer_left: None,
            stop_buffer_bytes,
            seen: SeenLines::default(),
        }
    }

    /// Hands over what is left: the beginning of a line whose end never came is a line too.
    pub(crate) fn finish(mut self) -> (Sender, Option<ThreadClaim>, SeenLines) {
        self.stop_waiting();
        self.reader.end();
        loop {
            self.fill();
            if self.batch.is_empty() {
                return (self.sender, self.claim, self.seen);
            }
            self.send();
        }
    }

    /// Takes lines that were read already; each is asked one question.
    fn fill(&mut self) {
        let Self { reader, batch, boundaries, seen, .. } = self;
        let mut known = batch.len();
        while batch.len() < BATCH_LINES && reader.take_lines(batch) {
            for line in batch.range(known..) {
                boundaries.extend(seen.note(line));
            }
            known = batch.len();
        }
    }

    fn send(&mut self) {
        let Some(left) = &mut self.stop_buffer_left else {
            self.sender.send_some(&mut self.batch);
            return;
        };
        self.batch.retain(|line| {
            // What a line takes beside its bytes counts too: a flood of empty lines fills memory as well.
            let bytes = line.raw().len() + size_of::<EventLine>();
            if bytes <= *left {
                *left -= bytes;
            } else if line.boundary() != Boundary::TurnEnded {
                self.seen.dropped_lines += 1;
                self.seen.dropped_bytes += line.original_bytes();
                return false;
            }
            true
        });
        self.sender.send_all(&mut self.batch);
    }
}

impl StdoutUse for LineOutput {
    async fn next(&mut self) -> Seen {
        if let Some(boundary) = self.boundaries.pop_front() {
            return boundary;
        }
        // A step waits either for the consumer or for bytes, as was said before it began.
        if !self.is_reading() {
            if self.batch.is_empty() {
                self.fill();
                if let Some(boundary) = self.boundaries.pop_front() {
                    return boundary;
                }
            }
            self.send();
            if let Some(next) = self.batch.front() {
                self.sender.room(next.raw().len()).await;
            }
            return Seen::Room;
        }
        if self.has_ended {
            return Seen::Ended;
        }
        // A pipe that cannot be read has nothing more to say; how the process ended decides.
        self.has_ended = matches!(self.reader.read_from(&mut self.stdout).await, Ok(0) | Err(_));
        if self.has_ended {
            self.reader.end();
        }
        Seen::Bytes
    }

    async fn thread_started(&mut self, thread: ThreadId) -> Option<Wake> {
        let claim = self.claim.take()?;
        self.claim = tokio::task::spawn_blocking(move || claim.started(&thread)).await.ok();
        self.claim.as_ref().is_some_and(ThreadClaim::is_refused).then_some(Wake::Cancelled)
    }

    fn stop_waiting(&mut self) {
        self.stop_buffer_left.get_or_insert(self.stop_buffer_bytes);
    }

    fn is_reading(&self) -> bool {
        self.batch.is_empty() && self.reader.is_spent()
    }
}
