//! [`Chosen`]: a pipeline whose plan stands, and which of its tasks are run.

use std::path::Path;

use codex_ledger::TurnId;
use codex_runner::{
    Environment, PipelinePlan, PipelineRequest, ProblemCode, Project, ProjectPlace, TaskSelection, TaskTarget,
};

use super::continuation::Kept;
use crate::arguments::{PipelineRunArguments, Restated, RunArguments};
use crate::failure::{Failure, print, warning_line};

/// A pipeline whose plan stands, and which of its tasks are run.
pub(super) struct Chosen {
    pub(super) arguments: PipelineRunArguments,
    /// The flags of its turns.
    pub(super) turns: RunArguments,
    pub(super) request: PipelineRequest,
    pub(super) plan: PipelinePlan,
    pub(super) selection: TaskSelection,
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
        let selection = TaskSelection::of(&plan, arguments.from.as_deref(), arguments.only.as_deref())
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
        arguments: &PipelineRunArguments,
        kept: &Kept,
        turn_id: TurnId,
    ) -> Result<Self, Failure> {
        let (request, plan) = plan(&kept.dir, arguments)?;
        let selection = TaskSelection::again(&plan, &kept.tasks)
            .map_err(|sentence| Failure::TaskChanged { turn_id, sentence })?;
        if !arguments.quiet {
            let warning = |path: &&str| {
                let text = format!(
                    "{path} is not what it was when the pipeline began; tasks that are left take it as it is"
                );
                warning_line(&text)
            };
            print(&kept.changed(&plan).iter().map(warning).collect::<Vec<_>>());
        }
        let mut chosen = Self::of(&kept.dir, arguments, (request, plan), selection, Some(turn_id));
        chosen.turns.restated = kept.settings.clone().map(|settings| Restated { turn_id, settings });
        Ok(chosen)
    }

    fn of(
        dir: &Path,
        arguments: &PipelineRunArguments,
        (request, plan): (PipelineRequest, PipelinePlan),
        selection: TaskSelection,
        resumed: Option<TurnId>,
    ) -> Self {
        // Prompts name files from the root of the project on, wherever in it the command was typed.
        let turns = arguments.turns(ProjectPlace::of(dir).root);
        Self { arguments: arguments.clone(), turns, request, plan, selection, resumed }
    }

    /// What the record calls it.
    pub(super) fn name(&self) -> String {
        let name = self.plan.pattern.as_ref().map_or("without a pattern", |pattern| pattern.name.as_str());
        format!("pipeline {name}")
    }
}

fn plan(dir: &Path, arguments: &PipelineRunArguments) -> Result<(PipelineRequest, PipelinePlan), Failure> {
    let project = ProjectPlace::of(dir);
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

/// Finds a pipeline that was cut off.
///
/// # Errors
///
/// There is none with this number.
pub(super) fn find(dir: &Path, turn_id: TurnId) -> Result<Kept, Failure> {
    // What waits is found without the settings of the project, which are read once, with the flags of the pipeline.
    let project = Project::with_default_settings(dir, Environment::of_process());
    if !project.place().has_ledger() {
        return Err(Failure::NoLedger { root: project.root().to_owned() });
    }
    let ledger = project.open_ledger(None).map_err(Failure::Ledger)?;
    Kept::find(&ledger.waiting().map_err(Failure::Ledger)?, turn_id)
}
