//! Runs turn after turn in the current directory until a command succeeds, and tells each step.
//!
//! ```text
//! cargo run -p codex-turn --example auto_run -- "make the tests pass" "cargo test"
//! ```
//!
//! It needs `codex` on the `PATH`, or `CODEX_PATH`, and a login. The agent may change files below the directory.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use codex_turn::{
    AutoRunError, AutoRunEvent, AutoRunReport, Budget, Codex, CommandSandbox, Program, Sandbox,
    SandboxedCommands, Thread, ThreadOptions,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(prompt), Some(check)) = (arguments.next(), arguments.next()) else {
        return Err("usage: auto_run PROMPT CHECK".into());
    };
    let program = Program::discover()?;
    let codex = Codex::builder().program(program.clone()).build()?;
    let thread = codex.start_thread(ThreadOptions::new(".").sandbox(Sandbox::WorkspaceWrite));
    // The check executes what the agent has just written.
    let commands = SandboxedCommands::new(program, CommandSandbox::new());
    let report = run_until(&thread, commands, &prompt, &check).await?;
    println!("{}, after {} turns and {} tokens", report.stop, report.spent.turns, report.spent.tokens);
    if report.is_satisfied() { Ok(()) } else { Err("it is not right yet".into()) }
}

async fn run_until(
    thread: &Thread,
    commands: SandboxedCommands,
    prompt: &str,
    check: &str,
) -> Result<AutoRunReport, AutoRunError> {
    let run = thread
        .run_auto(prompt)
        .commands(Arc::new(commands))
        .until(check) // a text is a command: exit code 0 is a pass
        .max_turns(8)
        .budget(Budget::tokens(500_000))
        .total_limit(Duration::from_hours(1));
    let mut events = run.stream();
    while let Some(event) = events.next_event().await {
        if let AutoRunEvent::StepStarted { step, kind, prompt, .. } = &event? {
            println!("turn {step} ({kind:?}): {prompt}");
        }
    }
    events.finish().await
}

#[cfg(test)]
mod tests {
    use codex_exec::{CodexExec, ExecOptions, StateDir};
    use codex_fixtures::{FakeCodex, FakeScript};

    use super::*;

    #[tokio::test]
    async fn the_second_turn_is_told_what_the_check_said() {
        let scratch = tempfile::tempdir().unwrap();
        let done = scratch.path().join("done.txt");
        let fake = FakeCodex::builder()
            .start(FakeScript::completed_turn("I looked around"))
            .start(
                FakeScript::new().write_file(&done, "").then(FakeScript::completed_turn("now it is there")),
            )
            .build();
        let state = StateDir::at(scratch.path().join("state"));
        let options = ExecOptions::default().state_dir(state.clone());
        let program = Program::at(fake.path()).unwrap();
        let commands = SandboxedCommands::new(program.clone(), CommandSandbox::new()).state_dir(state);
        let exec = CodexExec::new(program).options(options);
        let codex = Codex::builder().exec(Arc::new(exec)).codex_home(scratch.path()).build().unwrap();
        let thread = codex.start_thread(ThreadOptions::new(scratch.path()).skip_git_repo_check());

        let report = run_until(&thread, commands, "make it", "ls done.txt").await.unwrap();
        assert!(report.is_satisfied(), "{}", report.stop);
        let asked: Vec<&str> = report.steps.iter().map(|step| step.prompt.as_str()).collect();
        assert_eq!(asked[0], "make it");
        assert!(asked[1].contains("done.txt"), "the output of the check: {}", asked[1]);
        assert_eq!(report.final_response(), Some("now it is there"));
    }
}
