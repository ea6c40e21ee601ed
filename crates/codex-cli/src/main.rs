//! `codex-turns`: runs turns of the Codex agent from a shell, and says how they ended.
//!
//! The crate wires: arguments to the turn layer, its lines to a terminal, its ends to exit codes. What turns are
//! is not known here.

mod arguments;
mod check_view;
mod command;
mod console;
#[cfg(test)]
mod error_texts;
mod exit_code;
mod failure;
mod help;
mod interrupts;
mod ledger_view;
mod logging;
mod notices;
mod outcome;
mod output;
mod pipeline_report;
mod plan_view;
mod presentation;
mod prompt;
mod record_view;
mod render;
mod result_file;
mod setup;
mod show;
mod thread_age;
mod told_once;
mod undumpable;
mod version_notice;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    undumpable::hide_from_others();
    let arguments = Arguments::parse();
    arguments.color.apply();
    logging::install(arguments.verbose);
    match arguments.command {
        Command::Run(run) => command::run(&run),
        Command::Auto(auto) => command::auto(&auto),
        Command::Replay(replay) => command::replay(&replay),
        Command::Doctor(doctor) => command::doctor(&doctor),
        Command::Pipeline(pipeline) => command::pipeline(&pipeline),
        Command::Adr(adr) => command::adr(&adr),
        Command::Init(init) => command::init(&init),
        Command::Config(config) => command::config(&config),
        Command::Trust(trust) => command::trust(&trust),
        Command::Ledger(ledger) => command::ledger(&ledger),
        Command::Completions { shell } => command::completions(shell),
        Command::Man { command } => command::man(command.as_deref()),
    }
}
