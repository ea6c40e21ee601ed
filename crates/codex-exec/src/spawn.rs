//! [`spawn`]: the one place of this crate that starts a process.

use std::ffi::OsString;
use std::io::{self, PipeWriter};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::Signal;
use tokio::process::Command;

use crate::ParentDeath;
use crate::guard::Guarded;
use crate::spawner::on_the_spawner;
use crate::sweep::Marks;

/// What is started.
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// All of it: nothing is inherited beside it.
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) stdin: Stdin,
    pub(crate) outputs: Outputs,
    pub(crate) parent_death: ParentDeath,
}

/// Where standard input comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stdin {
    Null,
    Piped,
}

/// Where standard output and standard error go.
pub(crate) enum Outputs {
    /// Each has a pipe of its own, which the started process comes with.
    Apart,
    /// Both go into this pipe, so that what goes to one and then to the other is read in that order.
    Merged(PipeWriter),
}

/// Starts a process as the leader of a group of its own, with pipes and with default signal dispositions.
///
/// Dropping what this gives kills it and its children, which `marks` are found in: a caller that is gone before the start is
/// done has nobody else to end them.
pub(crate) async fn spawn(launch: Launch, marks: Marks) -> io::Result<Guarded> {
    on_the_spawner(move || Guarded::start(marks, || command(&launch)?.spawn())).await
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that starts a process")]
fn command(launch: &Launch) -> io::Result<Command> {
    let mut command = Command::new(&launch.program);
    command.args(&launch.args).process_group(0).kill_on_drop(true);
    let (stdout, stderr) = match &launch.outputs {
        Outputs::Apart => (Stdio::piped(), Stdio::piped()),
        Outputs::Merged(pipe) => (pipe.try_clone()?.into(), pipe.try_clone()?.into()),
    };
    command.stdout(stdout).stderr(stderr);
    command.stdin(if launch.stdin == Stdin::Piped { Stdio::piped() } else { Stdio::null() });
    command.env_clear().envs(launch.environment.iter().map(|(name, value)| (name, value)));
    // The program itself may be a name, and so are the programs that Codex and a shell start.
    if let Some((name, path)) = launch.environment.iter().rfind(|(name, _)| name == "PATH") {
        command.env(name, codex_protocol::absolute_path_entries(path));
    }
    if let Some(cwd) = &launch.cwd {
        command.current_dir(cwd);
    }
    let signal = match launch.parent_death {
        ParentDeath::Interrupt => Some(Signal::INT),
        ParentDeath::Ignore => None,
    };
    before_exec(command.as_std_mut(), signal);
    Ok(command)
}

/// Lets the kernel end the program that a command starts (SIGTERM) when the thread that starts it ends, however it ends;
/// where the system is Linux. Signals that this process ignores or blocks are as usual for the program.
///
/// For programs that are started outside of this crate, by a thread that waits for them.
pub fn tie_to_this_thread(command: &mut std::process::Command) {
    before_exec(command, Some(Signal::TERM));
}

/// Restores signals and ties the child to us, between fork and exec.
///
/// A shell's `&` leaves SIGINT ignored, a daemon may ignore SIGTERM, Rust ignores SIGPIPE, and a program that waits for signals in
/// a thread of its own blocks them in all others: a child that inherits this never hears our ask.
#[expect(
    unsafe_code,
    reason = "only code between fork and exec can do this; it calls async-signal-safe functions alone"
)]
fn before_exec(command: &mut std::process::Command, at_our_death: Option<Signal>) {
    let parent = std::process::id();
    let prepare = move || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGPIPE] {
            // SAFETY: `signal` is async-signal-safe and SIG_DFL is a valid disposition for each of these.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        let mut heard = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: both are async-signal-safe, and `sigemptyset` makes a valid set of what it is given.
        unsafe {
            libc::sigemptyset(heard.as_mut_ptr());
            libc::sigprocmask(libc::SIG_SETMASK, heard.as_ptr(), std::ptr::null_mut());
        }
        tie_to_parent(at_our_death, parent)
    };
    // SAFETY: the closure neither allocates nor takes locks; it makes system calls and reads captured integers.
    unsafe { command.pre_exec(prepare) };
}

#[cfg(target_os = "linux")]
fn tie_to_parent(at_our_death: Option<Signal>, parent: u32) -> io::Result<()> {
    if let Some(signal) = at_our_death {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
        if now != Some(parent) {
            // We died before the kernel knew whom to tell.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
fn tie_to_parent(_: Option<Signal>, _: u32) -> io::Result<()> {
    Ok(())
}

/// Opens the pipes of a child wider where the kernel allows it, so that fewer wake-ups move more bytes.
pub(crate) fn widen(pipe: &impl std::os::fd::AsFd) {
    #[cfg(target_os = "linux")]
    // A refusal (the user's pipe budget is used up) costs speed only.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 256 << 10);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use codex_fixtures::{alive, wait_until};
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::{Launch, Outputs, Stdin, spawn};
    use crate::sweep::Marks;
    use crate::{Marker, ParentDeath};

    /// Between its start and its supervision a process has nobody but the guard.
    #[tokio::test]
    async fn a_started_process_that_nobody_takes_is_killed_with_its_children() {
        let marker = Marker::new();
        let launch = Launch {
            program: "/bin/sh".into(),
            args: ["-c", "sleep 60 & echo $$ $!; wait"].map(OsString::from).into(),
            environment: vec![(marker.variable_name().into(), Marker::VALUE.into())],
            cwd: None,
            stdin: Stdin::Null,
            outputs: Outputs::Apart,
            parent_death: ParentDeath::Ignore,
        };
        let mut started = spawn(launch, Marks { marker, thread: None }).await.unwrap();
        let mut told = String::new();
        BufReader::new(started.child.stdout.take().unwrap()).read_line(&mut told).await.unwrap();
        drop(started);
        let pids: Vec<u32> = told.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        assert_eq!(pids.len(), 2);
        assert!(wait_until(Duration::from_secs(30), || !pids.iter().any(|pid| alive(*pid))));
    }
}
