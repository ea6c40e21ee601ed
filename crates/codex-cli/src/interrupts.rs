//! [`Interrupts`]: the signals that ask us to stop, one after the other.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Names a signal that asks us to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// SIGINT: Ctrl-C.
    CtrlC,
    /// SIGTERM: what schedulers send.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

/// Waits for signals.
#[derive(Debug)]
pub(crate) struct Interrupts {
    signals: Vec<(Interrupt, Signal)>,
}

impl Interrupts {
    /// Begins to listen. From here on these signals no longer end the process by themselves.
    ///
    /// A SIGHUP that is ignored stays ignored: that is how `nohup` asks to outlive a terminal.
    ///
    /// # Errors
    ///
    /// The system gives no handler.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut signals = vec![
            (Interrupt::CtrlC, signal(SignalKind::interrupt())?),
            (Interrupt::Terminate, signal(SignalKind::terminate())?),
        ];
        if !is_ignored(SignalKind::hangup()) {
            signals.push((Interrupt::HangUp, signal(SignalKind::hangup())?));
        }
        Ok(Self { signals })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Interrupt {
        poll_fn(|context| {
            for (interrupt, signal) in &mut self.signals {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*interrupt);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether a signal was ignored when we were started; where the system does not say, it was not.
fn is_ignored(kind: SignalKind) -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}
