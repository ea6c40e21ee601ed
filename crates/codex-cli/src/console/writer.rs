//! [`Writer`]: the thread behind the console.

use std::io::{self, BufWriter, Write};

use codex_protocol::EventLine;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, error::TryRecvError};

use super::screen::{Fit, Screen};
use crate::render::Line;

/// What is to be written.
pub(super) enum Message {
    /// A line of Codex's, and the room that it takes until it is written.
    Raw(EventLine, OwnedSemaphorePermit),
    /// An object of our own, and the room that it takes until it is written.
    Object(Vec<u8>, OwnedSemaphorePermit),
    /// Lines for standard error.
    Lines(Vec<Line>, Fit),
    /// The line that is drawn over and over.
    Status(Line),
    /// The answer.
    Answer(String),
}

/// Writes messages in their order.
pub(super) struct Writer {
    messages: mpsc::Receiver<Message>,
    screen: Screen,
    output: Stdout,
}

impl Writer {
    pub(super) fn new(messages: mpsc::Receiver<Message>, screen: Screen) -> Self {
        Self { messages, screen, output: Stdout::new() }
    }

    /// Writes until there is no sender left; flushes whenever nothing waits.
    ///
    /// # Errors
    ///
    /// The first error of standard output, unless it is that nobody reads it any more.
    pub(super) fn run(mut self) -> io::Result<()> {
        loop {
            let message = match self.messages.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    self.output.with(Write::flush);
                    match self.messages.blocking_recv() {
                        Some(message) => message,
                        None => break,
                    }
                }
            };
            self.write(message);
        }
        self.screen.clear();
        self.output.with(Write::flush);
        self.output.end()
    }

    fn write(&mut self, message: Message) {
        match message {
            Message::Raw(line, _room) => self.output.line(line.raw()),
            Message::Object(json, _room) => self.output.line(&json),
            Message::Lines(lines, fit) => self.screen.print(&lines, fit),
            Message::Status(line) => self.screen.status(line),
            Message::Answer(answer) => {
                self.screen.clear();
                let answer = self.screen.answer(&answer);
                self.output.with(|stdout| {
                    stdout.write_all(answer.as_bytes())?;
                    if !answer.ends_with('\n') {
                        stdout.write_all(b"\n")?;
                    }
                    stdout.flush()
                });
            }
        }
    }
}

/// Standard output until it breaks.
struct Stdout {
    state: Result<BufWriter<io::Stdout>, io::Error>,
}

impl Stdout {
    fn new() -> Self {
        // Standard output itself flushes at each line, which costs a call of the system for each.
        Self { state: Ok(BufWriter::with_capacity(64 << 10, io::stdout())) }
    }

    fn line(&mut self, bytes: &[u8]) {
        self.with(|stdout| {
            stdout.write_all(bytes)?;
            stdout.write_all(b"\n")
        });
    }

    fn with(&mut self, write: impl FnOnce(&mut BufWriter<io::Stdout>) -> io::Result<()>) {
        if let Ok(stdout) = &mut self.state
            && let Err(error) = write(stdout)
        {
            let broken = std::mem::replace(&mut self.state, Err(error));
            // Its drop would try to write once more.
            broken.map(BufWriter::into_parts).ok();
        }
    }

    fn end(self) -> io::Result<()> {
        match self.state {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }
}
