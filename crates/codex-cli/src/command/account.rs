//! [`Asking`]: the agent is asked for its account of the work, in one more turn on the same thread.

use std::path::PathBuf;

use codex_exec::{Program, Sandbox};
use codex_ledger::{RecordEnd, TurnBegin, TurnPurpose};
use codex_protocol::{ThreadId, Usage};
use codex_runner::AgentReport;
use codex_turn::{TurnError, TurnResult};
use tokio_util::sync::CancellationToken;

use crate::arguments::{CodexOptions, Resume, RunArguments};
use crate::conduct::{Conduct, End, Pace, Show, conduct};
use crate::console::Console;
use crate::failure::{causes, warning_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::record::Recording;
use crate::render::{Line, Tone};
use crate::setup;

use super::leftovers::killed;

/// How the agent is asked.
pub(super) struct Asking<'a> {
    /// The flags of the turns that did the work.
    pub(super) arguments: &'a RunArguments,
    pub(super) program: &'a Program,
    pub(super) thread: &'a ThreadId,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Account {
    /// The report, or one sentence on why there is none.
    pub(super) report: Result<AgentReport, String>,
    /// What the turn has used, as far as that is known.
    pub(super) tokens: Option<u64>,
    /// The signal that ended the asking.
    pub(super) interrupt: Option<Interrupt>,
}

impl Asking<'_> {
    /// Asks, and takes the turn into the record. It may read and nothing else.
    pub(super) async fn ask(
        &self,
        recording: &Recording,
        show: Show,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Account {
        let none = |why: String| Account { report: Err(why), tokens: None, interrupt: None };
        let cancel = CancellationToken::new();
        let made = setup::turn(&self.flags(), AgentReport::PROMPT.to_owned(), self.program, cancel.clone());
        let turn = match made {
            Ok(turn) => turn.output_schema(AgentReport::schema()),
            Err(failure) => return none(causes(&failure)),
        };
        let sandbox = Sandbox::ReadOnly.as_str();
        let begin = TurnBegin::new(AgentReport::PROMPT).sandbox(sandbox).resumed(self.thread.clone());
        recording.begin_turn(begin.purpose(TurnPurpose::Report));
        console.status(Line::new(Tone::Dim, "asking the agent for its account of the work"));
        let course = conduct(
            turn.observe(recording.observer()),
            Conduct {
                show: if show == Show::RawLines { show } else { Show::Nothing },
                pace: Pace::Live,
                root: PathBuf::new(),
                console,
                interrupts: Some(interrupts),
                cancel,
                program: None,
            },
        )
        .await;
        let tokens = |result: &TurnResult| result.usage.turn.as_ref().map(Usage::total);
        let (answer, tokens) = match course.end {
            End::Abandoned(_) => {
                killed().await;
                (Err("it was stopped".to_owned()), None)
            }
            End::Ended(end) => match *end {
                Ok(result) => (Ok(result.final_response().unwrap_or_default().to_owned()), tokens(&result)),
                Err(TurnError::NotCompleted(result)) => {
                    (Err(format!("the turn is {}", result.verdict)), tokens(&result))
                }
                Err(error) => (Err(causes(&error)), None),
            },
        };
        let report = answer.and_then(|answer| read(&answer));
        let account = Account { report, tokens, interrupt: course.interrupt };
        if show == Show::Progress {
            console.lines(vec![account.line()]).await;
        }
        account
    }

    /// The flags of a turn on the same thread that may read and nothing else.
    fn flags(&self) -> RunArguments {
        let codex = CodexOptions {
            sandbox: Some(Sandbox::ReadOnly),
            add_dir: Vec::new(),
            ..self.arguments.codex.clone()
        };
        RunArguments {
            codex,
            resume: Some(Resume::Thread(self.thread.clone())),
            fork: None,
            review: None,
            output_schema: None,
            image: Vec::new(),
            ..self.arguments.clone()
        }
    }
}

impl Account {
    /// Adds the account to the end of a record, or why there is none.
    pub(super) fn add_to(&self, end: RecordEnd) -> RecordEnd {
        match &self.report {
            Ok(report) => {
                let end = end.statement_of_work(report.statement_of_work()).adr(report.adr());
                ignored(report).into_iter().fold(end, RecordEnd::report_note)
            }
            Err(why) => end.report_note(unusable(why)),
        }
    }

    /// What people are to know.
    pub(super) fn warnings(&self) -> Vec<Line> {
        match &self.report {
            Ok(report) => ignored(report).iter().map(|note| warning_line(note)).collect(),
            Err(why) => vec![warning_line(&unusable(why))],
        }
    }

    fn line(&self) -> Line {
        match &self.report {
            Ok(report) => {
                let count = report.decisions().len();
                let decisions = if count == 1 { "decision" } else { "decisions" };
                Line::new(Tone::Good, "✓ ").and(Tone::Plain, &format!("report: {count} {decisions}"))
            }
            Err(_) => Line::new(Tone::Bad, "✗ ").and(Tone::Plain, "report: none that can be used"),
        }
    }
}

/// Reads an answer; the error is one sentence.
pub(super) fn read(answer: &str) -> Result<AgentReport, String> {
    AgentReport::read(answer).map_err(|error| error.to_string())
}

/// The sentence about an answer that is no report.
pub(super) fn unusable(why: &str) -> String {
    format!("The agent was asked for a report, and there is none that can be used: {why}.")
}

/// The sentence about what a report has that nobody asked for.
pub(super) fn ignored(report: &AgentReport) -> Option<String> {
    let keys = report.ignored();
    let text = format!(
        "The agent's report also has {}, which was left out: what changed and what was tested is observed.",
        keys.join(", "),
    );
    (!keys.is_empty()).then_some(text)
}
