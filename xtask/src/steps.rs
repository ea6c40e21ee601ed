//! [`Steps`]: runs one step after the other, and says at the end how each went and how long it took.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The steps of a chore so far.
///
/// A step that fails does not keep the next from running: a person wants to see all that is wrong at once.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    /// What the step says of itself, or why it failed.
    outcome: Result<String, String>,
}

impl Steps {
    /// Runs a step; what it returns is shown beside its name at the end.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<String>) {
        eprintln!("=== {name}");
        let started = Instant::now();
        let outcome = step().map_err(|error| format!("{error:#}"));
        let step = Step { name, took: started.elapsed(), outcome };
        eprintln!("=== {}", step.line());
        self.done.push(step);
    }

    /// Prints the summary, and fails if a step has.
    pub(crate) fn finish(self, chore: &str) -> Result<()> {
        println!("\n{chore}:");
        for step in &self.done {
            println!("  {}", step.line());
        }
        let total: Duration = self.done.iter().map(|step| step.took).sum();
        let failed: Vec<&str> =
            self.done.iter().filter(|step| step.outcome.is_err()).map(|step| step.name).collect();
        if failed.is_empty() {
            println!("{chore}: all {} steps passed in {}", self.done.len(), seconds(total));
            return Ok(());
        }
        bail!("{chore}: {} of {} steps failed: {}", failed.len(), self.done.len(), failed.join(", "))
    }
}

impl Step {
    fn line(&self) -> String {
        let took = seconds(self.took);
        match &self.outcome {
            Ok(note) if note.is_empty() => format!("ok      {took:>8}  {}", self.name),
            Ok(note) => format!("ok      {took:>8}  {}: {note}", self.name),
            Err(reason) => format!("FAILED  {took:>8}  {}: {reason}", self.name),
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Runs a program to its end; its output goes where ours goes.
pub(crate) fn succeed(command: &mut Command) -> Result<String> {
    let status = status(command)?;
    ensure!(status.success(), "{status}");
    Ok(String::new())
}

pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start {}", command.get_program().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_lets_the_next_run_and_fails_the_chore() {
        let mut steps = Steps::default();
        steps.run("first", || bail!("it is broken"));
        steps.run("second", || Ok("fine".to_owned()));
        assert!(steps.done[0].line().ends_with("first: it is broken"), "{steps:?}");
        assert!(steps.done[1].line().ends_with("second: fine"), "{steps:?}");
        let error = steps.finish("chore").unwrap_err().to_string();
        assert_eq!(error, "chore: 1 of 2 steps failed: first");
    }

    #[test]
    fn all_steps_that_pass_pass_the_chore() {
        let mut steps = Steps::default();
        steps.run("only", || Ok(String::new()));
        steps.finish("chore").unwrap();
    }
}
