//! [`FoldedTurn`]: a Codex turn whose lines were folded, and the entry of its end.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use codex_protocol::{
    CollabTool, ExitKind, FailureKind, ItemDetails, RolloutSummary, TransportEnd, TurnSummary, TurnUsage,
    UsageSource, Verdict,
};
use jiff::Timestamp;

use crate::manifest::{ExitEntry, Extra, TokenCounts, TokenSource, TurnEntry, TurnTokens};
use crate::record::journal::{BeginEntry, EndEntry, Frames, Journal};
use crate::record::task_log::TaskLog;
use crate::record::turn_begin::{TurnEnd, TurnPurpose};
use crate::system::utc_millis;

/// A Codex turn whose lines were folded, by its caller or once more from the journal.
pub(crate) struct FoldedTurn<'a> {
    pub(crate) begin: &'a BeginEntry,
    pub(crate) summary: &'a TurnSummary,
    pub(crate) timeline: TaskLog,
}

/// Begins the timeline of the turn of this number, counted from 1, in the worktree of a project.
pub(crate) fn timeline(number: u32, begin: &BeginEntry, project: &Path) -> TaskLog {
    let mut timeline = TaskLog::after(u64::from(number.saturating_sub(1))).in_project(project);
    timeline.begin_turn(begin.at);
    timeline
}

/// Folds the lines of the turn of this number once more, as far as the journal has them.
pub(crate) fn fold_again(journal: &Journal, number: u32) -> TurnSummary {
    let mut summary = TurnSummary::new();
    for frame in Frames::of(journal.folder()).filter(|frame| frame.turn == number) {
        summary.observe(&frame.line);
    }
    summary
}

impl FoldedTurn<'_> {
    /// The end that the caller saw.
    pub(crate) fn ended(mut self, end: &TurnEnd, at: Timestamp) -> EndEntry {
        let (kind, failure) = match &end.verdict {
            Verdict::Failed(failure) => (Some(&failure.kind), Some(failure.message.clone())),
            Verdict::Completed
            | Verdict::Interrupted
            | Verdict::Cancelled
            | Verdict::TimedOut { .. }
            | Verdict::Budget { .. }
            | Verdict::Truncated
            | Verdict::Killed { .. }
            | Verdict::Exited { .. }
            | _ => (None, None),
        };
        let mut turn = self.turn();
        turn.thread_id = end.thread_id.as_ref().map(ToString::to_string).or(turn.thread_id);
        turn.verdict = Some(end.verdict.word().to_owned());
        turn.failure_kind = kind.map(FailureKind::name).map(str::to_owned);
        turn.elapsed_ms = Some(milliseconds(end.elapsed));
        turn.exit = exit(&end.transport);
        turn.usage = tokens(&end.usage);
        turn.final_message = end.final_response.clone().or(turn.final_message);
        self.timeline.end_turn(end, self.summary);
        let rollout_path = end.rollout_path.clone();
        let unconfirmed = end.rollout.as_ref().and_then(|rollout| rollout.unconfirmed(self.summary));
        let unconfirmed = unconfirmed.map(|lines| lines.names()).unwrap_or_default();
        EndEntry { rollout_path, unconfirmed, ..self.entry(turn, failure, end.rollout.as_ref(), at) }
    }

    /// The end that nobody saw: what the lines and Codex's own file of the thread have.
    pub(crate) fn interrupted(mut self, rollout: Option<&RolloutSummary>, at: Timestamp) -> EndEntry {
        let mut turn = self.turn();
        if let Some(rollout) = rollout {
            let mut usage = TurnUsage::default();
            if let Some(total) = rollout.thread_usage() {
                usage = usage.with_thread(total);
            }
            if let Some(share) = rollout.turn_usage() {
                usage = usage.with_turn(share, UsageSource::Rollout);
            }
            turn.usage = tokens(&usage);
            turn.final_message = rollout.last_agent_message().map(str::to_owned).or(turn.final_message);
        }
        match rollout {
            Some(rollout) => self.timeline.interrupt_turn_with(rollout, self.summary),
            None => self.timeline.interrupt_turn(),
        }
        self.entry(turn, None, rollout, at)
    }

    fn turn(&self) -> TurnEntry {
        let begin = self.begin;
        TurnEntry {
            thread_id: self.summary.thread_id().map(ToString::to_string).or_else(|| begin.resumed.clone()),
            started_at: Some(utc_millis(begin.at)),
            final_message: self.summary.final_response().map(str::to_owned),
            purpose: match begin.purpose {
                TurnPurpose::Work => None,
                TurnPurpose::Report => Some("report".to_owned()),
            },
            ..TurnEntry::default()
        }
    }

    fn entry(
        self,
        turn: TurnEntry,
        failure: Option<String>,
        rollout: Option<&RolloutSummary>,
        at: Timestamp,
    ) -> EndEntry {
        let tools = self.tools(rollout);
        let sub_agents = self.sub_agents();
        let mut turns = rollout.map(RolloutSummary::turns).unwrap_or_default().iter().rev();
        let model = turns.find_map(|turn| turn.model.clone());
        let rationale = self
            .summary
            .items()
            .iter()
            .filter_map(|item| {
                let ItemDetails::Reasoning(reasoning) = &item.details else { return None };
                Some(reasoning.text.clone())
            })
            .collect();
        EndEntry {
            at,
            turn,
            model,
            rollout_path: None,
            failure,
            timeline: self.timeline.finish(),
            tools,
            sub_agents,
            rationale,
            unconfirmed: Vec::new(),
        }
    }

    /// The threads of the agents that this one started.
    fn sub_agents(&self) -> Vec<String> {
        let threads = self.summary.items().iter().filter_map(|item| match &item.details {
            ItemDetails::CollabToolCall(call) if call.tool == CollabTool::SpawnAgent => {
                Some(&call.receiver_thread_ids)
            }
            ItemDetails::CollabToolCall(_)
            | ItemDetails::CommandExecution(_)
            | ItemDetails::FileChange(_)
            | ItemDetails::McpToolCall(_)
            | ItemDetails::WebSearch(_)
            | ItemDetails::AgentMessage(_)
            | ItemDetails::Reasoning(_)
            | ItemDetails::TodoList(_)
            | ItemDetails::Error(_)
            | ItemDetails::Unknown(_)
            | _ => None,
        });
        threads.flatten().map(ToString::to_string).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The tools that the lines name, and those that only Codex's own file names.
    fn tools(&self, rollout: Option<&RolloutSummary>) -> Vec<String> {
        let mut tools = BTreeSet::new();
        tools.extend(self.summary.items().iter().filter_map(|item| match &item.details {
            ItemDetails::CommandExecution(_) => Some("shell".to_owned()),
            ItemDetails::FileChange(_) => Some("apply_patch".to_owned()),
            ItemDetails::McpToolCall(call) => Some(format!("mcp:{}/{}", call.server, call.tool)),
            ItemDetails::WebSearch(_) => Some("web_search".to_owned()),
            ItemDetails::CollabToolCall(_) => Some("collab".to_owned()),
            ItemDetails::AgentMessage(_)
            | ItemDetails::Reasoning(_)
            | ItemDetails::TodoList(_)
            | ItemDetails::Error(_)
            | ItemDetails::Unknown(_)
            | _ => None,
        }));
        for call in rollout.map(|rollout| rollout.unseen_calls(self.summary)).unwrap_or_default() {
            tools.insert(call.name.clone());
        }
        tools.into_iter().collect()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn exit(end: &TransportEnd) -> ExitEntry {
    let (code, signal) = match end.exit() {
        Some(ExitKind::Code(code)) => (Some(code), None),
        Some(ExitKind::Signal(signal)) => (None, Some(signal)),
        None => (None, None),
    };
    ExitEntry { code, signal, extra: Extra::new() }
}

fn tokens(usage: &TurnUsage) -> TurnTokens {
    let source = match usage.source {
        Some(UsageSource::Stream) => Some(TokenSource::Stream),
        Some(UsageSource::Rollout) => Some(TokenSource::Rollout),
        Some(_) | None => None,
    };
    TurnTokens {
        thread: usage.thread.map(TokenCounts::from).unwrap_or_default(),
        turn: usage.turn.map(TokenCounts::from).unwrap_or_default(),
        source,
        extra: Extra::new(),
    }
}
