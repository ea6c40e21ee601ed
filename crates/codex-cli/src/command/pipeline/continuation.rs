//! [`Continuation`]: what has to be known to go on with a pipeline after a crash.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use clap::Parser as _;
use codex_ledger::{TurnId, Waiting};
use codex_runner::{PipelinePlan, SourceFile};
use serde::{Deserialize, Serialize};

use super::selection::ChosenTask;
use crate::arguments::{Arguments, Command, PipelineArguments, PipelineCommand, PipelineRunArguments};
use crate::failure::Failure;

/// What has to be known to go on with a pipeline after a crash; kept in the journal of its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Continuation {
    /// What was typed.
    words: Vec<String>,
    /// Where it was typed.
    folder: PathBuf,
    /// The tasks that are run.
    pub(super) tasks: Vec<ChosenTask>,
    /// The SHA-256 of each file that the prompts are made of besides those of the tasks.
    #[serde(default)]
    sources: BTreeMap<String, String>,
}

impl Continuation {
    /// What this process was asked, with these tasks and this plan.
    pub(super) fn of_this(tasks: Vec<ChosenTask>, plan: &PipelinePlan) -> Self {
        let sources = sources(plan).map(|file| (file.path.clone(), file.sha256.clone())).collect();
        let words = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        Self { words, folder: env::current_dir().unwrap_or_default(), tasks, sources }
    }

    /// The files that are not what they were when the pipeline began, those of the tasks left out.
    pub(super) fn changed(&self, plan: &PipelinePlan) -> Vec<&str> {
        let now: BTreeMap<&str, &str> =
            sources(plan).map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
        let is_other = |(path, hash): &(&String, &String)| now.get(path.as_str()) != Some(&hash.as_str());
        self.sources.iter().filter(is_other).map(|(path, _)| path.as_str()).collect()
    }

    /// Finds what the record of a pipeline keeps.
    ///
    /// # Errors
    ///
    /// The record does not wait, or is none of a pipeline.
    pub(super) fn find(waiting: &[Waiting], turn_id: TurnId) -> Result<Self, Failure> {
        let found = waiting.iter().find(|waiting| waiting.turn_id == turn_id);
        let kept = found.and_then(|waiting| serde_json::from_value(waiting.continuation.clone()).ok());
        kept.ok_or(Failure::NotWaiting { turn_id })
    }

    /// The flags that the pipeline was started with, and its directory.
    ///
    /// # Errors
    ///
    /// This release of the command does not understand them.
    pub(super) fn arguments(&self, turn_id: TurnId) -> Result<(PathBuf, PipelineRunArguments), Failure> {
        let parsed = Arguments::try_parse_from(&self.words).ok().map(|parsed| parsed.command);
        match parsed {
            Some(Command::Pipeline(PipelineArguments { dir, command: PipelineCommand::Run(run) })) => {
                // What was typed is relative to where it was typed.
                Ok((self.folder.join(dir), run.in_folder(&self.folder)))
            }
            _ => Err(Failure::NotWaiting { turn_id }),
        }
    }
}

/// The files that the prompts of a plan are made of besides those of the tasks.
pub(super) fn sources(plan: &PipelinePlan) -> impl Iterator<Item = &SourceFile> {
    let contexts = [&plan.session_context, &plan.project_context, &plan.pipeline].into_iter().flatten();
    let pattern = plan.pattern.as_ref().and_then(|pattern| pattern.context.as_ref());
    contexts.chain(pattern).chain(plan.schemas.iter().map(|schema| &schema.file))
}
