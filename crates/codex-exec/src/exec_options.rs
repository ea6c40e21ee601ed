//! [`ExecOptions`]: every bound of the process layer, with its unit.

use std::time::Duration;

use crate::StateDir;

/// Bounds every queue, buffer and wait of a start of Codex.
///
/// The values are read once, when a stream is made, and do not change afterwards.
///
/// ```
/// use std::time::Duration;
/// use codex_exec::{ExecOptions, Survivors};
///
/// let options = ExecOptions::default().idle_limit(Duration::from_secs(300)).survivors(Survivors::Leave);
/// assert_eq!(options.idle, Some(Duration::from_secs(300)));
/// assert_eq!(options.queue_lines, 1024);
/// assert_eq!(options.settle, Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExecOptions {
    /// How many lines may wait for the consumer before reading stops (default 1024); none counts as one.
    pub queue_lines: usize,
    /// How many bytes of lines may wait for the consumer before reading stops (default 8 MiB), a line that is decoded already counting
    /// twice; one longer line is let in alone.
    pub queue_bytes: usize,
    /// How long a line may be before it is cut (default 64 MiB).
    pub line_limit_bytes: usize,
    /// How many of the first bytes of a cut line are kept (default 64 KiB).
    pub line_head_bytes: usize,
    /// How much of the end of standard error is kept (default 64 KiB).
    pub stderr_tail_bytes: usize,
    /// How much standard output is kept, beyond the queue, once Codex was asked to stop (default 16 MiB); the line that ends the turn
    /// always is.
    pub stop_buffer_bytes: usize,
    /// How long Codex may live on after the line that ends the turn, or after it closed its output (default 5 s).
    pub settle: Duration,
    /// How long output may stay open after Codex itself has exited (default 250 ms).
    pub drain: Duration,
    /// How long Codex may take to stop after it was asked (default 5 s).
    pub grace: Duration,
    /// The same after the stream was dropped (default 500 ms).
    pub drop_grace: Duration,
    /// How long a killed process may take to disappear before it is given up and named (default 2 s).
    pub kill: Duration,
    /// How often the ask is repeated within the grace period (default 250 ms); less than a millisecond counts as one.
    pub ask_interval: Duration,
    /// How long a turn may take as a whole, from the start to the line that ends it (default: no limit).
    pub total: Option<Duration>,
    /// How long Codex may print nothing while somebody waits for it (default: no limit).
    pub idle: Option<Duration>,
    /// What becomes of processes that outlive Codex (default [`Survivors::Kill`]).
    pub survivors: Survivors,
    /// What becomes of Codex when this process dies (default [`ParentDeath::Ignore`]).
    pub parent_death: ParentDeath,
    /// Where starts are noted and threads are locked (default: the user's state folder).
    pub state_dir: Option<StateDir>,
}

/// What becomes of processes that Codex started and that outlive it.
///
/// They are found by a mark in their environment, on Linux; a process that cleared its own is not found. Elsewhere none is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Survivors {
    /// They are killed and named.
    #[default]
    Kill,
    /// They are named and left running.
    Leave,
}

/// What becomes of Codex when the process that started it dies without a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParentDeath {
    /// Codex goes on until it next prints.
    #[default]
    Ignore,
    /// The kernel interrupts Codex, which then kills its commands (Linux; elsewhere the same as [`ParentDeath::Ignore`]).
    Interrupt,
}

impl Default for ExecOptions {
    fn default() -> Self {
        Self {
            queue_lines: 1024,
            queue_bytes: 8 << 20,
            line_limit_bytes: 64 << 20,
            line_head_bytes: 64 << 10,
            stderr_tail_bytes: 64 << 10,
            stop_buffer_bytes: 16 << 20,
            settle: Duration::from_secs(5),
            drain: Duration::from_millis(250),
            grace: Duration::from_secs(5),
            drop_grace: Duration::from_millis(500),
            kill: Duration::from_secs(2),
            ask_interval: Duration::from_millis(250),
            total: None,
            idle: None,
            survivors: Survivors::default(),
            parent_death: ParentDeath::default(),
            state_dir: None,
        }
    }
}

macro_rules! setters {
    ($($(#[doc = $doc:literal])* $name:ident => $field:ident: $type:ty = $value:expr;)*) => {
        impl ExecOptions {
            $($(#[doc = $doc])* #[must_use = "builder methods return the changed value"]
            pub fn $name(mut self, $field: $type) -> Self { self.$field = $value; self })*
        }
    };
}

setters! {
    /// Sets how many lines may wait for the consumer; none counts as one.
    queue_lines => queue_lines: usize = queue_lines;
    /// Sets how many bytes of lines may wait for the consumer.
    queue_bytes => queue_bytes: usize = queue_bytes;
    /// Sets how long a line may be, in bytes, before it is cut.
    line_limit_bytes => line_limit_bytes: usize = line_limit_bytes;
    /// Sets how many of the first bytes of a cut line are kept.
    line_head_bytes => line_head_bytes: usize = line_head_bytes;
    /// Sets how many bytes of the end of standard error are kept.
    stderr_tail_bytes => stderr_tail_bytes: usize = stderr_tail_bytes;
    /// Sets how many bytes are kept beyond the queue once Codex was asked to stop.
    stop_buffer_bytes => stop_buffer_bytes: usize = stop_buffer_bytes;
    /// Sets how long Codex may live on after the line that ends the turn.
    settle => settle: Duration = settle;
    /// Sets how long output may stay open after Codex has exited.
    drain => drain: Duration = drain;
    /// Sets how long Codex may take to stop after it was asked.
    grace => grace: Duration = grace;
    /// Sets how long Codex may take to stop after the stream was dropped.
    drop_grace => drop_grace: Duration = drop_grace;
    /// Sets how long a killed process may take to disappear.
    kill => kill: Duration = kill;
    /// Sets how often the ask is repeated; less than a millisecond counts as one.
    ask_interval => ask_interval: Duration = ask_interval;
    /// Limits a turn as a whole.
    total_limit => total: Duration = Some(total);
    /// Limits silence while somebody waits for output.
    idle_limit => idle: Duration = Some(idle);
    /// Says what becomes of processes that outlive Codex.
    survivors => survivors: Survivors = survivors;
    /// Says what becomes of Codex when this process dies.
    parent_death => parent_death: ParentDeath = parent_death;
    /// Sets where starts are noted and threads are locked.
    state_dir => state_dir: StateDir = Some(state_dir);
}
