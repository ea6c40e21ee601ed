//! [`AutoArguments`]: the flags of `codex-turns auto`: those of `run`, and what ends the run.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, value_parser};
use codex_turn::AutoRun;
use serde_json::Value;

use super::{RunArguments, values};

/// The flags of `auto`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AutoArguments {
    #[command(flatten)]
    pub(crate) until: Until,
    #[command(flatten)]
    pub(crate) limits: RunLimitFlags,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What has to be so for the run to be satisfied: all of it.
#[derive(Clone, Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Until {
    /// A shell command that has to exit with code 0; may be repeated. Where it does not, the end of its output
    /// becomes part of the next prompt.
    #[arg(long = "until", help_heading = "Checks", value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
    /// A file or folder that has to be there, seen from the working directory of the thread; may be repeated.
    #[arg(long = "until-file", help_heading = "Checks", value_name = "PATH")]
    pub(crate) files: Vec<PathBuf>,
    /// A value that the answer, as JSON, has to have at this place, such as `/done=true`; may be repeated. Ask for
    /// such an answer with --output-schema.
    #[arg(long = "until-json", help_heading = "Checks", value_name = "POINTER=VALUE", value_parser = values::json_place)]
    pub(crate) places: Vec<(String, Value)>,
}

/// What the run may use up.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunLimitFlags {
    /// Start so many turns at most, repeated ones included.
    #[arg(long, help_heading = "Run", value_name = "N", default_value_t = AutoRun::MAX_TURNS, value_parser = value_parser!(u32).range(1..))]
    pub(crate) max_turns: u32,
    /// Use so many tokens at most, input and output of all turns together.
    #[arg(long, help_heading = "Run", value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) budget_tokens: Option<u64>,
    /// End the run after this time, with every turn, check and wait in it.
    #[arg(long, help_heading = "Run", value_name = "TIME", value_parser = values::limit)]
    pub(crate) budget_time: Option<Duration>,
    /// Try a turn that broke off again so often; 0 never does.
    #[arg(long, help_heading = "Run", value_name = "N", default_value_t = 3)]
    pub(crate) retry: u32,
    /// Stop after so many turns in a row that changed no file and after which the checks said the same.
    #[arg(long, help_heading = "Run", value_name = "N", default_value_t = AutoRun::STALLED_TURNS, value_parser = value_parser!(u32).range(1..))]
    pub(crate) stalled_turns: u32,
}
