//! What an auto-run is as JSON, where that is not just its fields.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use codex_protocol::{EventLine, ThreadId, with_causes};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::check::{CheckOutcome, CheckReport};
use super::{AutoRunReport, Spent, StepKind, StepReport, StopReason};
use crate::turn_json::{TurnJson, in_milliseconds};
use crate::{TurnError, TurnResult};

pub(super) fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(in_milliseconds(*time))
}

/// The line as Codex printed it where that is JSON; its text otherwise, and where only a part of it was kept.
pub(super) fn line<S: Serializer>(line: &EventLine, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct LineJson<'a> {
        number: u64,
        line: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Cow<'a, str>>,
        #[serde(rename = "originalBytes", skip_serializing_if = "Option::is_none")]
        original_bytes: Option<u64>,
    }
    let is_whole = line.original_bytes() == line.raw().len() as u64;
    let json: Option<&RawValue> = serde_json::from_slice(line.raw()).ok().filter(|_| is_whole);
    let line = LineJson {
        number: line.number(),
        line: json,
        text: json.is_none().then(|| String::from_utf8_lossy(line.raw())),
        original_bytes: (!is_whole).then(|| line.original_bytes()),
    };
    line.serialize(serializer)
}

/// The step without its checks, which have not been asked yet, and without what its lines came to, which were
/// events before.
pub(super) fn step_without_its_lines<S: Serializer>(
    step: &Arc<StepReport>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct StepJson<'a> {
        step: u32,
        kind: StepKind,
        prompt: &'a str,
        turn: Option<TurnJson<'a>>,
        #[serde(serialize_with = "error")]
        error: &'a Option<TurnError>,
    }
    let step = StepJson {
        step: step.number,
        kind: step.kind,
        prompt: &step.prompt,
        turn: step.turn.as_deref().map(TurnJson::without_summary),
        error: &step.error,
    };
    step.serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
pub(super) fn turn<S: Serializer>(turn: &Option<Arc<TurnResult>>, serializer: S) -> Result<S::Ok, S::Error> {
    turn.as_deref().serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
pub(super) fn error<S: Serializer>(error: &Option<TurnError>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(|error| with_causes(error)).serialize(serializer)
}

impl Serialize for CheckReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct CheckJson<'a> {
            name: &'a str,
            passed: bool,
            output: Option<&'a str>,
            elapsed_ms: u64,
        }
        let output = match &self.outcome {
            CheckOutcome::Passed => None,
            CheckOutcome::Failed { output } => Some(output.as_str()),
        };
        let passed = self.outcome.is_passed();
        let elapsed_ms = in_milliseconds(self.elapsed);
        CheckJson { name: &self.name, passed, output, elapsed_ms }.serialize(serializer)
    }
}

impl Serialize for Spent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct SpentJson {
            turns: u32,
            tokens: Option<u64>,
            money_micros: Option<u64>,
            unknown_turns: u32,
            known_tokens: Option<u64>,
        }
        let all_known = self.unknown_turns == 0;
        // Of what nobody knows anything there is no known part either, unless something was assumed.
        let something_known = self.unknown_turns < self.turns || all_known || self.tokens > 0;
        let spent = SpentJson {
            turns: self.turns,
            tokens: Some(self.tokens).filter(|_| all_known),
            money_micros: self.money.map(super::Money::as_micros).filter(|_| all_known),
            unknown_turns: self.unknown_turns,
            known_tokens: Some(self.tokens).filter(|_| something_known),
        };
        spent.serialize(serializer)
    }
}

impl Serialize for StopReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("stop", self.word())?;
        map.serialize_entry("message", &self.to_string())?;
        match self {
            Self::Satisfied | Self::Cancelled => {}
            Self::TurnLimit { turns } | Self::NoProgress { turns } => map.serialize_entry("turns", turns)?,
            Self::Budget { budget, end } => {
                map.serialize_entry("budget", budget)?;
                map.serialize_entry("end", end)?;
            }
            Self::Policy { reason } | Self::Failed { reason } => map.serialize_entry("reason", reason)?,
            Self::Time { limit } => map.serialize_entry("limitMs", &in_milliseconds(*limit))?,
            Self::Check { name, error } => {
                map.serialize_entry("name", name)?;
                map.serialize_entry("error", &with_causes(error))?;
            }
        }
        map.end()
    }
}

impl Serialize for AutoRunReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct ReportJson<'a> {
            #[serde(flatten)]
            stop: &'a StopReason,
            steps: &'a [StepReport],
            spent: Spent,
            thread_id: Option<&'a ThreadId>,
            final_response: Option<&'a str>,
            duration_ms: u64,
        }
        let report = ReportJson {
            stop: &self.stop,
            steps: &self.steps,
            spent: self.spent,
            thread_id: self.thread_id.as_ref(),
            final_response: self.final_response(),
            duration_ms: in_milliseconds(self.duration),
        };
        report.serialize(serializer)
    }
}
