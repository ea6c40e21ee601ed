//! [`Chosen`]: a pipeline whose plan stands, and which of its tasks are run.

use std::path::{Path, PathBuf};

use codex_ledger::TurnId;
use codex_runner::{PipelinePlan, PipelineRequest, ProblemCode, TaskTarget};

use super::continuation::Continuation;
use super::selection::Selection;
use crate::arguments::{PipelineRunArguments, RunArguments};
use crate::config::Config;
use crate::failure::{Failure, print, warning_line};
use crate::ledger_setup;
use crate::project::Project;

/// A pipeline whose plan stands, and which of its tasks are run.
pub(super) struct Chosen {
    pub(super) arguments: PipelineRunArguments,
    /// The flags of its turns.
    pub(super) turns: RunArguments,
    pub(super) request: PipelineRequest,
    pub(super) plan: PipelinePlan,
    pub(super) selection: Selection,
    /// The record that is gone on with.
    pub(super) resumed: Option<TurnId>,
}

impl Chosen {
    /// Plans what the flags say.
    ///
    /// # Errors
    ///
    /// The plan has problems, there is no such task, or what the first one needs is not there. Nothing was written.
    pub(super) fn new(dir: &Path, arguments: &PipelineRunArguments) -> Result<Self, Failure> {
        let (request, plan) = plan(dir, arguments)?;
        let selection = Selection::of(&plan, arguments.from.as_deref(), arguments.only.as_deref())
            .map_err(|problem| Failure::Plan { problems: vec![problem] })?;
        if let Some((task, input)) = selection.missing(&plan) {
            let file = match &task.target {
                TaskTarget::File { file, .. } => file.path.clone(),
                TaskTarget::Agent(_) | _ => task.id.clone(),
            };
            return Err(Failure::MissingInput { file, line: input.line, path: input.path.clone() });
        }
        Ok(Self::of(dir, arguments, (request, plan), selection, None))
    }

    /// Plans once more what a pipeline was doing that was cut off.
    ///
    /// # Errors
    ///
    /// As those of [`new`](Self::new); and a task is not what it was.
    pub(super) fn again(
        dir: &Path,
        arguments: &PipelineRunArguments,
        continuation: &Continuation,
        turn_id: TurnId,
    ) -> Result<Self, Failure> {
        let (request, plan) = plan(dir, arguments)?;
        let selection = Selection::again(&plan, &continuation.tasks)
            .map_err(|sentence| Failure::TaskChanged { turn_id, sentence })?;
        if !arguments.quiet {
            let warning = |path: &&str| {
                let text = format!(
                    "{path} is not what it was when the pipeline began; tasks that are left take it as it is"
                );
                warning_line(&text)
            };
            print(&continuation.changed(&plan).iter().map(warning).collect::<Vec<_>>());
        }
        Ok(Self::of(dir, arguments, (request, plan), selection, Some(turn_id)))
    }

    fn of(
        dir: &Path,
        arguments: &PipelineRunArguments,
        (request, plan): (PipelineRequest, PipelinePlan),
        selection: Selection,
        resumed: Option<TurnId>,
    ) -> Self {
        // Prompts name files from the root of the project on, wherever in it the command was typed.
        let turns = arguments.turns(Project::of(dir).root);
        Self { arguments: arguments.clone(), turns, request, plan, selection, resumed }
    }

    /// What the record calls it.
    pub(super) fn name(&self) -> String {
        let name = self.plan.pattern.as_ref().map_or("without a pattern", |pattern| pattern.name.as_str());
        format!("pipeline {name}")
    }
}

fn plan(dir: &Path, arguments: &PipelineRunArguments) -> Result<(PipelineRequest, PipelinePlan), Failure> {
    let project = Project::of(dir);
    let request = arguments.source.request(&project.root);
    let plan = request.plan();
    if !plan.is_runnable() {
        return Err(Failure::Plan { problems: plan.problems });
    }
    if !arguments.quiet {
        // That an input is not there is known by itself when its task comes, and most often not so then.
        let warnings = plan.warnings.iter().filter(|warning| warning.code != ProblemCode::MissingInput);
        print(&warnings.map(|text| warning_line(&text.to_string())).collect::<Vec<_>>());
    }
    Ok((request, plan))
}

/// The directory and the flags of a pipeline that was cut off, and what is kept of it.
pub(super) type Found = (PathBuf, PipelineRunArguments, Continuation);

/// Finds a pipeline that was cut off.
///
/// # Errors
///
/// There is none with this number.
pub(super) fn find(dir: &Path, turn_id: TurnId) -> Result<Found, Failure> {
    let project = Project::of(dir);
    // What waits is found without the settings of the project, which are read once, with the flags of the pipeline.
    let config = Config::default_ones();
    if !project.has_ledger() {
        return Err(Failure::NoLedger { root: project.root });
    }
    let ledger = ledger_setup::open(&project.root, &config, None).map_err(Failure::Ledger)?;
    let continuation = Continuation::find(&ledger.waiting().map_err(Failure::Ledger)?, turn_id)?;
    let (dir, arguments) = continuation.arguments(turn_id)?;
    Ok((dir, arguments, continuation))
}
