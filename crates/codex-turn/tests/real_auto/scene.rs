//! [`Scene`]: a repository, a Codex home and a model that answers as scripted.

use std::fs;
use std::time::Duration;

use codex_exec::{ApiKey, CodexEnvironment, ExecOptions, Program, StateDir};
use codex_fixtures::{ModelServer, Reply, Script, Tokens, pinned_codex};
use codex_turn::{AutoRun, Codex, RetryPolicy, Sandbox, Thread, ThreadOptions};

/// A repository, a Codex home and a model that answers as scripted.
pub(crate) struct Scene {
    pub(crate) server: ModelServer,
    pub(crate) folder: tempfile::TempDir,
    thread: Thread,
}

impl Scene {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let program = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        let server = ModelServer::start(Script::new(replies)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "user", "work"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let at = |name: &str| folder.path().join(name);
        let codex = Codex::builder()
            .program(Program::at(program).unwrap())
            .options(ExecOptions::default().state_dir(StateDir::at(at("state"))))
            .codex_home(at("home"))
            .api_key(ApiKey::new("scripted-key"))
            .base_url(server.base_url())
            // The agent's shells are login shells: without a home of their own they would run this user's profile.
            .environment(CodexEnvironment::inherit().set("HOME", at("user")))
            .with(|invocation| invocation.disable("plugins").total_limit(Duration::from_mins(1)))
            .build()
            .unwrap();
        let options = ThreadOptions::new(at("work")).model("gpt-5.5").skip_git_repo_check();
        let thread = codex.start_thread(options.sandbox(Sandbox::DangerFullAccess));
        Self { server, folder, thread }
    }

    pub(crate) fn run(&self, prompt: &str) -> AutoRun {
        let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
        self.thread.run_auto(prompt).retry(quick).total_limit(Duration::from_mins(2))
    }

    pub(crate) fn work(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join("work").join(file)).ok()
    }
}

pub(crate) fn answer(text: &str) -> Reply {
    Reply::new().message(text).usage(Tokens::new(100, 10))
}

pub(crate) fn patch(lines: &str) -> Reply {
    Reply::new().patch(&format!("*** Begin Patch\n{lines}\n*** End Patch")).usage(Tokens::new(100, 10))
}
