//! `codex-turns pipeline`: the tasks of a pattern, planned and run.

mod accounts;
mod check;
mod chosen;
mod continuation;
mod event;
mod judgement;
mod open;
mod past;
mod report;
mod run;
mod tasks;

use std::process::ExitCode;

use codex_ledger::TurnId;
use codex_runner::ProjectPlace;

use crate::arguments::{PipelineArguments, PipelineCommand, TrustOptions};
use chosen::Chosen;

/// Does what is asked.
pub(crate) fn pipeline(arguments: &PipelineArguments) -> ExitCode {
    let dir = &arguments.dir;
    match &arguments.command {
        PipelineCommand::Check { source, json } => check::check(&ProjectPlace::of(dir), source, *json).into(),
        PipelineCommand::Run(arguments) => run::run(dir, arguments, || Chosen::new(dir, arguments)),
        PipelineCommand::Resume { turn, trust } => resume(dir, *turn, trust),
    }
}

/// Goes on with a pipeline that was cut off.
fn resume(dir: &std::path::Path, turn_id: TurnId, trust: &TrustOptions) -> ExitCode {
    match chosen::find(dir, turn_id) {
        Ok(kept) => {
            let mut arguments = kept.arguments.clone();
            // `--trust` was said of the files as they were when the pipeline began.
            arguments.trust.trust = trust.trust;
            arguments.trust.trust_ref = trust.trust_ref.clone().or(arguments.trust.trust_ref);
            run::run(&kept.dir, &arguments, || Chosen::again(&arguments, &kept, turn_id))
        }
        Err(failure) => {
            failure.report();
            failure.code(None).into()
        }
    }
}
