//! [`Runner`]: the one place of this crate that starts a process.

mod talk;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{GitLimits, environment};
use crate::vcs::VcsError;

/// How much of standard error is kept.
const STDERR_BYTES: usize = 4096;
/// How long after the end of git its pipes may stay open: a process that it left behind may hold them.
const DRAIN_LIMIT: Duration = Duration::from_millis(250);
/// How often it is asked whether git has ended, while it writes nothing.
const TICK: Duration = Duration::from_millis(50);
const CHUNK_BYTES: usize = 64 * 1024;

/// Starts git in a folder.
#[derive(Debug, Clone)]
pub(super) struct Runner {
    pub(super) program: PathBuf,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) limits: GitLimits,
    pub(super) root: PathBuf,
}

/// One start of git.
#[derive(Debug)]
#[must_use = "nothing starts before `run`"]
pub(super) struct Call<'a> {
    runner: &'a Runner,
    step: &'static str,
    args: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    limit: Duration,
}

/// How git ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) step: &'static str,
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

enum Piece {
    Out(Vec<u8>),
    OutEnd(Option<io::Error>),
    Error(Vec<u8>),
}

impl Runner {
    /// Prepares a start; `step` says in words what it is for.
    pub(super) fn git(&self, step: &'static str) -> Call<'_> {
        let limit = self.limits.quick;
        Call { runner: self, step, args: Vec::new(), environment: Vec::new(), stdin: None, limit }
    }
}

impl Call<'_> {
    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(super) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(super) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Works on another index than the user's.
    pub(super) fn index(self, index: &Path) -> Self {
        self.env("GIT_INDEX_FILE", index)
    }

    pub(super) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    pub(super) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Takes the longer limit.
    pub(super) fn thorough(self) -> Self {
        let limit = self.runner.limits.thorough;
        self.limit(limit)
    }

    /// Runs it; however it ends is fine.
    pub(super) fn run(self) -> Result<Output, VcsError> {
        let mut stdout = Vec::new();
        let output = self.stream(&mut |piece| {
            stdout.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(Output { stdout, ..output })
    }

    /// Runs it and gives what it prints, if it ends well.
    pub(super) fn succeed(self) -> Result<Vec<u8>, VcsError> {
        self.run()?.ok()
    }

    /// Runs it and hands over what it prints, piece by piece.
    pub(super) fn stream(
        self,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), VcsError>,
    ) -> Result<Output, VcsError> {
        let step = self.step;
        let deadline = Instant::now() + self.limit;
        let started = self.command().spawn();
        let mut child = Running(started.map_err(|source| VcsError::Start { step, source })?);
        let exited = Arc::default();
        let pieces = read_and_feed(&mut child.0, self.stdin, &exited);
        let stderr = consume(&mut child.0, &exited, &pieces, deadline, sink, step);
        let stderr =
            stderr.and_then(|stderr| stderr.ok_or(VcsError::TimedOut { step, limit: self.limit }))?;
        let status = child.wait_until(deadline).ok_or(VcsError::TimedOut { step, limit: self.limit })?;
        let stderr = String::from_utf8_lossy(&stderr).trim().to_owned();
        tracing::trace!(step, code = status.code(), "git ended");
        Ok(Output { step, code: status.code(), stdout: Vec::new(), stderr })
    }

    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that starts a process")]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.runner.program);
        command.args(environment::settings()).args(&self.args).current_dir(&self.runner.root);
        for name in environment::removed() {
            command.env_remove(name);
        }
        if let Some(path) = environment::search_path() {
            command.env("PATH", path);
        }
        command.envs(environment::variables());
        command.envs(self.runner.environment.iter().map(|(name, value)| (name, value)));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }
}

impl Output {
    /// What it printed, if it ended with 0.
    pub(super) fn ok(self) -> Result<Vec<u8>, VcsError> {
        if self.code == Some(0) { Ok(self.stdout) } else { Err(self.failed()) }
    }

    /// Its end as an error.
    pub(super) fn failed(self) -> VcsError {
        VcsError::Failed { step: self.step, code: self.code, stderr: self.stderr }
    }
}

/// Kills git and what it started when it is given up.
struct Running(Child);

impl Running {
    fn wait_until(&mut self, deadline: Instant) -> Option<ExitStatus> {
        let mut pause = Duration::from_micros(100);
        loop {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = rustix::process::Pid::from_child(&self.0);
        // It may have ended by itself since.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

fn read_and_feed(child: &mut Child, stdin: Option<Vec<u8>>, exited: &Arc<AtomicBool>) -> Receiver<Piece> {
    let (sender, pieces) = sync_channel(16);
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
        // Git that ends before it has read everything says so by its exit code.
        thread::spawn(move || drop(pipe.write_all(&bytes)));
    }
    if let Some(pipe) = child.stdout.take() {
        let (mut pipe, sender) = (Pipe::new(pipe, exited), sender.clone());
        thread::spawn(move || {
            let mut buffer = vec![0; CHUNK_BYTES];
            let end = loop {
                match pipe.read(&mut buffer) {
                    Ok(0) => break None,
                    Ok(length) => {
                        if sender.send(Piece::Out(buffer[..length].to_vec())).is_err() {
                            return;
                        }
                    }
                    Err(error) => break Some(error),
                }
            };
            // Nobody listens any more if git was given up.
            let _ = sender.send(Piece::OutEnd(end));
        });
    }
    if let Some(pipe) = child.stderr.take() {
        let pipe = Pipe::new(pipe, exited);
        thread::spawn(move || drop(sender.send(Piece::Error(read_tail(pipe)))));
    }
    pieces
}

/// Reads to the end of a pipe. Where that does not come for a while after the end of git, reading fails: somebody else
/// holds the pipe, and nobody can say that all was read.
///
/// Only the reader itself can tell: bytes that lie in the pipe while the machine is busy are not the end.
struct Pipe<R> {
    source: R,
    exited: Arc<AtomicBool>,
}

impl<R: Read + AsFd> Pipe<R> {
    fn new(source: R, exited: &Arc<AtomicBool>) -> Self {
        Self { source, exited: Arc::clone(exited) }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let tick = Timespec::try_from(TICK).map_err(io::Error::other)?;
        let mut silent = Duration::ZERO;
        while silent < DRAIN_LIMIT {
            let had_exited = self.exited.load(Ordering::Acquire);
            match poll(&mut [PollFd::new(&self.source, PollFlags::IN)], Some(&tick)) {
                Ok(0) if had_exited => silent += TICK,
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => match self.source.read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => return read,
                },
                Err(error) => return Err(error.into()),
            }
        }
        let reason = "git has ended, and its output has not: a process that it left behind holds the pipe";
        Err(io::Error::new(io::ErrorKind::TimedOut, reason))
    }
}

/// What comes of standard error; it is only words, so that an end which does not come is as good as one.
fn read_tail(mut pipe: Pipe<impl Read + AsFd>) -> Vec<u8> {
    let mut tail = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut buffer) {
        tail.extend_from_slice(&buffer[..length]);
        if tail.len() > STDERR_BYTES {
            tail.drain(..tail.len() - STDERR_BYTES);
        }
    }
    tail
}

/// Hands over what comes until both pipes are at their ends; gives the last of standard error, or `None` at the deadline.
fn consume(
    child: &mut Child,
    exited: &AtomicBool,
    pieces: &Receiver<Piece>,
    deadline: Instant,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), VcsError>,
    step: &'static str,
) -> Result<Option<Vec<u8>>, VcsError> {
    let (mut out_ended, mut stderr) = (false, None);
    loop {
        if out_ended && stderr.is_some() {
            return Ok(stderr);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        match pieces.recv_timeout(left.min(TICK)) {
            Ok(Piece::Out(piece)) => sink(&piece)?,
            Ok(Piece::OutEnd(None)) => out_ended = true,
            Ok(Piece::OutEnd(Some(source))) => {
                return Err(VcsError::Unreadable { step, reason: source.to_string() });
            }
            Ok(Piece::Error(tail)) => stderr = Some(tail),
            // Both readers have gone without a word, which only a panic of theirs can bring about.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(VcsError::Unreadable { step, reason: "its output was lost".to_owned() });
            }
            Err(RecvTimeoutError::Timeout) => {
                if matches!(child.try_wait(), Ok(Some(_))) {
                    exited.store(true, Ordering::Release);
                }
            }
        }
    }
}
