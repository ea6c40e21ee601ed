//! [`conduct`]: one turn from its first line to its end, shown as it goes, with an ear for signals.

use std::cell::RefCell;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, Instant};

use codex_exec::Program;
use codex_protocol::{EventLine, TurnSummary};
use codex_turn::{Turn, TurnError, TurnResult, TurnStream};
use futures_core::Stream as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::console::Console;
use crate::failure::warning_line;
use crate::interrupts::{Interrupt, Interrupts};
use crate::meanwhile::{Happened, Meanwhile};
use crate::render::{Line, Transcript};
use crate::version_notice::VersionNotice;

/// What is shown while a turn runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// What happens, on standard error.
    Progress,
    /// Codex's own lines, on standard output.
    RawLines,
    /// Nothing.
    Nothing,
}

/// Whether the times of a turn mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It runs now.
    Live,
    /// It ran some time ago.
    Recorded,
}

/// How a turn is conducted.
pub(crate) struct Conduct<'a> {
    pub(crate) show: Show,
    pub(crate) pace: Pace,
    /// The directory that paths are shown relative to.
    pub(crate) root: PathBuf,
    pub(crate) console: &'a Console,
    /// The signals to listen to; `None` leaves them to the system.
    pub(crate) interrupts: Option<&'a mut Interrupts>,
    pub(crate) cancel: CancellationToken,
    /// The program whose version is looked at meanwhile.
    pub(crate) program: Option<&'a Program>,
}

/// How a turn went.
pub(crate) struct Course {
    pub(crate) end: End,
    /// The signal that made us cancel it.
    pub(crate) interrupt: Option<Interrupt>,
    /// What was found out about the program.
    pub(crate) version: VersionNotice,
}

/// What there is of a turn.
pub(crate) enum End {
    /// It came to an end of its own, or did not start.
    Ended(Box<Result<TurnResult, TurnError>>),
    /// A second signal came; this is what its lines had said by then.
    Abandoned(Box<TurnSummary>),
}

/// Runs a turn.
pub(crate) async fn conduct(turn: Turn, conduct: Conduct<'_>) -> Course {
    let Conduct { show, pace, root, console, interrupts, cancel, program } = conduct;
    let teller = Teller {
        show,
        pace,
        console,
        started: Instant::now(),
        transcript: RefCell::new(Transcript::new(root)),
    };
    let draw = teller.is_live().then_some(|| teller.draw());
    let begun = Notify::new();
    let mut stream = turn.stream();
    let meanwhile = Meanwhile { show, console, interrupts, cancel, program };
    let Happened { is_told, interrupt, version } =
        meanwhile.attend(teller.tell(&mut stream, &begun), &begun, draw).await;
    let end = if is_told {
        End::Ended(Box::new(stream.finish().await))
    } else {
        End::Abandoned(Box::new(stream.summary().clone()))
    };
    Course { end, interrupt, version }
}

/// Shows a turn as it goes.
struct Teller<'a> {
    show: Show,
    pace: Pace,
    console: &'a Console,
    started: Instant,
    transcript: RefCell<Transcript>,
}

impl Teller<'_> {
    /// Reads the turn to its end and shows every line.
    async fn tell(&self, stream: &mut TurnStream, begun: &Notify) {
        while let Some(Ok(line)) = poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await {
            begun.notify_one();
            match self.show {
                Show::Progress => {
                    let lines = self.transcript.borrow_mut().observe(&line, stream.summary(), self.now());
                    self.console.lines(lines).await;
                    self.draw();
                }
                Show::RawLines => {
                    self.console.raw(&line).await;
                    self.console.lines(cut(&line).into_iter().collect()).await;
                }
                Show::Nothing => {}
            }
        }
        if self.show == Show::Progress {
            let lines = self.transcript.borrow_mut().finish(stream.summary());
            self.console.lines(lines).await;
        }
    }

    /// Draws the status line, where one is shown.
    fn draw(&self) {
        if self.is_live() {
            self.console.status(self.transcript.borrow().status(self.now()));
        }
    }

    fn is_live(&self) -> bool {
        self.show == Show::Progress && self.pace == Pace::Live && self.console.terminals().is_live()
    }

    fn now(&self) -> Duration {
        match self.pace {
            Pace::Live => self.started.elapsed(),
            Pace::Recorded => Duration::ZERO,
        }
    }
}

/// What there is to say of a line that is printed only in part.
fn cut(line: &EventLine) -> Option<Line> {
    let kept = line.raw().len();
    (kept as u64 != line.original_bytes()).then(|| {
        let (number, bytes) = (line.number(), line.original_bytes());
        warning_line(&format!("line {number} has {bytes} bytes, of which only the first {kept} were kept"))
    })
}
