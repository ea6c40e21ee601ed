//! [`Fault`]: one row of the matrix, and how it is tried.

use std::time::{Duration, Instant};

use codex_exec::{EventStream, ExecOptions, TransportError, TransportReport};
use codex_fixtures::FakeScript;
use codex_protocol::{EventLine, TurnSummary, Verdict};
use tokio::sync::Mutex;

use crate::memory;
use crate::scene::{Scene, eventually};

/// Memory is counted for the whole process, so each row is made and runs alone.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How long a row may take, and how much memory, where it does not say otherwise: more than it needs on a busy machine, and less than
/// anything that waits or grows without an end.
const WITHIN: Duration = Duration::from_secs(10);
const MEMORY_BYTES: usize = 16 << 20;

/// How many lines from the start and from the end are kept for the evidence.
const KEPT_LINES: usize = 8;

/// How long a line may be that is folded: what is measured is the stream, from the pipe to the typed event.
const FOLDED_BYTES: usize = 1 << 20;

/// What Codex does wrong, and what is right then.
pub(crate) struct Fault {
    name: &'static str,
    script: FakeScript,
    prompt_bytes: usize,
    options: fn(ExecOptions) -> ExecOptions,
    reader: Reader,
    verdict: &'static str,
    within: Duration,
    memory_bytes: usize,
    evidence: fn(&Scene, &Seen) -> String,
}

/// What who reads the stream does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Reads,
    /// Takes a line, then none until the fake is blocked in writing.
    Sleeps,
    /// Cancels when the fake has reached `begun`.
    Cancels,
    /// Drops the stream then.
    Drops,
}

/// What was seen of a row.
pub(crate) struct Seen {
    /// The fold of the turn, without lines that are larger than [`FOLDED_BYTES`]: it would copy their items.
    pub(crate) summary: TurnSummary,
    pub(crate) lines: u64,
    pub(crate) first: Vec<EventLine>,
    pub(crate) last: Option<EventLine>,
    pub(crate) error: Option<TransportError>,
    pub(crate) end: Option<TransportReport>,
}

impl Fault {
    /// A row that is to end with this verdict, as it is told to people.
    pub(crate) fn new(name: &'static str, script: FakeScript, verdict: &'static str) -> Self {
        Self {
            name,
            script,
            prompt_bytes: 5,
            options: |options| options,
            reader: Reader::Reads,
            verdict,
            within: WITHIN,
            memory_bytes: MEMORY_BYTES,
            evidence: |_, _| String::new(),
        }
    }

    pub(crate) fn prompt_bytes(self, prompt_bytes: usize) -> Self {
        Self { prompt_bytes, ..self }
    }

    pub(crate) fn options(self, options: fn(ExecOptions) -> ExecOptions) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn sleeping_reader(self) -> Self {
        Self { reader: Reader::Sleeps, ..self }
    }

    pub(crate) fn cancelled(self) -> Self {
        Self { reader: Reader::Cancels, ..self }
    }

    pub(crate) fn dropped(self) -> Self {
        Self { reader: Reader::Drops, ..self }
    }

    pub(crate) fn memory_bytes(self, memory_bytes: usize) -> Self {
        Self { memory_bytes, ..self }
    }

    pub(crate) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    pub(crate) fn evidence(self, evidence: fn(&Scene, &Seen) -> String) -> Self {
        Self { evidence, ..self }
    }

    /// Makes a row, tries it and prints it.
    pub(crate) async fn check_alone(row: fn() -> Self) {
        let _alone = ALONE.lock().await;
        row().check().await;
    }

    async fn check(self) {
        let scene = Scene::new(self.script.clone()).options(self.options);
        let invocation = scene.invocation(&"x".repeat(self.prompt_bytes));
        let stream = scene.stream_of(invocation);
        let (begun, measured) = (Instant::now(), memory::measure());
        let seen = tokio::time::timeout(self.within, self.read(&scene, stream)).await.unwrap_or_else(|_| {
            panic!("{}: no end within {:?}; still alive: {:?}", self.name, self.within, scene.fake.living())
        });
        let (took, peak_bytes) = (begun.elapsed(), measured.peak_bytes());
        let verdict = seen.verdict();
        assert_eq!(verdict, self.verdict, "{}: {:?}", self.name, seen.error);
        let evidence = (self.evidence)(&scene, &seen);
        let limit = self.memory_bytes;
        assert!(peak_bytes <= limit, "{}: {peak_bytes} bytes of memory, not {limit}", self.name);
        // Whoever was dropped has told nobody that it is done.
        let nothing_left = eventually(|| scene.fake.living().is_empty() && scene.notes().is_empty()).await;
        assert!(nothing_left, "{}: {:?} {:?}", self.name, scene.fake.living(), scene.notes());
        let verdict = verdict.split_whitespace().collect::<Vec<_>>().join(" ");
        #[expect(clippy::print_stdout, reason = "the rows are what the table is made of")]
        {
            println!(
                "| {} | {verdict} | {evidence} | {} ms of {} s | {:.1} of {:.0} MiB of memory | yes |",
                self.name,
                took.as_millis(),
                self.within.as_secs(),
                mib(peak_bytes),
                mib(limit)
            );
        }
    }

    async fn read(&self, scene: &Scene, mut stream: EventStream) -> Seen {
        let mut seen = Seen {
            summary: TurnSummary::new(),
            lines: 0,
            first: Vec::new(),
            last: None,
            error: None,
            end: None,
        };
        seen.take(stream.next_line().await);
        match self.reader {
            Reader::Reads => {}
            Reader::Sleeps => {
                let pid = scene.fake.calls()[0].pid();
                assert!(eventually(|| is_blocked(pid)).await, "{}: nothing stops the writer", self.name);
            }
            Reader::Cancels => {
                assert!(eventually(|| scene.fake.reached("begun")).await);
                scene.cancel.cancel();
            }
            Reader::Drops => {
                assert!(eventually(|| scene.fake.reached("begun")).await);
                drop(stream);
                assert!(eventually(|| scene.fake.living().is_empty()).await);
                return seen;
            }
        }
        while seen.take(stream.next_line().await) {}
        seen.end = stream.end().cloned();
        seen
    }
}

impl Seen {
    /// Says whether there was an item.
    fn take(&mut self, item: Option<Result<EventLine, TransportError>>) -> bool {
        assert!(item.is_none() || self.error.is_none(), "an error is the last item");
        match item {
            None => return false,
            Some(Err(error)) => self.error = Some(error),
            Some(Ok(line)) => {
                self.lines += 1;
                assert_eq!(line.number(), self.lines, "lines come in order and without a gap");
                // As who reads it would: whatever it takes, it takes now.
                let _ = line.event();
                if line.raw().len() <= FOLDED_BYTES {
                    self.summary.observe(&line);
                }
                if self.first.len() < KEPT_LINES {
                    self.first.push(line.clone());
                }
                self.last = Some(line);
            }
        }
        true
    }

    fn verdict(&self) -> String {
        match (&self.error, &self.end) {
            (Some(TransportError::NotCodex { .. }), _) => "not codex".to_owned(),
            (Some(TransportError::StartFailed { .. }), _) => "did not start".to_owned(),
            (_, Some(end)) => Verdict::decide(&self.summary, &end.end).to_string(),
            (_, None) => "nobody listens".to_owned(),
        }
    }

    pub(crate) fn ended(&self) -> &TransportReport {
        self.end.as_ref().expect("a stream that was read to its end has one")
    }

    /// Which of the first lines were understood, and that each kept its bytes.
    pub(crate) fn understood(&self) -> Vec<bool> {
        self.first.iter().map(|line| line.event().is_ok()).collect()
    }
}

pub(crate) fn mib(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes >> 10).expect("no test takes terabytes")) / 1024.0
}

/// Whether a process sleeps after it has written more than a pipe holds.
fn is_blocked(pid: u32) -> bool {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let written = read("io").lines().find_map(|line| line.strip_prefix("wchar: ")?.parse::<u64>().ok());
    let is_asleep = read("stat").rsplit(") ").next().is_some_and(|rest| rest.starts_with('S'));
    is_asleep && written.is_some_and(|bytes| bytes >= 256 << 10)
}
