//! Recorded turns: whether a turn is recorded, and its record from before its start to after its end.

mod after_turns;
mod prepared;
mod record_header;
mod recorded_run;
mod recorded_turn;
mod recorder;
mod recording;
mod run_end;
mod runner_stream;

pub use after_turns::RecordOutcome;
pub use recorded_run::{RecordedRun, RunDone};
pub use recorded_turn::{LedgerUse, RecordChoices, RecordedTurn, TurnDone};
pub use recorder::Need;
pub use run_end::RunEnd;
pub use runner_stream::RunnerStream;

pub(crate) use after_turns::{AfterTurns, Ending, RecordEnding};
pub(crate) use prepared::PreparedTurns;
pub(crate) use record_header::{begin, header};
pub(crate) use recorded_run::conduct;
pub(crate) use recorder::{Opening, Recorder};
pub(crate) use recording::Recording;
pub(crate) use runner_stream::SharedTurn;
