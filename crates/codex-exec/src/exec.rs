//! [`Exec`], the seam of this crate, and [`CodexExec`], which starts the real program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_protocol::{ExitKind, Limit, ProcessFate, StopCause, TransportEnd};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::event_stream::Supervised;
use crate::guard::Guarded;
use crate::line_output::{LineOutput, SeenLines};
use crate::line_reader::LineReader;
use crate::pipes::{drain, feed};
use crate::prepare::{PreparedStart, prepare};
use crate::queue::{QueueEnd, Sender, queue};
use crate::spawn::{Launch, Outputs, Stdin, spawn, widen};
use crate::supervisor::{Addressee, ProcessOutcome, Supervisor};
use crate::sweep::Marks;
use crate::thread_claim::ThreadClaim;
use crate::{
    EventStream, ExecOptions, Invocation, OutputTail, Program, RuntimeError, StateDir, TransportError,
    TransportReport,
};

/// Runs one invocation of Codex and gives its lines.
///
/// The call itself does nothing: the stream is cold until it is polled. With the feature `mock` there is a `MockExec`.
///
/// # For a process layer of your own
///
/// What a turn is allowed and when it is cancelled is kept by the layer; nothing above it looks at a clock.
///
/// * Limits: [`total_limit`](Invocation::total_limit) bounds the whole turn, [`idle_limit`](Invocation::idle_limit) the silence
///   between lines. At a limit, end the program, and end the stream with [`StreamEnd::failed`](crate::StreamEnd::failed) of
///   [`TransportError::timed_out`] and a report whose cause is [`StopCause::TotalLimit`] or [`StopCause::IdleLimit`].
/// * Cancellation: when `cancel` is cancelled, end the program, and end the stream with [`StreamEnd::failed`](crate::StreamEnd::failed) of
///   [`TransportError::Cancelled`] and [`TransportReport::stopped`] with [`StopCause::Cancelled`]. If it is cancelled before the
///   first poll, start nothing. A turn that has told its end already may end as it ended.
/// * Dropping the stream ends the program as well.
///
/// ```
/// use std::time::Duration;
///
/// use codex_exec::{
///     CancellationToken, EventStream, Exec, Invocation, StreamEnd, TransportError, TransportReport,
/// };
/// use codex_protocol::{ExitKind, Limit, StopCause};
///
/// /// A program that never says a word.
/// struct Silent;
///
/// impl Exec for Silent {
///     fn exec(&self, invocation: Invocation, cancel: CancellationToken) -> EventStream {
///         let limit = invocation.parts().idle_limit.unwrap_or(Duration::MAX);
///         let end = async move {
///             let (error, cause) = tokio::select! {
///                 () = cancel.cancelled() => (TransportError::Cancelled, StopCause::Cancelled),
///                 () = tokio::time::sleep(limit) => {
///                     (TransportError::timed_out(Limit::Idle, limit), StopCause::IdleLimit)
///                 }
///             };
///             StreamEnd::failed(error, TransportReport::stopped(ExitKind::Signal(9), cause))
///         };
///         EventStream::from_stream(futures_util::stream::empty::<String>(), end)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let cancel = CancellationToken::new();
/// cancel.cancel();
/// let mut stream = Silent.exec(Invocation::new("hello"), cancel);
/// assert!(matches!(stream.next_line().await, Some(Err(TransportError::Cancelled))));
///
/// let limited = Invocation::new("hello").idle_limit(Duration::from_millis(1));
/// let mut stream = Silent.exec(limited, CancellationToken::new());
/// assert!(matches!(stream.next_line().await, Some(Err(TransportError::TimedOut { .. }))));
/// # }
/// ```
///
/// `examples/elsewhere.rs` of this crate is a layer over a socket.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Exec: Send + Sync {
    /// Describes a run; it starts at the first poll, keeps the limits of the invocation, and is asked to stop when `cancel` is
    /// cancelled.
    fn exec(&self, invocation: Invocation, cancel: CancellationToken) -> EventStream;
}

/// Runs the Codex binary under supervision.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_exec::{CodexExec, Exec, Invocation, Program};
///
/// let exec = CodexExec::new(Program::discover()?);
/// let mut stream = exec.exec(Invocation::new("say hello"), Default::default());
/// while let Some(line) = stream.next_line().await {
///     println!("{}", String::from_utf8_lossy(line?.raw()));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CodexExec {
    program: Program,
    options: ExecOptions,
}

impl CodexExec {
    /// Runs this program with the default options.
    pub fn new(program: Program) -> Self {
        Self { program, options: ExecOptions::default() }
    }

    /// Replaces the options.
    #[must_use = "builder methods return the changed value"]
    pub fn options(mut self, options: ExecOptions) -> Self {
        self.options = options;
        self
    }

    /// The program that is run.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

impl Exec for CodexExec {
    fn exec(&self, invocation: Invocation, cancel: CancellationToken) -> EventStream {
        let (program, mut options) = (self.program.path().to_owned(), self.options.clone());
        options.total = invocation.parts().total_limit.or(options.total);
        options.idle = invocation.parts().idle_limit.or(options.idle);
        EventStream::cold(move || start(program, options, invocation, cancel))
    }
}

fn start(
    program: PathBuf,
    options: ExecOptions,
    invocation: Invocation,
    cancel: CancellationToken,
) -> Result<Supervised, TransportError> {
    RuntimeError::check()?;
    let (sender, receiver) = queue(options.queue_lines, options.queue_bytes);
    let supervised = async move {
        let (sender, end) = match run(program, options, invocation, cancel, sender).await {
            Ok(ended) => ended,
            Err((sender, error)) => (sender, (Some(error), None)),
        };
        sender.end(end);
    };
    Ok(Supervised::new(receiver, tokio::spawn(supervised.in_current_span())))
}

async fn run(
    program: PathBuf,
    options: ExecOptions,
    invocation: Invocation,
    cancel: CancellationToken,
    sender: Sender,
) -> Result<(Sender, QueueEnd), (Sender, TransportError)> {
    if cancel.is_cancelled() {
        return Err((sender, TransportError::Cancelled));
    }
    let prepared = match prepare_in_time(invocation, options.state_dir.as_ref(), &cancel, &sender).await {
        Ok(prepared) => prepared,
        Err(error) => return Err((sender, error)),
    };
    // Nobody listens to either meanwhile: preparing is short, and what it took is given back before the stream says so.
    if cancel.is_cancelled() || sender.is_abandoned() {
        prepared.note.forget();
        return Err((sender, TransportError::Cancelled));
    }
    let launch = Launch {
        program: program.clone(),
        args: prepared.line.args.clone(),
        environment: prepared.line.environment.apply(std::env::vars_os()),
        cwd: prepared.line.cwd.clone(),
        stdin: Stdin::Piped,
        outputs: Outputs::Apart,
        parent_death: options.parent_death,
    };
    let marks = Marks { marker: prepared.marker.clone(), thread: None };
    match spawn(launch, marks).await {
        Ok(process) => Ok(supervise(process, &program, options, prepared, cancel, sender).await),
        Err(source) => {
            prepared.note.forget();
            let lack = RuntimeError::of(&source).map(TransportError::Runtime);
            Err((sender, lack.unwrap_or_else(|| TransportError::spawn(program, source))))
        }
    }
}

/// The pauses between two looks at a thread that is waited for: the first, and the longest.
const LOOK_PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(250)];

/// Prepares a start, and waits as long as the invocation says for a thread that is busy.
async fn prepare_in_time(
    invocation: Invocation,
    state_dir: Option<&StateDir>,
    cancel: &CancellationToken,
    sender: &Sender,
) -> Result<PreparedStart, TransportError> {
    let begun = Instant::now();
    let wait = invocation.parts().thread_wait.unwrap_or_default();
    let invocation = Arc::new(invocation);
    let [mut pause, longest] = LOOK_PAUSES;
    loop {
        let (asked, state_dir) = (Arc::clone(&invocation), state_dir.cloned());
        let prepared = tokio::task::spawn_blocking(move || prepare(&asked, state_dir)).await;
        let prepared = prepared.unwrap_or(Err(TransportError::SupervisorGone));
        let left = wait.saturating_sub(begun.elapsed());
        if left.is_zero() || !matches!(prepared, Err(TransportError::ThreadBusy { .. })) {
            return prepared;
        }
        let consumer = sender.consumer();
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(TransportError::Cancelled),
            () = consumer.gone() => return Err(TransportError::Cancelled),
            () = tokio::time::sleep(pause.min(left)) => pause = longest.min(pause * 2),
        }
    }
}

async fn supervise(
    mut process: Guarded,
    program: &Path,
    options: ExecOptions,
    prepared: PreparedStart,
    cancel: CancellationToken,
    sender: Sender,
) -> (Sender, QueueEnd) {
    let PreparedStart { line, claim, schema_file, note, .. } = prepared;
    let child = &mut process.child;
    let stdout = child.stdout.take().expect("standard output was piped");
    widen(&stdout);
    let prompt = feed(child.stdin.take(), line.stdin.into_bytes());
    let stderr = drain(child.stderr.take().expect("standard error was piped"), options.stderr_tail_bytes);
    let reader = LineReader::new(options.line_limit_bytes, options.line_head_bytes);
    let consumer = sender.consumer();
    let output = LineOutput::new(stdout, reader, sender, claim, options.stop_buffer_bytes);
    let limits = options.clone();
    let supervisor = Supervisor::new(process, output, consumer, cancel, Addressee::Leader, options);
    let ProcessOutcome { output, exit, stop, leftovers, elapsed } = supervisor.run().await;

    prompt.stop().await;
    let (sender, claim, seen) = output.finish();
    let stderr_tail = stderr.finish(limits.drain).await;
    let put_away = tokio::task::spawn_blocking(move || {
        drop(schema_file);
        note.forget();
        claim.map(ThreadClaim::end).unwrap_or_default()
    });
    let (refused, rollout) = put_away.await.unwrap_or_default();
    let end = TransportEnd::new(exit.map_or(ProcessFate::Unreaped, ProcessFate::Ended));
    let end = stop.map_or(end, |cause| end.stopped_by(cause));
    let error = refused.or_else(|| error_of(&end, &seen, &stderr_tail, program, &limits));
    let report = TransportReport {
        end,
        stderr_tail,
        leftovers,
        dropped_lines: seen.dropped_lines,
        dropped_bytes: seen.dropped_bytes,
        elapsed,
        thread_id: seen.thread,
        turn_id: None,
        rollout,
    };
    (sender, (error, Some(Box::new(report))))
}

/// Says why the stream does not simply end, if it does not.
fn error_of(
    end: &TransportEnd,
    seen: &SeenLines,
    stderr_tail: &OutputTail,
    program: &Path,
    options: &ExecOptions,
) -> Option<TransportError> {
    if seen.terminal {
        return None;
    }
    match end.stop {
        Some(StopCause::TotalLimit) => {
            let after = options.total.unwrap_or_default();
            return Some(TransportError::timed_out(Limit::Total, after));
        }
        Some(StopCause::IdleLimit) => {
            let after = options.idle.unwrap_or_default();
            return Some(TransportError::timed_out(Limit::Idle, after));
        }
        Some(StopCause::Cancelled | StopCause::ConsumerGone) => return Some(TransportError::Cancelled),
        _ => {}
    }
    match end.exit() {
        Some(exit @ ExitKind::Code(_)) if seen.lines == 0 && end.stop.is_none() => {
            Some(TransportError::start_failed(exit, stderr_tail.clone()))
        }
        Some(ExitKind::Code(_)) if seen.thread.is_none() && seen.lines > 0 => {
            Some(TransportError::not_codex(program, String::from_utf8_lossy(&seen.first)))
        }
        _ => None,
    }
}
