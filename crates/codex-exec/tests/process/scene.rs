//! A fake Codex in a scratch folder, for tests that start it.

use std::time::Duration;

use codex_exec::{CodexExec, EventStream, Exec, ExecOptions, Invocation, Program, StateDir};
use codex_fixtures::{FakeCodex, FakeScript};
use tokio_util::sync::CancellationToken;

pub(crate) const STARTED: &str =
    r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#;
pub(crate) const TURN: &str = r#"{"type":"turn.started"}"#;
pub(crate) const COMPLETED: &str =
    r#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}"#;
/// Nothing here takes this long; a wait that does has failed.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A fake Codex, and folders of its own for everything that a start touches.
pub(crate) struct Scene {
    pub(crate) fake: FakeCodex,
    pub(crate) scratch: tempfile::TempDir,
    pub(crate) options: ExecOptions,
    pub(crate) cancel: CancellationToken,
}

impl Scene {
    pub(crate) fn new(script: FakeScript) -> Self {
        Self::of(FakeCodex::new(script))
    }

    pub(crate) fn of(fake: FakeCodex) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let options = ExecOptions::default().state_dir(StateDir::at(scratch.path().join("state")));
        Self { fake, scratch, options, cancel: CancellationToken::new() }
    }

    pub(crate) fn options(mut self, change: impl FnOnce(ExecOptions) -> ExecOptions) -> Self {
        self.options = change(self.options);
        self
    }

    pub(crate) fn invocation(&self, prompt: &str) -> Invocation {
        let home = self.scratch.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        Invocation::new(prompt).cwd(self.scratch.path()).skip_git_repo_check().codex_home(home)
    }

    pub(crate) fn stream_of(&self, invocation: Invocation) -> EventStream {
        let program = Program::at(self.fake.path()).unwrap();
        CodexExec::new(program).options(self.options.clone()).exec(invocation, self.cancel.clone())
    }

    /// The names in the folders of notes and locks.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["starts", "threads"] {
            for entry in
                std::fs::read_dir(self.scratch.path().join("state").join(folder)).into_iter().flatten()
            {
                names.push(entry.unwrap().file_name().into_string().unwrap());
            }
        }
        names
    }
}

/// Waits for a condition without keeping the runtime busy.
pub(crate) async fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let until = std::time::Instant::now() + LONG;
    while std::time::Instant::now() < until {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}
