//! Runs the pipeline of a project, or resumes one that was cut off; Codex comes from `CODEX_PATH` or `PATH`.
//!
//! ```text
//! codex-turns init -C DIR
//! cargo run -p codex-runner --example run_pipeline -- DIR          # run it
//! cargo run -p codex-runner --example run_pipeline -- DIR 12       # resume what turn 12 has begun
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::env;
use std::error::Error;

use codex_runner::{Environment, PipelineWork, Project, RunnerEvent, SettingFlag, Work};
use codex_turn::Codex;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let (dir, resumed) = match words.as_slice() {
        [dir] => (dir, None),
        [dir, turn] => (dir, Some(turn.parse()?)),
        _ => return Err("usage: run_pipeline DIR [TURN]".into()),
    };
    // A pipeline is always recorded: this starts a ledger if there is none.
    let required = SettingFlag::new("ledger.required", "run_pipeline", "true");
    let project = Project::builder(dir, Environment::of_process()).set(required).open()?;
    let codex = Codex::builder().program(project.program()?).build()?;
    let pipeline = match resumed {
        Some(turn) => project.resume(turn)?,
        None => project.pipeline(PipelineWork::new(Work::new(project.root()))).plan()?,
    };
    let mut stream = pipeline.run(&codex).stream();
    while let Some(event) = stream.next_event().await {
        if let RunnerEvent::TaskEnded(task) = event {
            println!("task {}: {}", task.position, task.verdict.word());
        }
    }
    println!("{:?}", stream.finish().await?.record);
    Ok(())
}
