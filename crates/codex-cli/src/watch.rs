//! [`watch`]: work in a project from its first event to its end, shown as it runs, with its signals handled.

mod phase;
mod run_view;
mod task_view;
mod turn_view;
mod work_view;

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use codex_exec::Program;
use codex_runner::{RunnerError, RunnerEvent, RunnerStream};
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::console::Console;
use crate::interrupts::{Interrupt, Interrupts};
use crate::show::Show;
use crate::version_notice::VersionNotice;

pub(crate) use phase::SignalPhase;
pub(crate) use run_view::RunView;
pub(crate) use task_view::{PipelineView, commands_of_until};
pub(crate) use turn_view::{TurnLinesView, TurnView};
pub(crate) use work_view::{RecordAsked, WorkView};

/// How often the status line is drawn.
const REDRAW: Duration = Duration::from_millis(100);

/// Where work is shown, and what ends it.
pub(crate) struct WatchScene<'a> {
    pub(crate) show: Show,
    pub(crate) console: &'a Console,
    pub(crate) interrupts: &'a mut Interrupts,
    /// The program whose version is looked at.
    pub(crate) program: &'a Program,
}

/// What work came to, and what happened while it ran.
pub(crate) struct WatchedWork<T> {
    /// What it came to; nothing if a signal ended it before that was known.
    pub(crate) done: Option<Result<T, RunnerError>>,
    /// The signal that stopped it.
    pub(crate) interrupt: Option<Interrupt>,
    /// The signal that stopped the turns themselves.
    pub(crate) turns_interrupt: Option<Interrupt>,
    /// What was found out about the program.
    pub(crate) version: VersionNotice,
}

/// Shows events of work that yields `T` at its end.
pub(crate) trait View<T> {
    /// Shows one event.
    async fn show(&mut self, event: RunnerEvent, stream: &RunnerStream<'_, T>);

    /// Draws the status line of what runs now.
    fn draw(&self);
}

/// Runs work to its end. In each phase the first signal stops it politely and the second at once.
#[expect(
    clippy::await_holding_refcell_ref,
    reason = "the status line is drawn only while nothing else is shown"
)]
pub(crate) async fn watch<T, V: View<T>>(
    mut stream: RunnerStream<'_, T>,
    view: V,
    scene: WatchScene<'_>,
) -> WatchedWork<T> {
    let WatchScene { show, console, interrupts, program } = scene;
    let stop = stream.stop_handle();
    let (phase, begun) = (Cell::new(SignalPhase::Preparing), Notify::new());
    let view = std::cell::RefCell::new(view);
    let mut version = VersionNotice::default();
    let (mut interrupt, mut turns_interrupt) = (None, None);
    let (mut heard_in, mut is_shown, mut is_given_up) = (None, true, false);
    {
        let telling = async {
            while let Some(event) = stream.next_event().await {
                phase.set(phase.get().after(&event));
                if matches!(event, RunnerEvent::Line(_))
                    || matches!(&event, RunnerEvent::Run(event) if is_line(event))
                {
                    begun.notify_one();
                }
                view.borrow_mut().show(event, &stream).await;
            }
        };
        let mut telling = pin!(telling);
        let mut asking = pin!(VersionNotice::ask_after(&begun, Some(program)));
        let mut ticks = redraws();
        loop {
            tokio::select! {
                biased;
                heard = interrupts.next() => {
                    let here = phase.get();
                    let is_second = heard_in == Some(here);
                    heard_in = Some(here);
                    interrupt = Some(heard);
                    if here.is_of_turns() {
                        turns_interrupt = Some(heard);
                    }
                    if here == SignalPhase::Preparing {
                        is_given_up = true;
                        break;
                    }
                    if is_second {
                        stop.kill();
                        if here.is_of_turns() {
                            // What is shown may be what it waits for.
                            is_shown = false;
                            break;
                        }
                        continue;
                    }
                    stop.stop();
                    if here.is_of_turns() {
                        console.hurry();
                    }
                    console.announce(here.announcement(heard));
                }
                () = &mut telling => break,
                answer = &mut asking, if !version.is_known() => {
                    version = answer;
                    if let Some(warning) = version.warning().filter(|_| show != Show::Nothing) {
                        console.announce(warning);
                    }
                }
                _ = ticks.tick() => {
                    if let Ok(view) = view.try_borrow() {
                        view.draw();
                    }
                }
            }
        }
    }
    if is_given_up {
        return WatchedWork { done: None, interrupt, turns_interrupt, version };
    }
    if !is_shown {
        let heard = unseen(&mut stream, interrupts, console, phase.get(), heard_in).await;
        interrupt = heard.or(interrupt);
    }
    let done = Some(stream.finish().await);
    WatchedWork { done, interrupt, turns_interrupt, version }
}

/// Runs what is left of the work without showing it; returns the last signal.
async fn unseen<T>(
    stream: &mut RunnerStream<'_, T>,
    interrupts: &mut Interrupts,
    console: &Console,
    mut phase: SignalPhase,
    mut heard_in: Option<SignalPhase>,
) -> Option<Interrupt> {
    let stop = stream.stop_handle();
    let mut last = None;
    loop {
        tokio::select! {
            biased;
            heard = interrupts.next() => {
                last = Some(heard);
                if heard_in == Some(phase) {
                    stop.kill();
                } else {
                    stop.stop();
                    console.announce(phase.announcement(heard));
                }
                heard_in = Some(phase);
            }
            event = stream.next_event() => match event {
                Some(event) => phase = phase.after(&event),
                None => return last,
            },
        }
    }
}

fn is_line(event: &codex_turn::AutoRunEvent) -> bool {
    matches!(event, codex_turn::AutoRunEvent::Line { .. })
}

/// Ticks when the status line is to be drawn.
pub(crate) fn redraws() -> Interval {
    let mut ticks = interval(REDRAW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
