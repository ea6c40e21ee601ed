//! `codex-turns pipeline`: the tasks of a pattern, planned and run.

mod check;
mod continuation;
mod run;
mod task_code;

use std::path::Path;
use std::process::ExitCode;

use codex_ledger::TurnId;
use codex_runner::{Environment, KeptSettings, PipelineDraft, Project, ProjectPlace};

use super::prepared::PreparedWork;
use crate::arguments::{PipelineArguments, PipelineCommand, PipelineRunArguments, Restated, TrustOptions};
use crate::failure::CliError;
use continuation::KeptPipeline;
use run::Ready;

/// Does what is asked.
pub(crate) fn pipeline(arguments: &PipelineArguments) -> ExitCode {
    let dir = &arguments.dir;
    match &arguments.command {
        PipelineCommand::Check { source, json } => check::check(&ProjectPlace::of(dir), source, *json).into(),
        PipelineCommand::Run(arguments) => run::run(dir, arguments, || begun(dir, arguments)),
        PipelineCommand::Resume { turn, trust } => resume(dir, *turn, trust),
    }
}

/// Plans a pipeline. What is wrong with the plan is said before settings are read.
fn begun(dir: &Path, arguments: &PipelineRunArguments) -> Result<Ready, CliError> {
    let place = ProjectPlace::of(dir);
    let work = arguments.work(place.root.clone(), KeptSettings::default());
    let bare = Project::with_default_settings(dir, Environment::of_process());
    let draft = |project: &Project| {
        let draft = project.pipeline(work.clone()).caller(arguments.presentation());
        let draft = arguments.from.iter().fold(draft, PipelineDraft::from);
        arguments.only.iter().fold(draft, PipelineDraft::only).plan()
    };
    let name = draft(&bare)?.name();
    // Prompts name files from the root of the project on, wherever in it the command was typed.
    let turns = arguments.turns(place.root.clone());
    let prepared = PreparedWork::with_prompt(&turns, name)?;
    let pipeline = draft(&prepared.project)?;
    Ok(Ready { prepared, pipeline, turns })
}

/// Resumes a pipeline that was cut off.
fn resume(dir: &Path, turn_id: TurnId, trust: &TrustOptions) -> ExitCode {
    let kept = match found(dir, turn_id) {
        Ok(kept) => kept,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let mut arguments = kept.arguments.clone();
    // `--trust` was said of the files as they were when the pipeline began.
    arguments.trust.trust = trust.trust;
    arguments.trust.trust_ref = trust.trust_ref.clone().or(arguments.trust.trust_ref);
    run::run(&kept.dir, &arguments, || {
        let place = ProjectPlace::of(&kept.dir);
        let settings = kept.settings.clone().unwrap_or_default();
        let work = arguments.work(place.root.clone(), settings);
        let bare = Project::with_default_settings(&kept.dir, Environment::of_process());
        let name = kept.plan(&bare, work.clone(), turn_id)?.name();
        let mut turns = arguments.turns(place.root);
        turns.restated = kept.settings.clone().map(|settings| Restated { turn_id, settings });
        let prepared = PreparedWork::with_prompt(&turns, name)?;
        let pipeline = kept.plan(&prepared.project, work, turn_id)?.caller(arguments.presentation());
        Ok(Ready { prepared, pipeline, turns })
    })
}

/// Finds a pipeline that was cut off. What waits is found without the settings of the project, which are read once, with those
/// of the pipeline.
fn found(dir: &Path, turn_id: TurnId) -> Result<KeptPipeline, CliError> {
    let project = Project::with_default_settings(dir, Environment::of_process());
    if !project.place().has_ledger() {
        return Err(CliError::NoLedger { root: project.root().to_owned() });
    }
    let ledger = project.open_ledger(None).map_err(CliError::Ledger)?;
    KeptPipeline::find(&ledger.waiting().map_err(CliError::Ledger)?, turn_id)
}
