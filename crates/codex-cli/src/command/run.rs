//! `codex-turns run`: one turn, live.

use std::fs;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use codex_exec::{Program, TransportError};
use codex_turn::TurnError;
use tokio::runtime;
use tokio_util::sync::CancellationToken;

use crate::arguments::{ReportBy, Resume, RunArguments, Until};
use crate::conduct::{Conduct, Course, End, Pace, conduct};
use crate::console::{Console, Terminals};
use crate::exit_code::Code;
use crate::failure::{Failure, warning_line};
use crate::interrupts::Interrupts;
use crate::outcome::Outcome;
use crate::presentation::{Files, present, refuse};
use crate::result_file::Word;
use crate::setup;
use crate::thread_age::is_opened_since;

use super::SHUTDOWN;
use super::account::Asking;
use super::after::{After, Ended, Ending};
use super::leftovers::killed;
use super::prepared::{Prepared, show};

/// Runs one turn.
pub(crate) fn run(arguments: &RunArguments) -> ExitCode {
    let answer = arguments.output_last_message.as_deref();
    let files = match Files::prepare(answer, arguments.result.as_deref(), &arguments.agent_folders()) {
        Ok(files) => files,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let prepared = Prepared::of(arguments).and_then(|prepared| {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let redactor = prepared.redactor()?;
        Ok((prepared, redactor, runtime.map_err(Failure::Setup)?))
    });
    let (prepared, redactor, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(Outcome::not_started(&failure, None), &files).into(),
    };
    prepared.tell_unset(&Until::default());
    let files = files.redacted(redactor);
    let code = runtime.block_on(turn(arguments, prepared, &files));
    runtime.shutdown_timeout(SHUTDOWN);
    code
}

async fn turn(arguments: &RunArguments, mut prepared: Prepared, files: &Files) -> ExitCode {
    let started = Started { at: Instant::now(), date: SystemTime::now() };
    let cancel = CancellationToken::new();
    let made = setup::turn(&prepared.complete, prepared.prompt.clone(), &prepared.program, cancel.clone());
    let heard = Interrupts::listen().map_err(Failure::Setup);
    let console = Console::start(Terminals::look()).map_err(Failure::Setup);
    let (turn, mut interrupts, console) = match (made, heard, console) {
        (Ok(turn), Ok(interrupts), Ok(console)) => (turn, interrupts, console),
        (Err(failure), _, _) | (_, Err(failure), _) | (_, _, Err(failure)) => {
            return refuse(Outcome::not_started(&failure, None), files).into();
        }
    };
    let show = show(arguments);
    let opening = match prepared.open(|| turn.invocation(), [], &console, &mut interrupts).await {
        Ok(opening) => opening,
        Err(failure) => {
            let mut outcome = Outcome::not_started(&failure, None);
            files.write(&mut outcome);
            return present(outcome, show, console).await.into();
        }
    };
    if opening.interrupt.is_some() {
        cancel.cancel();
    }
    let turn = match &opening.recording {
        Some(recording) => {
            recording.begin_turn(prepared.begin());
            turn.observe(recording.observer())
        }
        None => turn,
    };
    let mut course = conduct(
        turn,
        Conduct {
            show,
            pace: Pace::Live,
            root: fs::canonicalize(&arguments.dir).unwrap_or_default(),
            console: &console,
            interrupts: Some(&mut interrupts),
            cancel,
            program: Some(&prepared.program),
        },
    )
    .await;
    course.interrupt = course.interrupt.or(opening.interrupt);
    if matches!(course.end, End::Abandoned(_)) {
        killed().await;
    }
    let mut outcome = judge(course, arguments, &prepared.program, started).await;
    let Prepared { project, .. } = &prepared;
    let after = After {
        root: project.root(),
        config: project.settings(),
        show,
        console: &console,
        surroundings: prepared.surroundings(),
    };
    let ended = ended(&outcome);
    let thread = outcome.report.thread_id.clone().filter(|_| outcome.code == Code::Completed);
    let thread = thread.filter(|_| arguments.report == ReportBy::Agent);
    let (arguments, program) = (&prepared.complete, &prepared.program);
    let asking = thread.as_ref().map(|thread| Asking { arguments, program, thread });
    let ending = Ending { ended, asking, ..Ending::default() };
    after.work(&mut outcome, ending, arguments, opening.recording, &mut interrupts).await;
    files.write(&mut outcome);
    tokio::select! {
        code = present(outcome, show, console) => code.into(),
        // Standard output or standard error is stuck, and whoever waits has waited enough.
        heard = interrupts.next() => Code::of_interrupt(Some(heard)).into(),
    }
}

/// How the record ends where that is not as its turn did.
fn ended(outcome: &Outcome) -> Option<Ended> {
    let cancelled = matches!(outcome.code, Code::Interrupted | Code::Terminated);
    let not_started = matches!(outcome.report.verdict, Word::NotStarted(_));
    (not_started && !cancelled).then(|| Ended::failed("not-started"))
}

/// When a turn was started: by a clock that only goes forward, and by that of the wall.
#[derive(Clone, Copy)]
struct Started {
    at: Instant,
    date: SystemTime,
}

async fn judge(course: Course, arguments: &RunArguments, program: &Program, started: Started) -> Outcome {
    let Course { end, interrupt, version } = course;
    let asked = version.is_known();
    // After a second signal nothing more is started.
    let version = match end {
        End::Ended(_) => version.or_ask(program).await,
        End::Abandoned(_) => version,
    };
    let mut outcome = match end {
        End::Abandoned(summary) => Outcome::abandoned(&summary, interrupt, started.at.elapsed()),
        End::Ended(end) => {
            let options = (!arguments.ephemeral).then(|| setup::options_to_restate(arguments));
            match *end {
                Ok(result) => Outcome::ended(&result, interrupt, Pace::Live, options),
                Err(TurnError::NotCompleted(result)) => {
                    Outcome::ended(&result, interrupt, Pace::Live, options)
                }
                Err(error) => {
                    let failure = Failure::of_turn(error);
                    let failure = match version.not_codex() {
                        Some(proof) if failure.doubts_the_program() => Failure::NotCodex(proof.clone()),
                        _ => failure,
                    };
                    Outcome::not_started(&failure, interrupt)
                }
            }
        }
    };
    if !asked {
        outcome.notes.extend(version.warning());
    }
    outcome.look_at_answer(arguments);
    if let (Some(Resume::Last), Some(thread)) = (&arguments.resume, &outcome.report.thread_id)
        && is_opened_since(thread, started.date)
    {
        let text = "there was no thread of this directory to resume: codex has opened a new one";
        outcome.notes.push(warning_line(text));
    }
    outcome.report = outcome.report.of(Some(program.path().to_owned()), version.version());
    outcome
}

impl<R> Outcome<R> {
    /// Warns of an answer that cannot be of the schema that was asked for.
    pub(super) fn look_at_answer(&mut self, arguments: &RunArguments) {
        if let (Some(answer), Some(_)) = (&self.answer, &arguments.output_schema)
            && serde_json::from_str::<serde::de::IgnoredAny>(answer).is_err()
        {
            self.notes.push(warning_line("the answer is not JSON, although a schema was asked for"));
        }
    }
}

impl Failure {
    /// Whether it may be that the program is no Codex at all.
    pub(super) fn doubts_the_program(&self) -> bool {
        let Self::Start(error) = self else { return false };
        matches!(
            **error,
            TransportError::StartFailed { .. }
                | TransportError::NotCodex { .. }
                | TransportError::Spawn { .. }
        )
    }
}
