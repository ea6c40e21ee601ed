//! [`Child`]: one Codex under observation: what it prints, when to act on it, and that nothing of it stays.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use codex_fixtures::{ModelServer, processes_with_environment};

use super::scenario::Trigger;
use crate::process::command;

/// The slowest scenario retries for half a minute.
const RUN_LIMIT: Duration = Duration::from_secs(90);
/// How long orphans may hold the pipes before they are killed.
const DRAIN_LIMIT: Duration = Duration::from_millis(300);
const POLL: Duration = Duration::from_millis(5);

#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    marker: String,
    stdout: Pipe,
    stderr: Pipe,
}

#[derive(Debug)]
pub(crate) struct ChildOutput {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

#[derive(Debug)]
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Child {
    pub(crate) fn start(mut codex: Command, prompt: &str) -> Result<Self> {
        // Only the name is looked for, so that nothing a process does to its value hides it.
        let marker = format!("CODEX_FIXTURES_RECORDING_{}_{:x}", std::process::id(), unique());
        codex.env(&marker, "1").process_group(0);
        codex.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = codex.spawn().context("cannot start codex")?;
        let mut stdin = process.stdin.take().context("no stdin")?;
        let prompt = prompt.as_bytes().to_vec();
        // A codex that fails early does not read its prompt; that is no fault of the recording.
        std::thread::spawn(move || drop(stdin.write_all(&prompt)));
        let stdout = Pipe::new(process.stdout.take().context("no stdout")?);
        let stderr = Pipe::new(process.stderr.take().context("no stderr")?);
        Ok(Self { process, marker, stdout, stderr })
    }

    /// Waits for the trigger, acts, waits for the end, and kills whatever is left.
    ///
    /// `act` is given Codex's pid.
    pub(crate) fn finish(
        mut self,
        trigger: Option<&Trigger>,
        server: Option<&ModelServer>,
        act: impl FnOnce(u32) -> Result<()>,
    ) -> Result<ChildOutput> {
        let ended = self.observe(trigger, server, act);
        if let Ok(None) = self.process.try_wait() {
            // The group holds at least the leader, which is not reaped yet.
            signal(&format!("-{}", self.process.id()), "KILL");
            self.process.wait().context("cannot wait for codex")?;
        }
        let deadline = Instant::now() + DRAIN_LIMIT;
        while Instant::now() < deadline && !(self.stdout.is_at_end() && self.stderr.is_at_end()) {
            sleep(POLL);
        }
        for orphan in processes_with_environment(&self.marker) {
            signal(&orphan.to_string(), "KILL");
        }
        let (stdout, stderr) = (self.stdout.finish(), self.stderr.finish());
        let status =
            ended.map_err(|error| anyhow!("{error:#}; it printed\n{}", String::from_utf8_lossy(&stdout)))?;
        Ok(ChildOutput { status, stdout, stderr })
    }

    fn observe(
        &mut self,
        trigger: Option<&Trigger>,
        server: Option<&ModelServer>,
        act: impl FnOnce(u32) -> Result<()>,
    ) -> Result<ExitStatus> {
        let deadline = Instant::now() + RUN_LIMIT;
        let mut due = trigger.map(|trigger| (trigger, act));
        loop {
            if let Some(status) = self.process.try_wait().context("cannot wait for codex")? {
                return match due {
                    Some((trigger, _)) => bail!("codex ended with {status} before {trigger:?}"),
                    None => Ok(status),
                };
            }
            if due.as_ref().is_some_and(|(trigger, _)| self.has_come(trigger, server))
                && let Some((_, act)) = due.take()
            {
                act(self.process.id())?;
            }
            if Instant::now() > deadline {
                bail!("codex did not end within {} s", RUN_LIMIT.as_secs());
            }
            sleep(POLL);
        }
    }

    fn has_come(&self, trigger: &Trigger, server: Option<&ModelServer>) -> bool {
        match trigger {
            Trigger::Line(text) => String::from_utf8_lossy(&self.stdout.so_far()).contains(text.as_str()),
            Trigger::Requests(count) => server.is_some_and(|server| server.requests().len() >= *count),
        }
    }
}

impl Pipe {
    fn new(mut source: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut chunk = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = source.read(&mut chunk) {
                shared.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..count]);
            }
        });
        Self { bytes, reader }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_at_end(&self) -> bool {
        self.reader.is_finished()
    }

    fn finish(self) -> Vec<u8> {
        // A reader only stops at the end of its pipe.
        let _ = self.reader.join();
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes)
    }
}

/// Signals a process or, with a leading `-`, a group.
pub(crate) fn signal(target: &str, name: &str) {
    // A target that has just ended is what the caller wanted.
    let _ = command("kill").args([&format!("-{name}"), "--", target]).stderr(Stdio::null()).status();
}

fn unique() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}
