//! `codex-turns`: runs turns of the Codex agent from a shell, and says how they ended.
//!
//! The crate wires: arguments to the turn layer, its lines to a terminal, its ends to exit codes. What turns are
//! is not known here.

mod arguments;
mod checks;
mod command;
mod conduct;
mod config;
mod console;
mod declared_secrets;
#[cfg(test)]
mod error_texts;
mod exit_code;
mod failure;
mod files_matching;
mod help;
mod hint;
mod interrupts;
mod ledger_setup;
mod ledger_view;
mod logging;
mod meanwhile;
mod open_folder;
mod outcome;
mod output;
mod output_file;
mod plan_view;
mod presentation;
mod project;
mod project_layer;
mod prompt;
mod record;
mod remotes;
mod render;
mod result_file;
mod rollouts;
mod setup;
mod starter;
mod thread_age;
mod trust;
mod trust_setup;
mod undumpable;
mod version_notice;

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
