//! [`Meanwhile`]: what is looked after while turns are shown: signals, the release of Codex, the status line.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use codex_exec::Program;
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::conduct::Show;
use crate::console::Console;
use crate::interrupts::{Interrupt, Interrupts};
use crate::render::{Line, Tone};
use crate::version_notice::VersionNotice;

/// How often the status line is drawn.
const REDRAW: Duration = Duration::from_millis(100);

/// What is looked after while turns are shown.
pub(crate) struct Meanwhile<'a> {
    pub(crate) show: Show,
    pub(crate) console: &'a Console,
    /// The signals to listen to; `None` leaves them to the system.
    pub(crate) interrupts: Option<&'a mut Interrupts>,
    /// What the first signal cancels.
    pub(crate) cancel: CancellationToken,
    /// The program whose version is looked at.
    pub(crate) program: Option<&'a Program>,
}

/// What came about while turns were shown.
pub(crate) struct Happened {
    /// Whether they were shown to their end; otherwise a second signal came.
    pub(crate) is_told: bool,
    /// The signal that made us cancel them.
    pub(crate) interrupt: Option<Interrupt>,
    /// What was found out about the program.
    pub(crate) version: VersionNotice,
}

impl Meanwhile<'_> {
    /// Looks after it all until `telling` is over or a second signal comes.
    ///
    /// `telling` says by `begun` that Codex has printed its first line. Where there is a status line, `draw` draws it.
    pub(crate) async fn attend(
        self,
        telling: impl Future<Output = ()>,
        begun: &Notify,
        draw: Option<impl Fn()>,
    ) -> Happened {
        let Self { show, console, mut interrupts, cancel, program } = self;
        let mut version = VersionNotice::default();
        let mut interrupt = None;
        let mut ticks = redraws();
        let mut telling = pin!(telling);
        let mut asking = pin!(VersionNotice::ask_after(begun, program));
        let is_told = loop {
            tokio::select! {
                biased;
                heard = next(interrupts.as_deref_mut()) => {
                    if interrupt.is_some() {
                        break false;
                    }
                    interrupt = Some(heard);
                    cancel.cancel();
                    console.hurry();
                    console.announce(cancelling(heard));
                }
                () = &mut telling => break true,
                answer = &mut asking, if !version.is_known() => {
                    version = answer;
                    if let Some(warning) = version.warning().filter(|_| show != Show::Nothing) {
                        console.announce(warning);
                    }
                }
                _ = ticks.tick(), if draw.is_some() => {
                    if let Some(draw) = &draw {
                        draw();
                    }
                }
            }
        };
        Happened { is_told, interrupt, version }
    }
}

/// Ticks when the status line is to be drawn.
pub(crate) fn redraws() -> Interval {
    let mut ticks = interval(REDRAW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn next(interrupts: Option<&mut Interrupts>) -> Interrupt {
    match interrupts {
        Some(interrupts) => interrupts.next().await,
        None => pending().await,
    }
}

fn cancelling(heard: Interrupt) -> Line {
    let again = match heard {
        Interrupt::CtrlC => "press Ctrl-C again to kill it",
        Interrupt::Terminate | Interrupt::HangUp => "a second signal kills it",
    };
    Line::new(Tone::Warning, &format!("cancelling: waiting for codex to stop; {again}"))
}
