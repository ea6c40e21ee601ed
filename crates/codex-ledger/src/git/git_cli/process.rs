//! [`Runner`]: the one place of this crate that starts a process.

mod prepare;
mod running;
mod talk;
mod watch;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::Signal;

pub(super) use self::prepare::Prepare;
use self::running::RunningGit;
use self::watch::WaitEnd;
use super::environment::{GitReach, Inheritance};
use super::switched_off::SwitchedOff;
use super::{GitLimits, environment};
use crate::git::vcs::VcsError;
use crate::system::Abort;

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
    pub(super) inheritance: Inheritance,
    pub(super) limits: GitLimits,
    pub(super) abort: Abort,
    pub(super) prepare: Prepare,
    pub(super) root: PathBuf,
    pub(super) switched_off: SwitchedOff,
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
    reach: GitReach,
    runs: Runnable,
}

/// What a start of git may start in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runnable {
    Nothing,
    Programs,
}

/// How git ended.
#[derive(Debug)]
pub(super) struct GitOutput {
    pub(super) step: &'static str,
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

enum PipePiece {
    Out(Vec<u8>),
    OutEnd(Option<io::Error>),
    Error(Vec<u8>),
}

impl Runner {
    /// Prepares a start; `step` says in words what it is for.
    pub(super) fn git(&self, step: &'static str) -> Call<'_> {
        Call {
            runner: self,
            step,
            args: Vec::new(),
            environment: Vec::new(),
            stdin: None,
            limit: self.limits.quick,
            reach: GitReach::Local,
            runs: Runnable::Programs,
        }
    }
}

impl<'a> Call<'a> {
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

    /// Contacts a remote, and inherits what that needs.
    pub(super) fn contacts_a_remote(mut self) -> Self {
        self.reach = GitReach::Remote;
        self
    }

    /// Starts no program, whatever the configuration says, so that nobody has to look at it before.
    pub(super) fn runs_nothing(mut self) -> Self {
        self.runs = Runnable::Nothing;
        self
    }

    /// Takes the longer limit.
    pub(super) fn thorough(self) -> Self {
        let limit = self.runner.limits.thorough;
        self.limit(limit)
    }

    /// Runs it; however it ends is fine.
    pub(super) fn run(self) -> Result<GitOutput, VcsError> {
        let mut stdout = Vec::new();
        let output = self.stream(&mut |piece| {
            stdout.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(GitOutput { stdout, ..output })
    }

    /// Runs it and gives what it prints, if it ends well.
    pub(super) fn succeed(self) -> Result<Vec<u8>, VcsError> {
        self.run()?.ok()
    }

    /// Runs it and hands over what it prints, piece by piece.
    pub(super) fn stream(
        self,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), VcsError>,
    ) -> Result<GitOutput, VcsError> {
        let step = self.step;
        let watch = self.watch();
        let mut child = self.start()?;
        let exited = Arc::default();
        let pieces = read_and_feed(&mut child.0, self.stdin, &exited);
        let stderr = consume(&mut child.0, &exited, &pieces, &watch, sink)?;
        let status = child.wait(&watch)?;
        let mut stderr = String::from_utf8_lossy(&stderr).trim().to_owned();
        if status.signal() == Some(Signal::XFSZ.as_raw()) {
            stderr.push_str("File too large");
        }
        tracing::trace!(step, code = status.code(), "git ended");
        if let Some(error) = watch.out_of_memory(&stderr).filter(|_| !status.success()) {
            return Err(error);
        }
        Ok(GitOutput { step, code: status.code(), stdout: Vec::new(), stderr })
    }

    fn watch(&self) -> WaitEnd<'a> {
        WaitEnd::new(self.runner, self.step, self.limit, self.reach)
    }

    fn start(&self) -> Result<RunningGit, VcsError> {
        let step = self.step;
        if self.runner.abort.is_pulled() {
            return Err(VcsError::Aborted { step });
        }
        if self.runs == Runnable::Programs {
            self.runner.look_again()?;
        }
        self.command().spawn().map(RunningGit).map_err(|source| VcsError::Start { step, source })
    }

    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that starts a process")]
    fn command(&self) -> Command {
        let (arguments, variables) = self.runner.switched_off.settings();
        let own = environment::variables().map(|(name, value)| (name.into(), value.into()));
        let off = variables.into_iter().map(|(name, value)| (name, value.into()));
        let mut all: Vec<(OsString, OsString)> = self.runner.inheritance.variables(self.reach);
        all.extend(own.chain(off));
        all.extend(self.runner.environment.iter().chain(&self.environment).cloned());
        let path = all.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
        let path = path.map(|path| self.runner.switched_off.path_outside(&path).unwrap_or(path));
        let program = path.as_deref().and_then(|path| program_in(path, &self.runner.program));
        let mut command = Command::new(program.as_ref().unwrap_or(&self.runner.program));
        command.args(environment::settings()).args(arguments).args(&self.args).current_dir(&self.runner.root);
        command.env_clear().envs(all).envs(path.map(|path| ("PATH", path)));
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        self.runner.prepare.apply(&mut command);
        command
    }
}

/// Finds a program as the path says. With its whole path the system starts it without copying our memory first, which a search
/// in another path than our own would need.
fn program_in(path: &OsStr, program: &Path) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    if program.components().count() != 1 || folders.iter().any(|folder| folder.is_relative()) {
        return None;
    }
    let is_program = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    folders.into_iter().map(|folder| folder.join(program)).find(is_program)
}

impl GitOutput {
    /// What it printed, if it ended with 0.
    pub(super) fn ok(self) -> Result<Vec<u8>, VcsError> {
        if self.code == Some(0) { Ok(self.stdout) } else { Err(self.failed()) }
    }

    /// Its end as an error.
    pub(super) fn failed(self) -> VcsError {
        VcsError::Failed { step: self.step, code: self.code, stderr: self.stderr }
    }
}

fn read_and_feed(child: &mut Child, stdin: Option<Vec<u8>>, exited: &Arc<AtomicBool>) -> Receiver<PipePiece> {
    let (sender, pieces) = sync_channel(16);
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
        // Git that ends before it has read everything says so by its exit code.
        thread::spawn(move || drop(pipe.write_all(&bytes)));
    }
    if let Some(pipe) = child.stdout.take() {
        let (mut pipe, sender) = (GitPipe::new(pipe, exited), sender.clone());
        thread::spawn(move || {
            let mut buffer = vec![0; CHUNK_BYTES];
            let end = loop {
                match pipe.read(&mut buffer) {
                    Ok(0) => break None,
                    Ok(length) => {
                        if sender.send(PipePiece::Out(buffer[..length].to_vec())).is_err() {
                            return;
                        }
                    }
                    Err(error) => break Some(error),
                }
            };
            // Nobody listens any more if git was given up.
            let _ = sender.send(PipePiece::OutEnd(end));
        });
    }
    if let Some(pipe) = child.stderr.take() {
        let pipe = GitPipe::new(pipe, exited);
        thread::spawn(move || drop(sender.send(PipePiece::Error(read_tail(pipe)))));
    }
    pieces
}

/// Reads to the end of a pipe. Where that does not come for a while after the end of git, reading fails: somebody else
/// holds the pipe, and nobody can say that all was read.
///
/// Only the reader itself can tell: bytes that lie in the pipe while the machine is busy are not the end.
struct GitPipe<R> {
    source: R,
    exited: Arc<AtomicBool>,
}

impl<R: Read + AsFd> GitPipe<R> {
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
fn read_tail(mut pipe: GitPipe<impl Read + AsFd>) -> Vec<u8> {
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

/// Hands over what comes until both pipes are at their ends; gives the last of standard error.
fn consume(
    child: &mut Child,
    exited: &AtomicBool,
    pieces: &Receiver<PipePiece>,
    watch: &WaitEnd<'_>,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), VcsError>,
) -> Result<Vec<u8>, VcsError> {
    let (mut out_ended, mut stderr) = (false, None);
    loop {
        if let (true, Some(stderr)) = (out_ended, &mut stderr) {
            return Ok(std::mem::take(stderr));
        }
        let left = watch.left()?;
        match pieces.recv_timeout(left.min(TICK)) {
            Ok(PipePiece::Out(piece)) => sink(&piece)?,
            Ok(PipePiece::OutEnd(None)) => out_ended = true,
            Ok(PipePiece::OutEnd(Some(source))) => return Err(watch.unreadable(source.to_string())),
            Ok(PipePiece::Error(tail)) => stderr = Some(tail),
            // Both readers have gone without a word, which only a panic of theirs can bring about.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(watch.unreadable("its output was lost".to_owned()));
            }
            Err(RecvTimeoutError::Timeout) => {
                if matches!(child.try_wait(), Ok(Some(_))) {
                    exited.store(true, Ordering::Release);
                }
            }
        }
    }
}
