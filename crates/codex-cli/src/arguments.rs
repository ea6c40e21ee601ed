//! [`Arguments`]: what people type.

mod adr;
mod auto;
mod check_options;
mod codex_options;
mod config;
#[cfg(test)]
mod documented;
mod ledger;
mod pipeline;
mod pipeline_work;
mod run;
mod trust;
mod turn_limits;
mod values;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use adr::{AdrArguments, AdrCommand, InitArguments};
pub(crate) use auto::{AutoArguments, RunLimitFlags, Until};
pub(crate) use config::ConfigArguments;
pub(crate) use ledger::{
    LedgerArguments, LedgerCommand, ListArguments, PartArguments, PurgeArguments, RecoverArguments,
    ShowArguments, VerifyArguments,
};
pub(crate) use pipeline::{PipelineArguments, PipelineCommand, PipelineRunArguments, PipelineSource};
pub(crate) use run::{Restated, RunArguments};
pub(crate) use trust::{TrustArguments, TrustOptions};
pub(crate) use values::{ColorWhen, ReportBy, Resume, Review};

use crate::help;

/// Runs turns of the Codex agent, and says how they ended.
#[derive(Debug, Parser)]
#[command(name = "codex-turns", version, after_help = help::SHORT, after_long_help = help::MAIN)]
#[command(arg_required_else_help = true, subcommand_required = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorWhen,
    /// Log what happens inside to standard error; -vv and -vvv tell more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one turn.
    #[command(after_long_help = help::RUN)]
    Run(Box<RunArguments>),
    /// Run turn after turn until the checks pass.
    #[command(after_long_help = help::AUTO)]
    #[command(mut_arg("review", |arg| arg.hide(true)), mut_arg("review_checks", |arg| arg.hide(true)), mut_arg("ephemeral", |arg| arg.hide(true)))]
    #[command(mut_arg("json", |arg| arg.help("Print one JSON object for each step, line and check to standard output, and nothing else")))]
    #[command(mut_arg("output_last_message", |arg| arg.help("Write the last answer to this file, if and only if the checks pass")))]
    #[command(mut_arg("result", |arg| arg.help("Write what is known of the run and its turns to this file, as one JSON object")))]
    Auto(Box<AutoArguments>),
    /// Show a recorded stream as the turn itself would have been shown.
    #[command(after_long_help = help::REPLAY)]
    Replay(ReplayArguments),
    /// Look whether everything that a turn needs is there.
    #[command(after_long_help = help::DOCTOR)]
    Doctor(DoctorArguments),
    /// Look at the records of turns, prove them, and keep them in order.
    #[command(after_long_help = help::LEDGER)]
    Ledger(LedgerArguments),
    /// Run the tasks of a pattern, one after the other, into one record.
    #[command(after_long_help = help::PIPELINE)]
    Pipeline(PipelineArguments),
    /// Look at the decisions that records state.
    #[command(after_long_help = help::ADR)]
    Adr(AdrArguments),
    /// Write a small working pipeline: contexts, a pattern with two tasks, settings. Overwrites nothing.
    #[command(after_long_help = help::INIT)]
    Init(InitArguments),
    /// Print the settings in force, and where each comes from.
    #[command(after_long_help = help::CONFIG)]
    Config(ConfigArguments),
    /// Trust the settings of a project as they are now, or show what has changed since.
    #[command(after_long_help = help::TRUST)]
    Trust(TrustArguments),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, of the whole or of one command.
    Man {
        /// The command, such as `run`.
        command: Option<String>,
    },
}

/// The flags of `replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// The recorded lines of `codex exec --json` or of `codex-turns run --json`; `-` reads standard input, and a
    /// number names a record of the ledger that has kept its lines.
    pub(crate) file: PathBuf,
    /// The exit code with which Codex ended.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) exit_code: i32,
    /// The signal that ended Codex, instead of an exit code.
    #[arg(long, value_name = "N", conflicts_with = "exit_code", value_parser = clap::value_parser!(i32).range(1..=64))]
    pub(crate) signal: Option<i32>,
    /// Write what is known of the turn to this file, as one JSON object.
    #[arg(long, value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// Print the answer and errors, nothing else.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// The flags of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Print one JSON object to standard output.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// The directory in which turns are to run.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The program to use as Codex, instead of the one that is found.
    #[arg(long, value_name = "PATH")]
    pub(crate) codex: Option<PathBuf>,
    /// The folder that holds Codex's configuration, login and threads.
    #[arg(long, value_name = "DIR")]
    pub(crate) codex_home: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_is_consistent() {
        Arguments::command().debug_assert();
    }
}
