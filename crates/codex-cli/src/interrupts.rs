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
    /// Begins to listen. From here on these signals do not end the process, nor does SIGXFSZ: a write fails instead.
    ///
    /// A SIGHUP that is ignored stays ignored: that is how `nohup` asks to outlive a terminal.
    ///
    /// # Errors
    ///
    /// The system gives no handler.
    pub(crate) fn listen() -> io::Result<Self> {
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{ErrorKind, Write as _};

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::Interrupts;

    /// In a process of its own, since a limit holds for all tests of one.
    #[test]
    fn a_limit_on_the_size_of_files_is_an_error_of_the_write() {
        const ALONE: &str = "CODEX_TURNS_TEST_FILE_SIZE";
        let Some(path) = std::env::var_os(ALONE) else {
            let folder = tempfile::tempdir().unwrap();
            let mut again = again();
            again.args([
                "--exact",
                "interrupts::tests::a_limit_on_the_size_of_files_is_an_error_of_the_write",
            ]);
            let output = again.env(ALONE, folder.path().join("file")).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            return;
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _listening = runtime.block_on(async { Interrupts::listen() }).unwrap();
        let maximum = getrlimit(Resource::Fsize).maximum;
        setrlimit(Resource::Fsize, Rlimit { current: Some(4), maximum }).unwrap();
        let error = fs::File::create(path).unwrap().write_all(&[0; 9]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge, "{error}");
    }

    #[expect(clippy::disallowed_methods, reason = "this program itself, as another process")]
    fn again() -> std::process::Command {
        std::process::Command::new(std::env::current_exe().unwrap())
    }
}
