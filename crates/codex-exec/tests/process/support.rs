//! What the tests share: a fake Codex in a scratch folder, and a run of it to its end.

use std::time::Duration;

use codex_exec::{
    CodexExec, EventStream, Exec, ExecEnd, ExecError, ExecOptions, Invocation, Program, StateDir,
};
use codex_fixtures::{FakeCodex, FakeScript};
use codex_protocol::EventLine;
use tokio_util::sync::CancellationToken;

pub(crate) const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
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

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) lines: Vec<EventLine>,
    pub(crate) error: Option<ExecError>,
    pub(crate) end: Option<ExecEnd>,
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

    pub(crate) fn stream(&self) -> EventStream {
        self.stream_of(self.invocation("hello"))
    }

    pub(crate) fn stream_of(&self, invocation: Invocation) -> EventStream {
        let program = Program::at(self.fake.path()).unwrap();
        CodexExec::new(program).options(self.options.clone()).exec(invocation, self.cancel.clone())
    }

    pub(crate) async fn run(&self) -> Ran {
        rest(self.stream()).await
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

/// Takes everything that is left of a stream.
pub(crate) async fn rest(mut stream: EventStream) -> Ran {
    let mut ran = Ran { lines: Vec::new(), error: None, end: None };
    let all = async {
        while let Some(item) = stream.next_line().await {
            assert!(ran.error.is_none(), "an error is the last item");
            match item {
                Ok(line) => ran.lines.push(line),
                Err(error) => ran.error = Some(error),
            }
        }
    };
    tokio::time::timeout(LONG, all).await.expect("the stream ends");
    ran.end = stream.end().cloned();
    ran
}

impl Ran {
    pub(crate) fn raw(&self) -> Vec<String> {
        self.lines.iter().map(|line| String::from_utf8_lossy(line.raw()).into_owned()).collect()
    }

    pub(crate) fn ended(&self) -> &ExecEnd {
        self.end.as_ref().expect("a process that ran has an end")
    }

    pub(crate) fn verdict(&self) -> codex_protocol::Verdict {
        let mut summary = codex_protocol::TurnSummary::new();
        self.lines.iter().for_each(|line| summary.observe(line));
        codex_protocol::Verdict::decide(&summary, &self.ended().process)
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
