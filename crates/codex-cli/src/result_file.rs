//! [`TurnObject`]: what is known of a turn, as one JSON object for programs.

use std::path::PathBuf;
use std::time::Duration;

use codex_exec::CodexVersion;
use codex_ledger::manifest::RecordState;
use codex_ledger::{Recorded, Redactor, TurnId};
use codex_protocol::{
    ExitKind, RolloutCall, StopCause, ThreadId, TransportEnd, TurnSummary, TurnUsage, Unconfirmed, Verdict,
    escape_steering_in_json,
};
use codex_turn::TurnResult;
use serde::{Serialize, Serializer};

use crate::exit_code::Code;

/// What is written to the file of `--result`, once it is known how everything ended.
pub(crate) trait ResultObject: Serialize {
    /// Says with which code `codex-turns` ends.
    fn set_exit_code(&mut self, code: Code);

    /// Names the record.
    fn set_record(&mut self, record: RecordEntry);

    /// The object, on lines of its own; what would steer a terminal is escaped in it.
    fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a report has only keys that are strings");
        escape_steering_in_json(&json).into_owned() + "\n"
    }

    /// The same without secrets.
    fn to_redacted_json(&self, redactor: &Redactor) -> String {
        let value = serde_json::to_value(self).expect("a report has only keys that are strings");
        format!("{}\n", escape_steering_in_json(&format!("{:#}", redactor.redact_value(&value))))
    }
}

/// What is known of a turn, however it ended, also where it did not start.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TurnObject {
    /// `verdict`, and beside it what belongs to it: `kind`, `status`, `message`, `limit`, `signal` or `code`.
    #[serde(flatten)]
    pub(crate) verdict: VerdictWord,
    /// With which code `codex-turns` ended.
    #[serde(serialize_with = "number")]
    pub(crate) exit_code: Code,
    pub(crate) thread_id: Option<ThreadId>,
    /// The last message of the agent, also where the turn did not complete.
    pub(crate) final_response: Option<String>,
    pub(crate) usage: TurnUsage,
    /// From the first step to the end; not known of a recording.
    pub(crate) duration_ms: Option<u64>,
    pub(crate) process: Option<Process>,
    /// Processes that had outlived Codex and were killed.
    pub(crate) leftovers: Vec<u32>,
    /// Tool calls that Codex's own record has and its lines have not; unknown without that record.
    pub(crate) unseen_calls: Option<Vec<RolloutCall>>,
    /// What the lines say and Codex's own record has not; unknown where the two cannot be compared.
    pub(crate) unconfirmed: Option<Unconfirmed>,
    pub(crate) codex: ProgramObject,
    /// The record of the turn; `null` where there is none.
    pub(crate) record: Option<RecordEntry>,
    /// The version of `codex-turns`.
    pub(crate) version: &'static str,
    /// What the lines came to.
    pub(crate) summary: TurnSummary,
}

/// How a turn ended.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum VerdictWord {
    /// As the turn layer judges it.
    Ended(Verdict),
    /// There was no turn.
    NotStarted(NotStarted),
}

/// Why there was no turn.
#[derive(Debug, Serialize)]
#[serde(tag = "verdict", rename = "notStarted")]
pub(crate) struct NotStarted {
    pub(crate) message: String,
}

/// How Codex's process ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Process {
    exit_code: Option<i32>,
    signal: Option<i32>,
    /// Why we asked it to stop, if we did.
    stop: Option<StopCause>,
}

/// The program that was used as Codex.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramObject {
    pub(crate) path: Option<PathBuf>,
    pub(crate) version: Option<String>,
}

/// The record of a turn.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordEntry {
    /// Its number.
    turn_id: TurnId,
    uid: String,
    /// How the record ends, which is not always as the turn did.
    state: RecordState,
    reason: Option<String>,
    directory: PathBuf,
    manifest_sha256: String,
    /// The full names of the refs that hold it.
    refs: Vec<String>,
}

impl From<&Recorded> for RecordEntry {
    fn from(recorded: &Recorded) -> Self {
        Self {
            turn_id: recorded.turn_id,
            uid: recorded.uid.clone(),
            state: recorded.state.clone(),
            reason: recorded.reason.clone(),
            directory: recorded.directory.clone(),
            manifest_sha256: recorded.manifest_sha256.clone(),
            refs: recorded.refs.clone(),
        }
    }
}

impl TurnObject {
    /// A turn that came to an end.
    pub(crate) fn ended(result: &TurnResult, code: Code) -> Self {
        Self {
            verdict: VerdictWord::Ended(result.verdict.clone()),
            exit_code: code,
            thread_id: result.thread_id.clone(),
            final_response: result.final_response().map(str::to_owned),
            usage: result.usage,
            duration_ms: Some(milliseconds(result.duration)),
            process: Some(result.end.end.into()),
            leftovers: result.end.leftovers.clone(),
            unseen_calls: result.unseen_calls().map(|calls| calls.into_iter().cloned().collect()),
            unconfirmed: result.unconfirmed(),
            codex: ProgramObject::default(),
            record: None,
            version: env!("CARGO_PKG_VERSION"),
            summary: result.summary.clone(),
        }
    }

    /// A turn that was killed before it came to one.
    pub(crate) fn abandoned(summary: &TurnSummary, code: Code, duration: Duration) -> Self {
        Self {
            verdict: VerdictWord::Ended(Verdict::Cancelled),
            thread_id: summary.thread_id().cloned(),
            final_response: summary.final_response().map(str::to_owned),
            summary: summary.clone(),
            duration_ms: Some(milliseconds(duration)),
            ..Self::not_started(String::new(), code)
        }
    }

    /// No turn.
    pub(crate) fn not_started(message: String, code: Code) -> Self {
        Self {
            verdict: VerdictWord::NotStarted(NotStarted { message }),
            exit_code: code,
            thread_id: None,
            final_response: None,
            usage: TurnUsage::default(),
            duration_ms: None,
            process: None,
            leftovers: Vec::new(),
            unseen_calls: None,
            unconfirmed: None,
            codex: ProgramObject::default(),
            record: None,
            version: env!("CARGO_PKG_VERSION"),
            summary: TurnSummary::new(),
        }
    }

    /// Names the program.
    pub(crate) fn of(mut self, path: Option<PathBuf>, version: Option<&CodexVersion>) -> Self {
        self.codex = ProgramObject::new(path, version);
        self
    }
}

impl ResultObject for TurnObject {
    fn set_exit_code(&mut self, code: Code) {
        self.exit_code = code;
    }

    fn set_record(&mut self, record: RecordEntry) {
        self.record = Some(record);
    }
}

impl From<TransportEnd> for Process {
    fn from(end: TransportEnd) -> Self {
        let (exit_code, signal) = match end.exit() {
            Some(ExitKind::Code(code)) => (Some(code), None),
            Some(ExitKind::Signal(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        Self { exit_code, signal, stop: end.stop }
    }
}

impl ProgramObject {
    /// Names the program.
    pub(crate) fn new(path: Option<PathBuf>, version: Option<&CodexVersion>) -> Self {
        Self { path, version: version.map(ToString::to_string) }
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn number<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(code.number())
}
