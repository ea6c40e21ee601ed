//! The chores of this workspace: `cargo xtask --help` lists them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who runs it"
)]

mod api;
mod attacks;
mod bench;
mod ci;
mod codex;
mod demo;
mod faults;
mod fuzz;
mod libraries;
mod package;
mod process;
mod record;
mod schema;
mod soak;
mod steps;
mod terminal;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Installs the pinned Codex with npm below target/codex and prints the path of its native binary.
    Codex(codex::Arguments),
    /// Runs the scenarios of fixtures/scenarios with a real Codex and writes fixtures/streams.
    RecordFixtures(record::Arguments),
    /// Writes the JSON Schema of a manifest of the ledger.
    Schema(schema::Arguments),
    /// Shows one real turn, from prompt to verdict, in a scratch repository; or a pipeline.
    Demo(demo::Arguments),
    /// Draws the terminal of a real turn, for the README.
    Terminal(terminal::Arguments),
    /// Installs the pinned Codex, builds the fake one and runs every test.
    Test(test::Arguments),
    /// Writes what each library shows to its users, beside its manifest.
    Api(api::Arguments),
    /// Packs every crate as it would be published.
    Package(package::Arguments),
    /// Checks all that a change must pass.
    Ci(ci::Arguments),
    /// Checks the rules that no compiler checks.
    Tidy(tidy::Arguments),
    /// Tries all that can go wrong between Codex and its reader, and prints a table of it.
    Faults,
    /// Attacks the boundaries that SECURITY.md promises, and prints a table: attack, boundary, held or not.
    Attacks,
    /// Runs the benchmarks.
    Bench(bench::Arguments),
    /// Looks for bytes that a reader does not bear, by libFuzzer.
    Fuzz(fuzz::Arguments),
    // What its help says stands with its flags, since it is more than a line.
    Soak(soak::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Codex(arguments) => codex::run(&arguments),
        Chore::RecordFixtures(arguments) => record::run(&arguments),
        Chore::Schema(arguments) => schema::run(&arguments),
        Chore::Demo(arguments) => demo::run(&arguments),
        Chore::Terminal(arguments) => terminal::run(&arguments),
        Chore::Test(arguments) => test::run(&arguments),
        Chore::Api(arguments) => api::run(&arguments),
        Chore::Package(arguments) => package::run(&arguments),
        Chore::Ci(arguments) => ci::run(&arguments),
        Chore::Tidy(arguments) => tidy::run(&arguments),
        Chore::Faults => faults::run(),
        Chore::Attacks => attacks::run(),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Soak(arguments) => soak::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
