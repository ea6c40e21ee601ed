//! `codex-turns run`: one turn, live.

mod after;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use codex_exec::{ExecError, Program};
use codex_turn::{Turn, TurnError};
use tokio::runtime::{self, Handle};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::arguments::{Resume, RunArguments};
use crate::conduct::{Conduct, Course, End, Pace, Show, conduct};
use crate::config::{Config, Flag};
use crate::console::{Console, Terminals};
use crate::failure::{Failure, print, warning_line};
use crate::interrupts::Interrupts;
use crate::outcome::Outcome;
use crate::presentation::{Files, present};
use crate::project::Project;
use crate::prompt::{Appended, Source, input_is_given, input_is_terminal};
use crate::record::{Asked, Opening, Recorder, Told, begin, header};
use crate::setup;
use crate::thread_age::is_opened_since;
use crate::version_notice::VersionNotice;
use after::After;

/// How long killing may take, and how often is looked whether it is done.
const KILL_LIMIT: Duration = Duration::from_secs(4);
const KILL_LOOK: Duration = Duration::from_millis(5);
/// How long the end waits for what still runs in the background; by then nothing of a turn does.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// Runs one turn.
pub(crate) fn run(arguments: &RunArguments) -> ExitCode {
    let answer = arguments.output_last_message.as_deref();
    let files = match Files::prepare(answer, arguments.result.as_deref()) {
        Ok(files) => files,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let prepared = Prepared::of(arguments).and_then(|prepared| {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        Ok((prepared, runtime.map_err(Failure::Setup)?))
    });
    let (prepared, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(&failure, &files),
    };
    let code = runtime.block_on(turn(arguments, prepared, &files));
    runtime.shutdown_timeout(SHUTDOWN);
    code
}

/// What a turn needs before it can be made.
struct Prepared {
    /// The flags, and where they say nothing the settings of the project.
    complete: RunArguments,
    prompt: String,
    program: Program,
    project: Project,
    config: Config,
    recorder: Recorder,
}

impl Prepared {
    fn of(arguments: &RunArguments) -> Result<Self, Failure> {
        let prompt = prompt(arguments)?;
        let project = Project::of(&arguments.dir);
        let config = project.config(flags(arguments))?;
        let complete = config.run.complete(arguments);
        let program = setup::program(arguments.codex.as_ref())?;
        let told = if show(arguments) == Show::Progress { Told::Yes } else { Told::No };
        let recorder = Recorder::choose(&project, &config, arguments, told)?;
        Ok(Self { complete, prompt, program, project, config, recorder })
    }

    /// Opens a record, if one is wanted. What is wrong with the call is said before a number is taken.
    async fn open(
        &mut self,
        turn: &Turn,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Result<Opening, Failure> {
        let recorder = std::mem::replace(&mut self.recorder, Recorder::Off);
        if !recorder.is_on() {
            return Ok(Opening::default());
        }
        if let Some(invocation) = turn.invocation() {
            invocation.check().map_err(|error| Failure::Start(Arc::new(error.into())))?;
        }
        let version = VersionNotice::default().or_ask(&self.program).await;
        if let Some(proof) = version.not_codex() {
            return Err(Failure::NotCodex(Arc::clone(proof)));
        }
        let Self { complete, prompt, project, config, .. } = self;
        let asked = Asked { arguments: complete, config, root: &project.root, prompt };
        recorder.open(header(asked, version.version()), begin(asked), console, interrupts).await
    }
}

/// The settings that flags make.
fn flags(arguments: &RunArguments) -> Vec<Flag> {
    let flag = |key, name, text: Option<String>| text.map(|text| Flag { key, name, text });
    let git = arguments.git.map(|mode| mode.word().to_owned());
    let required = arguments.require_ledger.then(|| true.to_string());
    let flags = [
        flag("ledger.git", "--git", git),
        flag("ledger.task", "--task", arguments.task.clone()),
        flag("ledger.required", "--require-ledger", required),
    ];
    flags.into_iter().flatten().collect()
}

/// Says why nothing runs, where there is no console to say it.
fn refuse(failure: &Failure, files: &Files) -> ExitCode {
    let mut outcome = Outcome::not_started(failure, None);
    files.write(&mut outcome);
    print(&outcome.problems);
    outcome.code.into()
}

async fn turn(arguments: &RunArguments, mut prepared: Prepared, files: &Files) -> ExitCode {
    let started = Started { at: Instant::now(), date: SystemTime::now() };
    let cancel = CancellationToken::new();
    let made = setup::turn(&prepared.complete, prepared.prompt.clone(), &prepared.program, cancel.clone());
    let heard = Interrupts::listen().map_err(Failure::Setup);
    let console = Console::start(Terminals::look()).map_err(Failure::Setup);
    let (turn, mut interrupts, console) = match (made, heard, console) {
        (Ok(turn), Ok(interrupts), Ok(console)) => (turn, interrupts, console),
        (Err(failure), _, _) | (_, Err(failure), _) | (_, _, Err(failure)) => return refuse(&failure, files),
    };
    let show = show(arguments);
    let opening = match prepared.open(&turn, &console, &mut interrupts).await {
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
        Some(recording) => recording.observe(turn),
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
    let Prepared { project, config, .. } = &prepared;
    let after = After { root: &project.root, config, turn_began: started.date, show, console: &console };
    after.turn(&mut outcome, arguments, opening.recording, &mut interrupts).await;
    files.write(&mut outcome);
    tokio::select! {
        code = present(outcome, show, console) => code.into(),
        // Standard output or standard error is stuck, and whoever waits has waited enough.
        heard = interrupts.next() => crate::exit_code::Code::of_interrupt(Some(heard)).into(),
    }
}

/// Waits until the tasks that kill what a dropped turn has left are done.
async fn killed() {
    let metrics = Handle::current().metrics();
    let over = async {
        while metrics.num_alive_tasks() > 0 {
            sleep(KILL_LOOK).await;
        }
    };
    // Where they do not end, the end of the runtime kills once more.
    let _ = timeout(KILL_LIMIT, over).await;
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
    if let (Some(answer), Some(_)) = (&outcome.answer, &arguments.output_schema)
        && serde_json::from_str::<serde::de::IgnoredAny>(answer).is_err()
    {
        outcome.notes.push(warning_line("the answer is not JSON, although a schema was asked for"));
    }
    if let (Some(Resume::Last), Some(thread)) = (&arguments.resume, &outcome.report.thread_id)
        && is_opened_since(thread, started.date)
    {
        let text = "there was no thread of this directory to resume: codex has opened a new one";
        outcome.notes.push(warning_line(text));
    }
    outcome.report = outcome.report.of(Some(program.path().to_owned()), version.version());
    outcome
}

impl Failure {
    /// Whether it may be that the program is no Codex at all.
    fn doubts_the_program(&self) -> bool {
        let Self::Start(error) = self else { return false };
        matches!(
            **error,
            ExecError::StartFailed { .. } | ExecError::NotCodex { .. } | ExecError::Spawn { .. }
        )
    }
}

fn show(arguments: &RunArguments) -> Show {
    match (arguments.json, arguments.quiet) {
        (true, _) => Show::RawLines,
        (false, true) => Show::Nothing,
        (false, false) => Show::Progress,
    }
}

fn prompt(arguments: &RunArguments) -> Result<String, Failure> {
    if !setup::takes_prompt(arguments) {
        return Ok(String::new());
    }
    let appended = if arguments.stdin { Appended::StandardInput } else { Appended::No };
    let source = Source::choose(arguments.prompt.as_deref(), appended, input_is_terminal());
    if matches!(source, Source::Argument(_)) && show(arguments) == Show::Progress && input_is_given() {
        let text = "standard input is not read, since the prompt is an argument; --stdin appends it";
        print(&[crate::render::Line::new(crate::render::Tone::Dim, text)]);
    }
    let prompt = source.read()?;
    if prompt.trim().is_empty() && arguments.prompt.is_none() {
        return Err(Failure::NoPrompt);
    }
    Ok(prompt)
}
