//! [`Opened`]: the record of a pipeline, new or gone on with.

use codex_ledger::{ContextValue, Resumed, TurnHeader};
use codex_runner::{ComputedValues, Continuation, KeptSettings, PipelinePlan, Settings, sources};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::super::prepared::Prepared;
use super::chosen::Chosen;
use super::past::Past;
use super::run::values;
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupts::{Interrupt, Interrupts};
use crate::record::{Need, Recording};

/// The record of a pipeline, new or gone on with.
pub(super) struct Opened {
    pub(super) recording: Recording,
    /// A signal that came meanwhile.
    pub(super) interrupt: Option<Interrupt>,
    /// The plan with the number and the start of the turn in it.
    pub(super) plan: PipelinePlan,
    pub(super) computed: ComputedValues,
    pub(super) past: Past,
    /// The agent, as records name it.
    pub(super) agent: String,
    /// The values that the turn has besides those of the contexts.
    pub(super) own_values: Vec<ContextValue>,
}

impl Opened {
    /// Opens the record.
    ///
    /// # Errors
    ///
    /// No turn may run.
    pub(super) async fn open(
        chosen: &Chosen,
        prepared: &mut Prepared,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Result<Self, Failure> {
        let mut usual = prepared.header().await?;
        let (agent, own_values) = (usual.agent.clone(), std::mem::take(&mut usual.context));
        let (recording, past, interrupt) = if let Some(turn_id) = chosen.resumed {
            let home = chosen.turns.codex.home.as_deref();
            let names = &prepared.complete.codex.layer.fallback_names;
            let ledger = prepared.project.open_ledger_watching(home, names).map_err(Failure::Ledger)?;
            let abort = ledger.abort().clone();
            let resumed = spawn_blocking(move || ledger.resume_turn(turn_id)).await;
            let resumed = resumed.map_err(|error| Failure::Setup(error.into()))?.map_err(Failure::Ledger)?;
            let Resumed { log, tasks, turns, .. } = resumed;
            (Recording::new(log, Need::Required, abort), chosen.past(&tasks, &turns), None)
        } else {
            let header = chosen.header(usual, own_values.clone(), prepared.project.settings());
            let opening = prepared.open_with(header, console, interrupts).await?;
            let root = prepared.project.root().to_owned();
            let recording = opening.recording.ok_or(Failure::NoLedger { root })?;
            (recording, Past::default(), opening.interrupt)
        };
        let computed = ComputedValues::new().turn(recording.turn_id()).start(recording.started());
        let plan = chosen.plan.complete(&computed);
        Ok(Self { recording, interrupt, plan, computed, past, agent, own_values })
    }
}

impl Chosen {
    fn past(&self, tasks: &[codex_ledger::ResumedTask], turns: &[codex_ledger::ResumedTurn]) -> Past {
        let titles: Vec<String> = self.selection.tasks(&self.plan).map(|task| task.title.clone()).collect();
        Past::of(&self.selection.chosen(&self.plan), &titles, tasks, turns)
    }

    /// What the record is opened with.
    fn header(&self, usual: TurnHeader, own_values: Vec<ContextValue>, settings: &Settings) -> TurnHeader {
        let plan = &self.plan;
        let mut header = usual;
        let mut task = header.task.clone();
        task.inputs.clear();
        let mut hashes = serde_json::Map::new();
        for file in sources(plan) {
            task = task.input(&file.path);
            hashes.insert(file.path.clone(), Value::from(file.sha256.as_str()));
        }
        let tasks: Vec<&str> = self.selection.tasks(plan).map(|task| task.id.as_str()).collect();
        let parameters = [
            ("tasks", json!(tasks)),
            ("inputHashes", Value::Object(hashes)),
            ("until", json!(self.arguments.until)),
        ];
        for (name, value) in parameters {
            task = task.parameter(name, value);
        }
        header.task = task;
        header = header.context(values(plan, own_values));
        if let Some(pattern) = &plan.pattern {
            header = header.pattern(pattern.header());
        }
        let work = self.arguments.work(self.turns.dir.clone(), KeptSettings::of(settings));
        let continuation =
            Continuation::new(work, self.selection.chosen(plan), plan, self.arguments.presentation());
        header.continuation(serde_json::to_value(continuation).unwrap_or_default())
    }
}
