//! [`Scene`]: a repository, a Codex home and a scripted model for one test.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use codex_exec::{
    ApiKey, CodexEnvironment, CodexExec, Exec as _, ExecOptions, Invocation, Marker, Program, Sandbox,
    StartMarks, StateDir, TransportError, TransportReport,
};
use codex_fixtures::{ModelServer, RecordedRequest, Reply, Script, pinned_codex};
use codex_protocol::{ExitKind, ThreadId, TurnSummary};
use tempfile::{TempDir, tempdir};
use tokio_util::sync::CancellationToken;

pub(crate) struct Scene {
    scratch: TempDir,
    pub(crate) server: ModelServer,
    exec: CodexExec,
}

/// What one turn left.
pub(crate) struct Ran {
    pub(crate) summary: TurnSummary,
    pub(crate) end: TransportReport,
}

impl Scene {
    /// A model that gives these replies.
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let scratch = tempdir().unwrap();
        for folder in ["home", "user", "repo/.git/objects", "repo/.git/refs", "outside"] {
            fs::create_dir_all(scratch.path().join(folder)).unwrap();
        }
        fs::write(scratch.path().join("repo/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        let program = Program::at(pinned_codex().unwrap()).unwrap();
        let exec = CodexExec::new(program).options(ExecOptions::default().state_dir(state));
        Self { scratch, server: ModelServer::start(Script::new(replies)).unwrap(), exec }
    }

    /// A model that answers each of this many turns at once.
    pub(crate) fn answering(turns: usize) -> Self {
        Self::new((0..turns).map(|_| Reply::new().message("done")))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn user_config(&self, toml: &str) {
        self.file("home/config.toml", toml);
    }

    /// An invocation that reaches the model, and nothing of the user's.
    pub(crate) fn ask(&self, prompt: &str) -> Invocation {
        self.aimed(Invocation::new(prompt))
    }

    pub(crate) fn aimed(&self, invocation: Invocation) -> Invocation {
        let environment = CodexEnvironment::only(["PATH", "TMPDIR"]).set("HOME", self.path("user"));
        invocation
            .environment(environment)
            .codex_home(self.path("home"))
            .api_key(ApiKey::new("sk-scripted"))
            .base_url(self.server.base_url())
            .model("gpt-5.5")
            .disable("plugins")
            .sandbox(Sandbox::DangerFullAccess)
            .cwd(self.path("repo"))
    }

    /// Runs a turn that must complete, without a warning.
    pub(crate) async fn run(&self, invocation: Invocation) -> Ran {
        let ran = self.try_run(invocation).await.unwrap();
        let stderr = ran.end.stderr_tail.text();
        assert!(ran.summary.terminal().is_some(), "no end of the turn: {stderr}");
        assert_eq!(ran.end.end, TransportReport::new(ExitKind::Code(0)).end, "{stderr}");
        assert_eq!(self.server.problems(), Vec::<String>::new());
        let notices: Vec<_> = ran.summary.notices().iter().map(|notice| &notice.message).collect();
        assert!(notices.is_empty(), "{notices:?}");
        ran
    }

    pub(crate) async fn try_run(&self, invocation: Invocation) -> Result<Ran, TransportError> {
        let mut stream = self.exec.exec(invocation, CancellationToken::new());
        let mut summary = TurnSummary::new();
        while let Some(line) = stream.next_line().await {
            summary.observe(&line?);
        }
        Ok(Ran { summary, end: stream.end().unwrap().clone() })
    }

    /// Runs the bare command line of an invocation, with none of our checks before it; says whether it ended
    /// well.
    #[expect(clippy::disallowed_methods, reason = "the point is to start codex without this crate")]
    pub(crate) fn codex_takes(&self, invocation: &Invocation) -> bool {
        let line = invocation.command_line(&StartMarks::new(Marker::new()));
        let prompt = self.file("prompt", &line.stdin);
        let status = Command::new(self.exec.program().path())
            .args(&line.args)
            .env_clear()
            .envs(line.environment.apply(std::env::vars_os()))
            .current_dir(line.cwd.unwrap())
            .stdin(fs::File::open(prompt).unwrap())
            .output()
            .unwrap()
            .status;
        status.success()
    }

    pub(crate) fn last_request(&self) -> RecordedRequest {
        self.server.requests().pop().unwrap()
    }
}

impl Ran {
    pub(crate) fn thread(&self) -> ThreadId {
        self.summary.thread_id().unwrap().clone()
    }
}
