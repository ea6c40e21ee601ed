//! [`Supervisor`]: owns a started process until nothing of it is left.

mod timers;

use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use codex_protocol::{ExitKind, StopCause, ThreadId};
use tokio_util::sync::CancellationToken;

use self::timers::{Alarm, Timers};
use crate::ExecOptions;
use crate::guard::Guarded;
use crate::queue::Consumer;
use crate::state::{StartState, SupervisorStep, Wake};
use crate::sweep::sweep;

/// What is done with standard output.
pub(crate) trait StdoutUse: Send {
    /// Makes the next step: reads, or waits until there is room for what was read.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped before it is ready.
    fn next(&mut self) -> impl Future<Output = Seen> + Send;

    /// Takes note of the thread that runs; [`Wake::Cancelled`] if it must not go on.
    fn thread_started(&mut self, thread: ThreadId) -> impl Future<Output = Option<Wake>> + Send;

    /// From now on reads without waiting for the consumer.
    fn stop_waiting(&mut self);

    /// Says whether the next step, if it waits, waits for bytes and not for the consumer.
    fn is_reading(&self) -> bool;
}

/// What a step of the output showed.
pub(crate) enum Seen {
    /// Bytes came.
    Bytes,
    /// There was room for them.
    Room,
    /// The line that names the thread.
    Thread(ThreadId),
    /// The line that ends the turn.
    Terminal,
    /// The end of the bytes.
    Ended,
}

/// Who is asked to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// The process itself: Codex kills the tree of its commands when it is interrupted.
    Leader,
    /// The whole group, as a terminal would: a shell alone does not pass it on.
    Group,
}

/// What became of a process.
pub(crate) struct ProcessOutcome<O> {
    pub(crate) output: O,
    /// `None` if it was still alive when it was given up.
    pub(crate) exit: Option<ExitKind>,
    pub(crate) stop: Option<StopCause>,
    pub(crate) leftovers: Vec<u32>,
    pub(crate) elapsed: Duration,
}

/// Owns a started process until nothing of it is left.
///
/// One loop: wait for the next [`Wake`], ask [`StartState`] what to do about it, do it.
pub(crate) struct Supervisor<O> {
    // First, so that it ends before anything else is dropped.
    process: Guarded,
    output: O,
    consumer: Consumer,
    cancel: CancellationToken,
    addressee: Addressee,
    options: ExecOptions,
    state: StartState,
    timers: Timers,
    heard: Heard,
    exit: Option<ExitKind>,
    stop: Option<StopCause>,
    started: Instant,
}

/// What the supervisor was woken by.
enum Woken {
    Cancelled,
    ConsumerGone,
    Rung(Alarm),
    Exited(io::Result<ExitStatus>),
    Seen(Seen),
}

/// What happens once and would ring for ever.
#[derive(Default)]
struct Heard {
    cancel: bool,
    consumer_gone: bool,
    output_end: bool,
}

impl<O: StdoutUse> Supervisor<O> {
    pub(crate) fn new(
        process: Guarded,
        output: O,
        consumer: Consumer,
        cancel: CancellationToken,
        addressee: Addressee,
        options: ExecOptions,
    ) -> Self {
        let started = Instant::now();
        Self {
            process,
            output,
            consumer,
            cancel,
            addressee,
            state: StartState::Running,
            timers: Timers::new(started, &options),
            options,
            heard: Heard::default(),
            exit: None,
            stop: None,
            started,
        }
    }

    /// Runs until nothing of the process is left, or is left on purpose.
    pub(crate) async fn run(mut self) -> ProcessOutcome<O> {
        loop {
            let Some(wake) = self.wake().await else { continue };
            let now = Instant::now();
            match self.state.on(wake) {
                SupervisorStep::Nothing => {}
                SupervisorStep::ArmSettle => self.timers.arm_settle(now, self.options.settle),
                SupervisorStep::ArmDrain => self.timers.arm_drain(self.options.drain),
                SupervisorStep::Ask => self.ask(now, wake),
                SupervisorStep::ShortenGrace => self.timers.shorten_grace(now, self.options.drop_grace),
                SupervisorStep::Kill => {
                    self.process.guard.kill_group();
                    self.timers.arm_kill(now, self.options.kill);
                }
                SupervisorStep::StopWaitingForConsumer => self.output.stop_waiting(),
                SupervisorStep::End => return self.end(None).await,
                SupervisorStep::GiveUp => {
                    let leader = self.process.guard.leader();
                    return self.end(leader).await;
                }
            }
        }
    }

    /// Waits for what happens next; `None` if the state need not know it.
    async fn wake(&mut self) -> Option<Wake> {
        let now = Instant::now();
        let is_reading = self.output.is_reading();
        let alarm = self.timers.next(now, is_reading);
        let woken = self.woken(alarm, now).await;
        if is_reading {
            self.timers.spend(now.elapsed());
        }
        match woken {
            Woken::Cancelled => {
                self.heard.cancel = true;
                Some(Wake::Cancelled)
            }
            Woken::ConsumerGone => {
                self.heard.consumer_gone = true;
                // The lines of a process that has exited are there; who takes them gets them.
                let drains = self.state == StartState::Draining && self.consumer.takes_lines();
                Some(if drains { Wake::Cancelled } else { Wake::ConsumerGone })
            }
            Woken::Rung(alarm) => self.rung(alarm),
            Woken::Exited(status) => {
                self.process.guard.reaped();
                self.exit = status.ok().and_then(exit_kind);
                Some(Wake::LeaderExited)
            }
            Woken::Seen(seen) => self.seen(seen).await,
        }
    }

    /// What asks us to stop comes first, so that a flood of output cannot hide it; output, which may never end, comes last. Only a
    /// limit on the wait for bytes comes after it, while it is not used up: bytes that are there already were not waited for.
    async fn woken(&mut self, alarm: Option<(Instant, Alarm)>, now: Instant) -> Woken {
        let (first, last) = if alarm.is_some_and(|(at, alarm)| alarm.is_for_bytes() && at > now) {
            (None, alarm)
        } else {
            (alarm, None)
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled(), if !self.heard.cancel => Woken::Cancelled,
            () = self.consumer.gone(), if !self.heard.consumer_gone => Woken::ConsumerGone,
            alarm = ring(first), if first.is_some() => Woken::Rung(alarm),
            // Who is reaped here is known to be before anything else is awaited.
            status = self.process.child.wait(), if self.process.guard.leader().is_some() => Woken::Exited(status),
            seen = self.output.next(), if !self.heard.output_end => Woken::Seen(seen),
            alarm = ring(last), if last.is_some() => Woken::Rung(alarm),
        }
    }

    fn rung(&mut self, alarm: Alarm) -> Option<Wake> {
        self.timers.rung(alarm);
        match alarm {
            Alarm::Limit(wake) => Some(wake),
            Alarm::AskAgain => {
                self.interrupt();
                self.timers.arm_ask(Instant::now(), self.options.ask_interval);
                None
            }
        }
    }

    async fn seen(&mut self, seen: Seen) -> Option<Wake> {
        match seen {
            Seen::Room => None,
            Seen::Bytes => {
                self.timers.bytes_came();
                None
            }
            Seen::Thread(thread) => {
                let refused = self.output.thread_started(thread.clone()).await;
                if refused.is_none() {
                    // A thread that is not ours alone marks processes of somebody else.
                    self.process.guard.marks.thread = Some(thread);
                }
                refused
            }
            Seen::Terminal => {
                self.timers.turn_ended();
                Some(Wake::TerminalLine)
            }
            Seen::Ended => {
                self.heard.output_end = true;
                Some(Wake::OutputEnded)
            }
        }
    }

    fn ask(&mut self, now: Instant, wake: Wake) {
        let (cause, grace) = match wake {
            Wake::ConsumerGone => (StopCause::ConsumerGone, self.options.drop_grace),
            Wake::TotalLimit => (StopCause::TotalLimit, self.options.grace),
            Wake::IdleLimit => (StopCause::IdleLimit, self.options.grace),
            Wake::SettleLimit => (StopCause::SettleLimit, self.options.grace),
            Wake::Cancelled
            | Wake::TerminalLine
            | Wake::OutputEnded
            | Wake::LeaderExited
            | Wake::GracePassed
            | Wake::KillLimit
            | Wake::DrainLimit => (StopCause::Cancelled, self.options.grace),
        };
        tracing::debug!(pid = self.process.guard.leader(), ?cause, "asking the process to stop");
        self.stop = Some(cause);
        self.output.stop_waiting();
        self.timers.arm_grace(now, grace, self.options.ask_interval);
        self.interrupt();
    }

    fn interrupt(&self) {
        match self.addressee {
            Addressee::Leader => self.process.guard.interrupt(),
            Addressee::Group => self.process.guard.interrupt_group(),
        }
    }

    async fn end(mut self, unkillable: Option<u32>) -> ProcessOutcome<O> {
        let elapsed = self.started.elapsed();
        let (marks, survivors) = (self.process.guard.marks.clone(), self.options.survivors);
        let swept = tokio::task::spawn_blocking(move || sweep(&marks, survivors)).await;
        // A sweep that a runtime refuses as it shuts down has found nothing: then the guard stays armed.
        let mut leftovers = swept.inspect(|_| self.process.guard.defuse()).unwrap_or_default();
        if let Some(leader) = unkillable.filter(|leader| !leftovers.contains(leader)) {
            leftovers.push(leader);
        }
        if !leftovers.is_empty() {
            tracing::debug!(?leftovers, ?survivors, "processes outlived their start");
        }
        ProcessOutcome { output: self.output, exit: self.exit, stop: self.stop, leftovers, elapsed }
    }
}

async fn ring(alarm: Option<(Instant, Alarm)>) -> Alarm {
    let Some((at, alarm)) = alarm else { return std::future::pending().await };
    tokio::time::sleep_until(at.into()).await;
    alarm
}

fn exit_kind(status: ExitStatus) -> Option<ExitKind> {
    use std::os::unix::process::ExitStatusExt;
    status.code().map(ExitKind::Code).or_else(|| status.signal().map(ExitKind::Signal))
}
