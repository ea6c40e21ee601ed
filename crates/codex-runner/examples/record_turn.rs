//! Runs one turn in a project, recorded and checked as the command line does it; Codex comes from `CODEX_PATH` or `PATH`.
//!
//! `cargo run -p codex-runner --example record_turn -- DIR PROMPT`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::env;
use std::error::Error;

use codex_runner::{Environment, Project};
use codex_turn::{Codex, ThreadOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [dir, prompt] = words.as_slice() else { return Err("usage: record_turn DIR PROMPT".into()) };
    let project = Project::open(dir, Environment::of_process())?;
    let codex = Codex::builder().program(project.program()?).build()?;
    let thread = codex.start_thread(ThreadOptions::new(dir));
    let done = project.record(thread.run(prompt)).await?;
    println!("{}: {:?}", done.turn?.verdict, done.record);
    Ok(())
}
