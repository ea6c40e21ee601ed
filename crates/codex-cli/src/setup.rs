//! From flags to a turn: the program, its options, and what is asked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_exec::{
    ConnectionRetries, ExecOptions, Invocation, OutputSchema, ParentDeath, Program, ReviewTarget,
};
use codex_turn::{Codex, Keep, ReadRollout, Thread, ThreadOptions, Turn};

use crate::arguments::{Resume, Review, RunArguments};
use crate::failure::CliError;

/// How long Codex may still take when a second signal comes: it was asked to stop at the first.
const DROP_GRACE: Duration = Duration::from_millis(100);

/// Finds the program that the flags, or else the environment, name.
///
/// # Errors
///
/// There is none.
pub(crate) fn program(named: Option<&PathBuf>) -> Result<Program, CliError> {
    Ok(named.map_or_else(Program::discover, Program::at)?)
}

/// Whether the flags ask for a turn that takes a prompt.
pub(crate) fn takes_prompt(arguments: &RunArguments) -> bool {
    match &arguments.review {
        Some(Review::Of(_)) => arguments.prompt.is_some(),
        Some(Review::Prompt) | None => true,
    }
}

/// Makes the turn that the flags describe.
///
/// # Errors
///
/// No handle could be made.
pub(crate) fn turn(arguments: &RunArguments, prompt: String, program: &Program) -> Result<Turn, CliError> {
    let turn = match &arguments.review {
        None => thread(arguments, program)?.run(prompt),
        Some(Review::Prompt) => codex(program)?.review_prompt(prompt, thread_options(arguments)),
        // A review that names what it looks at takes no prompt; one that has it nevertheless is refused by name.
        Some(Review::Of(target)) if prompt.is_empty() => {
            codex(program)?.review(target.clone(), thread_options(arguments))
        }
        Some(Review::Of(target)) => return Err(refused_review(target.clone(), prompt)),
    };
    Ok(shape(arguments)(turn))
}

/// Makes the thread that the flags describe.
///
/// # Errors
///
/// No handle could be made.
pub(crate) fn thread(arguments: &RunArguments, program: &Program) -> Result<Thread, CliError> {
    let (codex, options) = (codex(program)?, thread_options(arguments));
    Ok(match (&arguments.resume, &arguments.fork) {
        (Some(Resume::Thread(id)), _) => codex.resume_thread(id.clone(), options),
        (Some(Resume::Last), _) => codex.resume_last(options),
        (None, Some(id)) => codex.fork_thread(id.clone(), options),
        (None, None) => codex.start_thread(options),
    })
}

/// Says what the flags say of each turn in addition to its thread and its prompt.
pub(crate) fn shape(arguments: &RunArguments) -> impl Fn(Turn) -> Turn + Send + Sync + use<> {
    let RunArguments { output_schema, image, turn_limits, .. } = arguments.clone();
    move |mut turn| {
        if let Some(schema) = output_schema.clone() {
            turn = turn.with(move |invocation| invocation.output_schema(OutputSchema::File(schema.clone())));
        }
        for image in &image {
            turn = turn.image(image);
        }
        turn_limits.apply(turn).keep(Keep::None).read_rollout(ReadRollout::Always)
    }
}

/// Makes a handle of Codex.
///
/// # Errors
///
/// The transport cannot be made.
pub(crate) fn codex(program: &Program) -> Result<Codex, CliError> {
    let options = ExecOptions::default().parent_death(ParentDeath::Interrupt).drop_grace(DROP_GRACE);
    Ok(Codex::builder().program(program.clone()).options(options).build()?)
}

fn thread_options(arguments: &RunArguments) -> ThreadOptions {
    let mut options = arguments.codex.apply(ThreadOptions::new(&arguments.dir));
    if arguments.skip_git_repo_check {
        options = options.skip_git_repo_check();
    }
    if arguments.ephemeral {
        options = options.with(Invocation::ephemeral);
    }
    if let Some(wait) = arguments.turn_limits.wait {
        options = options.wait(wait);
    }
    if arguments.turn_limits.wait_for_network {
        options = options.with(|invocation| invocation.connection_retries(ConnectionRetries::Unbounded));
    }
    options
}

/// Lets the process layer say what is wrong with a review and a prompt together.
fn refused_review(target: ReviewTarget, prompt: String) -> CliError {
    let invocation = Invocation::new(prompt).target(codex_exec::Target::Review(target));
    match invocation.check() {
        Err(error) => CliError::Start(std::sync::Arc::new(error.into())),
        Ok(()) => CliError::NoPrompt,
    }
}

/// The options that a resumed turn has to name again, as arguments.
pub(crate) fn options_to_restate(arguments: &RunArguments) -> Vec<String> {
    let mut options = Vec::new();
    if arguments.dir.as_path() != Path::new(".") {
        options.extend(["-C".to_owned(), arguments.dir.display().to_string()]);
    }
    options.extend(arguments.codex.restated());
    if arguments.skip_git_repo_check {
        options.push("--skip-git-repo-check".to_owned());
    }
    options
}
