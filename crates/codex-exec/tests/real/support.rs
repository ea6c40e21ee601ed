//! What the tests share: the pinned Codex, a scripted server and scratch folders.

use std::path::PathBuf;
use std::time::Duration;

use codex_exec::{
    ApiKey, CodexEnvironment, CodexExec, EventStream, Exec, ExecOptions, Invocation, Program, StateDir,
    TransportError, TransportReport,
};
use codex_fixtures::{ModelServer, Reply, Script, pinned_codex};
use codex_protocol::{ItemDetails, TurnSummary};
use tokio_util::sync::CancellationToken;

/// Nothing here takes this long; a wait that does has failed.
pub(crate) const LONG: Duration = Duration::from_mins(1);

pub(crate) struct Scene {
    pub(crate) server: ModelServer,
    pub(crate) scratch: tempfile::TempDir,
    pub(crate) options: ExecOptions,
    pub(crate) cancel: CancellationToken,
}

pub(crate) struct Ran {
    pub(crate) summary: TurnSummary,
    pub(crate) error: Option<TransportError>,
    pub(crate) end: Option<TransportReport>,
}

impl Scene {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir(scratch.path().join("home")).unwrap();
        std::fs::create_dir(scratch.path().join("work")).unwrap();
        let options = ExecOptions::default().state_dir(StateDir::at(scratch.path().join("state")));
        let server = ModelServer::start(Script::new(replies)).unwrap();
        Self { server, scratch, options, cancel: CancellationToken::new() }
    }

    /// Writes the `config.toml` of the Codex home.
    pub(crate) fn user_config(self, toml: &str) -> Self {
        std::fs::write(self.scratch.path().join("home/config.toml"), toml).unwrap();
        self
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.scratch.path().join("work")
    }

    pub(crate) fn invocation(&self, prompt: &str) -> Invocation {
        Invocation::new(prompt)
            .cwd(self.work())
            .skip_git_repo_check()
            .codex_home(self.scratch.path().join("home"))
            .base_url(self.server.base_url())
            .api_key(ApiKey::new("scripted-key"))
            .model(self.server.settings().model)
            .disable("plugins")
            .environment(home_of_its_own(self))
    }

    pub(crate) fn stream(&self, invocation: Invocation) -> EventStream {
        let program = Program::at(pinned_codex().unwrap_or_else(|missing| panic!("{missing}"))).unwrap();
        CodexExec::new(program).options(self.options.clone()).exec(invocation, self.cancel.clone())
    }

    pub(crate) async fn run(&self, invocation: Invocation) -> Ran {
        rest(self.stream(invocation)).await
    }
}

/// The agent's shells read the profile of whoever owns the home.
pub(crate) fn home_of_its_own(scene: &Scene) -> CodexEnvironment {
    CodexEnvironment::inherit().set("HOME", scene.scratch.path())
}

pub(crate) async fn rest(mut stream: EventStream) -> Ran {
    let mut ran = Ran { summary: TurnSummary::new(), error: None, end: None };
    let all = async {
        while let Some(item) = stream.next_line().await {
            match item {
                Ok(line) => ran.summary.observe(&line),
                Err(error) => ran.error = Some(error),
            }
        }
    };
    tokio::time::timeout(LONG, all).await.expect("the stream ends");
    ran.end = stream.end().cloned();
    ran
}

impl Ran {
    /// The output of the first command of the turn.
    pub(crate) fn command_output(&self) -> &str {
        let output = self.summary.items().iter().find_map(|item| {
            let ItemDetails::CommandExecution(command) = &item.details else { return None };
            Some(command.aggregated_output.as_str())
        });
        output.unwrap_or_else(|| panic!("a command ran: {:?}", self.summary))
    }

    pub(crate) fn verdict(&self) -> codex_protocol::Verdict {
        codex_protocol::Verdict::decide(&self.summary, &self.end.as_ref().unwrap().end)
    }
}
