//! [`KeptPipeline`]: what the journal keeps of a pipeline that was cut off, in the form of this release or of the one before.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Parser as _;
use codex_ledger::TurnId;
use codex_ledger::record::Waiting;
use codex_runner::{
    ChosenTask, Continuation, KeptSettings, PipelineWork, PlannedPipeline, Project, RunnerError,
};
use serde::Deserialize;

use crate::arguments::{Arguments, Command, PipelineArguments, PipelineCommand, PipelineRunArguments};
use crate::failure::CliError;

/// What the journal keeps of a pipeline that was cut off.
#[derive(Debug)]
pub(super) struct KeptPipeline {
    /// The directory of the project.
    pub(super) dir: PathBuf,
    pub(super) arguments: PipelineRunArguments,
    tasks: Vec<ChosenTask>,
    sources: BTreeMap<String, String>,
    /// The settings that were in force; the form before this one does not have them.
    pub(super) settings: Option<KeptSettings>,
}

/// The form of the release before this one: the command line as it was typed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    words: Vec<String>,
    folder: PathBuf,
    tasks: Vec<ChosenTask>,
    #[serde(default)]
    sources: BTreeMap<String, String>,
}

impl KeptPipeline {
    /// Finds what the record of a pipeline keeps.
    ///
    /// # Errors
    ///
    /// The record does not wait, or is not one of a pipeline.
    pub(super) fn find(waiting: &[Waiting], turn_id: TurnId) -> Result<Self, CliError> {
        match Continuation::find(waiting, turn_id) {
            Ok(kept) => Ok(Self::of(kept)),
            Err(error) => Self::before(waiting, turn_id).ok_or(CliError::Project(error)),
        }
    }

    fn of(kept: Continuation) -> Self {
        let Continuation { work, tasks, sources, caller, .. } = kept;
        let settings = Some(work.work.settings.clone());
        let dir = work.work.dir.clone();
        Self { dir, arguments: PipelineRunArguments::of(work, &caller), tasks, sources, settings }
    }

    fn before(waiting: &[Waiting], turn_id: TurnId) -> Option<Self> {
        let found = waiting.iter().find(|waiting| waiting.turn_id == turn_id)?;
        let typed: Typed = serde_json::from_value(found.continuation.clone()).ok()?;
        let command = Arguments::try_parse_from(&typed.words).ok()?.command;
        let Command::Pipeline(PipelineArguments { dir, command: PipelineCommand::Run(run) }) = command else {
            return None;
        };
        // What was typed is relative to where it was typed.
        Some(Self {
            dir: typed.folder.join(dir),
            arguments: run.in_folder(&typed.folder),
            tasks: typed.tasks,
            sources: typed.sources,
            settings: None,
        })
    }

    /// Plans the pipeline again.
    ///
    /// # Errors
    ///
    /// A task has changed, or the plan has problems.
    pub(super) fn plan(
        &self,
        project: &Project,
        work: PipelineWork,
        turn_id: TurnId,
    ) -> Result<PlannedPipeline, RunnerError> {
        project.plan_again(work, &self.tasks, &self.sources, turn_id)
    }
}
