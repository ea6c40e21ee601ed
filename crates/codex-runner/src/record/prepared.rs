//! [`PreparedTurns`]: what turns of a project need before their record can be opened.

use std::borrow::Cow;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{CodexVersion, CommandSandbox, Invocation, LayerLimits, Program, ProgramError, Sandbox};
use codex_ledger::{FileLedger, LedgerError, TurnBegin, TurnHeader};
use codex_protocol::ThreadId;
use codex_turn::{AutoRun, Keep, ReadRollout, Resumer, Turn};
use tokio::time::timeout;

use super::recorded_turn::LedgerUse;
use super::{Opening, RecordChoices, Recorder, begin, header};
use crate::checks::{CheckBoundary, CheckSurroundings, boundary};
use crate::notice::ProjectNotice;
use crate::project::{LayerChoice, LayerQuestion, Project, TurnKind};
use crate::report::{AgentReport, ReportRequest};
use crate::run::WorkStage;
use crate::runner_error::RunnerError;
use crate::trust::keep_store_from;
use crate::work::CheckChoices;

/// How long the program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(2);

/// What turns of a project need before their record can be opened.
#[derive(Debug)]
pub(crate) struct PreparedTurns<'p> {
    pub(crate) project: &'p Project,
    /// The Codex that runs the turns; nothing if they come over another transport.
    pub(crate) program: Option<Program>,
    pub(crate) layer: LayerChoice,
    /// What Codex is asked in the first turn; nothing if the lines come from elsewhere.
    pub(crate) invocation: Option<Invocation>,
    is_review: bool,
    of_turn: Option<CommandSandbox>,
    recorder: Recorder,
    /// How the agent is asked afterwards; nothing if the lines come from elsewhere.
    pub(crate) follow_up: Option<FollowUp>,
}

impl Project {
    /// Returns what the commands that end a run may touch, whose first turn asks this of Codex.
    pub fn boundary_of_run(&self, invocation: Option<&Invocation>, choices: &CheckChoices) -> CheckBoundary {
        let defaults = self.turn_defaults();
        let invocation = invocation.cloned().map(defaults);
        let of_turn = invocation.as_ref().and_then(CommandSandbox::of_turn);
        boundary(choices, of_turn.as_ref(), None, None)
    }
}

/// How the agent is asked for its account once the work is done.
#[derive(Clone, Debug)]
pub(crate) struct FollowUp {
    resumer: Resumer,
    /// The limits of the turns that did the work.
    total_limit: Option<Duration>,
    idle_limit: Option<Duration>,
}

impl FollowUp {
    /// Asks on this thread, in a turn that may read and nothing else.
    pub(crate) fn request(self, thread: ThreadId) -> ReportRequest {
        let turn = self.resumer.thread(thread.clone()).run(AgentReport::PROMPT);
        let turn = turn.with(|invocation| invocation.sandbox(Sandbox::ReadOnly).without_add_dirs());
        let turn = self.total_limit.into_iter().fold(turn, Turn::total_limit);
        let turn = self.idle_limit.into_iter().fold(turn, Turn::idle_limit);
        let turn = turn.keep(Keep::None).read_rollout(ReadRollout::Always);
        ReportRequest { turn, thread }
    }
}

impl<'p> PreparedTurns<'p> {
    /// Prepares one turn.
    ///
    /// # Errors
    ///
    /// It may not run, or cannot.
    pub(crate) async fn turn(
        project: &'p Project,
        turn: Turn,
        choices: &RecordChoices,
        stage: &WorkStage,
    ) -> Result<(Self, Turn), RunnerError> {
        let defaults = project.turn_defaults();
        let turn = turn.with(defaults);
        let mut prepared = Self::of(project, turn.invocation(), choices, stage).await?;
        let layer = prepared.layer_step();
        let turn = turn.with(layer);
        prepared.invocation = turn.invocation();
        prepared.follow_up = prepared.follow_up_of(turn.resumer());
        Ok((prepared, turn))
    }

    /// Prepares a run of turns.
    ///
    /// # Errors
    ///
    /// It may not run, or cannot.
    pub(crate) async fn run(
        project: &'p Project,
        run: AutoRun,
        choices: &RecordChoices,
        stage: &WorkStage,
    ) -> Result<(Self, AutoRun), RunnerError> {
        let defaults = Arc::new(project.turn_defaults());
        let run = run.each_turn(move |turn| {
            let defaults = Arc::clone(&defaults);
            turn.with(move |invocation| defaults(invocation))
        });
        let mut prepared = Self::of(project, run.invocation(), choices, stage).await?;
        let layer = Arc::new(prepared.layer_step());
        let run = run.each_turn(move |turn| {
            let layer = Arc::clone(&layer);
            turn.with(move |invocation| layer(invocation))
        });
        prepared.invocation = run.invocation();
        prepared.follow_up = prepared.follow_up_of(Some(run.thread().resumer()));
        Ok((prepared, run))
    }

    async fn of(
        project: &'p Project,
        invocation: Option<Invocation>,
        choices: &RecordChoices,
        stage: &WorkStage,
    ) -> Result<Self, RunnerError> {
        let usual = Invocation::new("");
        let parts = invocation.as_ref().unwrap_or(&usual).parts();
        let dir = parts.cwd.clone().unwrap_or_else(|| project.environment().folder().to_owned());
        // A missing folder is reported when Codex is started.
        if fs::canonicalize(&dir).is_ok_and(|real| !real.starts_with(project.root())) {
            return Err(RunnerError::Elsewhere { dir, root: project.root().to_owned() });
        }
        // With full access nothing keeps the agent from anything.
        if !matches!(parts.sandbox, Some(Sandbox::ReadOnly | Sandbox::DangerFullAccess)) {
            let reach = [dir.clone(), project.root().to_owned()].into_iter().chain(parts.add_dirs.clone());
            keep_store_from(project.environment(), reach)?;
        }
        let is_review = parts.target.is_review();
        let kind = if is_review { TurnKind::Review } else { TurnKind::Any };
        let question = LayerQuestion::new(&dir, LayerLimits::of(parts)).kind(kind);
        let found = project.layer(question.instructions(project.instructions()))?;
        stage.notices(found.notices()).await;
        let layer = found.choice.trusting_nested(project.trusts_everything());
        let program = project.program_of_turns()?;
        let (recorder, notices) = match choices.ledger {
            LedgerUse::Off => (Recorder::Off, Vec::new()),
            LedgerUse::AsProject => Recorder::choose(project, &dir, parts, &layer)?,
        };
        stage.notices(notices).await;
        let of_turn = invocation.as_ref().and_then(CommandSandbox::of_turn);
        let of_turn = if invocation.is_some() { of_turn } else { Some(CommandSandbox::new()) };
        let prepared =
            Self { project, program, layer, invocation, is_review, of_turn, recorder, follow_up: None };
        let unset = prepared.surroundings(choices).unset();
        stage.notices(unset.into_iter().map(ProjectNotice::VariableUnset).collect()).await;
        Ok(prepared)
    }

    /// Returns what the commands of checks see of this machine.
    pub(crate) fn surroundings<'a>(&'a self, choices: &'a RecordChoices) -> CheckSurroundings<'a> {
        CheckSurroundings {
            settings: self.project.settings(),
            environment: self.project.environment(),
            choices: &choices.checks,
            is_review: self.is_review,
            of_turn: self.of_turn.as_ref(),
            program: self.program.as_ref(),
        }
    }

    /// Says to an invocation which files of the project count, and keeps Codex's own git from programs that an agent can write:
    /// that git runs outside of the sandbox when a turn starts. Asks git for them before each turn.
    fn layer_step(&self) -> impl Fn(Invocation) -> Invocation + Send + Sync + use<> {
        let (layer, environment) = (self.layer.clone(), self.project.environment().clone());
        move |invocation| {
            let invocation = layer.apply_to(invocation);
            if layer.trusts_nested() {
                return invocation;
            }
            let dir = invocation.parts().cwd.clone().unwrap_or_else(|| environment.folder().to_owned());
            environment.without_programs_in_reach(invocation, &dir)
        }
    }

    /// Returns how the agent is asked on threads like those of the work, with what the project says of every turn.
    fn follow_up_of(&self, resumer: Option<Resumer>) -> Option<FollowUp> {
        let (defaults, layer) = (self.project.turn_defaults(), self.layer_step());
        let parts = self.invocation.as_ref()?.parts();
        Some(FollowUp {
            resumer: resumer?.with(defaults).with(layer),
            total_limit: parts.total_limit,
            idle_limit: parts.idle_limit,
        })
    }

    /// Asks the agent on this thread, if turns are asked of Codex at all.
    pub(crate) fn follow_up_on(&self, thread: ThreadId) -> Option<ReportRequest> {
        Some(self.follow_up.clone()?.request(thread))
    }

    /// Opens the ledger for these turns.
    ///
    /// # Errors
    ///
    /// As those of [`Project::open_ledger`].
    pub(crate) fn open_ledger(&self) -> Result<FileLedger, LedgerError> {
        self.project.open_ledger_of(self.asked().parts(), &self.layer.fallback_names)
    }

    /// Returns what shapes every turn: what the settings say, and which files of the project count.
    pub(crate) fn each_turn(&self) -> impl Fn(Turn) -> Turn + Send + Sync + use<> {
        let defaults = Arc::new(self.project.turn_defaults());
        let layer = Arc::new(self.layer_step());
        move |turn| {
            let (defaults, layer) = (Arc::clone(&defaults), Arc::clone(&layer));
            turn.with(move |invocation| layer(defaults(invocation)))
        }
    }

    /// Opens a record, if one is wanted. What is wrong with the invocation is said before a number is taken.
    ///
    /// # Errors
    ///
    /// No turn may run.
    pub(crate) async fn open(
        &mut self,
        choices: &RecordChoices,
        stage: &WorkStage,
    ) -> Result<Opening, RunnerError> {
        if !self.recorder.is_on() {
            return Ok(Opening::default());
        }
        let mut header = self.header(choices).await?;
        header.task.parameters.extend(choices.parameters.iter().cloned());
        self.open_with(header, stage).await
    }

    /// Opens a record with this header, if one is wanted.
    ///
    /// # Errors
    ///
    /// No turn may run.
    pub(crate) async fn open_with(
        &mut self,
        header: TurnHeader,
        stage: &WorkStage,
    ) -> Result<Opening, RunnerError> {
        let recorder = std::mem::replace(&mut self.recorder, Recorder::Off);
        recorder.open(self.project, header, stage).await
    }

    /// Looks for what Codex would refuse in the invocation.
    ///
    /// # Errors
    ///
    /// There is something.
    pub(crate) fn check(&self) -> Result<(), RunnerError> {
        let check = |invocation: &Invocation| {
            invocation.check().map_err(|error| RunnerError::Start(Arc::new(error.into())))
        };
        self.invocation.as_ref().map_or(Ok(()), check)
    }

    /// Returns what a record is opened with.
    ///
    /// # Errors
    ///
    /// The invocation would be refused, or the program is not Codex.
    pub(crate) async fn header(&self, choices: &RecordChoices) -> Result<TurnHeader, RunnerError> {
        self.check()?;
        let version = self.version().await?;
        let asked = self.asked();
        let mut header = header(self.project, asked.parts(), self.surroundings(choices), version.as_ref());
        if let Some(name) = &choices.task {
            header.task.name.clone_from(name);
        }
        Ok(header)
    }

    /// Returns what the first turn is begun with.
    pub(crate) fn begin(&self) -> TurnBegin {
        begin(self.asked().parts())
    }

    /// Returns what Codex is asked, or what is usual if the lines come from elsewhere.
    fn asked(&self) -> Cow<'_, Invocation> {
        self.invocation.as_ref().map_or_else(|| Cow::Owned(Invocation::new("")), Cow::Borrowed)
    }

    /// Asks the program for its version; `None` if it does not say.
    async fn version(&self) -> Result<Option<CodexVersion>, RunnerError> {
        let Some(program) = &self.program else { return Ok(None) };
        match timeout(VERSION_LIMIT, program.version()).await {
            Ok(Ok(version)) => Ok(Some(version)),
            Ok(Err(error @ ProgramError::NotCodex { .. })) => Err(RunnerError::NotCodex(Arc::new(error))),
            Ok(Err(_)) | Err(_) => Ok(None),
        }
    }
}
