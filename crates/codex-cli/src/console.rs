//! [`Console`]: the one writer of standard output and standard error while a turn runs.
//!
//! Writing may block for as long as a reader likes. It is done by a thread of its own, so that a signal is heard
//! and Codex is asked to stop also while a pipe is full.

mod screen;
mod writer;

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use codex_protocol::{EventLine, escape_steering_in_json};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::failure::print;
use crate::render::Line;
use screen::{Fit, Screen};
use writer::{Message, Writer};

pub(crate) use screen::Terminals;

/// How many messages may wait for the writer.
const QUEUE_MESSAGES: usize = 256;
/// How many bytes of raw lines may wait for the writer; one longer line is let in alone.
const QUEUE_BYTES: u32 = 4 << 20;
/// How long a reader that does not read is waited for once the turn was cancelled.
const PATIENCE: Duration = Duration::from_secs(2);

/// The one writer of standard output and standard error while a turn runs.
pub(crate) struct Console {
    messages: mpsc::Sender<Message>,
    room: Arc<Semaphore>,
    ended: oneshot::Receiver<io::Result<()>>,
    hurry: CancellationToken,
    /// Whether a reader was given up.
    given_up: Cell<bool>,
    terminals: Terminals,
}

impl Console {
    /// Starts the writer.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub(crate) fn start(terminals: Terminals) -> io::Result<Self> {
        let (messages, receiver) = mpsc::channel(QUEUE_MESSAGES);
        let (end, ended) = oneshot::channel();
        let writer = Writer::new(receiver, Screen::new(terminals));
        thread::Builder::new().name("console".to_owned()).spawn(move || {
            // Nobody waits any more where the process is about to end.
            let _ = end.send(writer.run());
        })?;
        let room = Arc::new(Semaphore::new(QUEUE_BYTES as usize));
        let hurry = CancellationToken::new();
        Ok(Self { messages, room, ended, hurry, given_up: Cell::new(false), terminals })
    }

    /// Which of the outputs are terminals.
    pub(crate) fn terminals(&self) -> Terminals {
        self.terminals
    }

    /// Prints a line of Codex's to standard output, as it is.
    pub(crate) async fn raw(&self, line: &EventLine) {
        if let Some(room) = self.room_for(line.raw()).await {
            self.send(Message::Raw(line.clone(), room)).await;
        }
    }

    /// Prints an object of our own to standard output, on a line; what would steer a terminal is escaped in it.
    pub(crate) async fn object(&self, json: String) {
        let json = escape_steering_in_json(&json).into_owned().into_bytes();
        if let Some(room) = self.room_for(&json).await {
            self.send(Message::Object(json, room)).await;
        }
    }

    /// Prints lines about what is happening to standard error, each cut to the width of the terminal.
    pub(crate) async fn lines(&self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.send(Message::Lines(lines, Fit::Cut)).await;
        }
    }

    /// Prints lines to standard error that are to be read whole.
    pub(crate) async fn statements(&self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.send(Message::Lines(lines, Fit::Whole)).await;
        }
    }

    /// Prints the answer to standard output.
    pub(crate) async fn answer(&self, answer: &str) {
        self.send(Message::Answer(answer.to_owned())).await;
    }

    /// Prints a line to standard error at once, past what waits, where the writer is stuck.
    pub(crate) fn announce(&self, line: Line) {
        let message = Message::Lines(vec![line], Fit::Whole);
        if let Err(
            TrySendError::Full(Message::Lines(lines, _)) | TrySendError::Closed(Message::Lines(lines, _)),
        ) = self.messages.try_send(message)
        {
            print(&lines);
        }
    }

    /// Draws the status line anew; it is left out where the writer is busy.
    pub(crate) fn status(&self, line: Line) {
        // The next one comes a moment later.
        let _ = self.messages.try_send(Message::Status(line));
    }

    /// From now on a reader that does not read is not waited for much longer.
    pub(crate) fn hurry(&self) {
        self.hurry.cancel();
    }

    /// Writes what is left and clears the status line.
    ///
    /// # Errors
    ///
    /// Standard output could not be written to for another reason than that nobody reads it any more.
    pub(crate) async fn finish(self) -> io::Result<()> {
        let Self { messages, mut ended, hurry, .. } = self;
        drop(messages);
        tokio::select! {
            end = &mut ended => end.unwrap_or(Ok(())),
            () = hurry.cancelled() => match timeout(PATIENCE, ended).await {
                Ok(end) => end.unwrap_or(Ok(())),
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            },
        }
    }

    async fn room_for(&self, bytes: &[u8]) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes.len()).unwrap_or(QUEUE_BYTES).min(QUEUE_BYTES);
        self.in_time(Arc::clone(&self.room).acquire_many_owned(bytes)).await?.ok()
    }

    async fn send(&self, message: Message) {
        if let Some(Ok(place)) = self.in_time(self.messages.reserve()).await {
            place.send(message);
        }
    }

    /// Waits for room; not much longer once there is a hurry, and no more once a reader was given up.
    async fn in_time<T>(&self, room: impl Future<Output = T>) -> Option<T> {
        if self.given_up.get() {
            return None;
        }
        tokio::select! {
            biased;
            room = room => Some(room),
            () = async { self.hurry.cancelled().await; sleep(PATIENCE).await } => {
                self.given_up.set(true);
                None
            }
        }
    }
}
