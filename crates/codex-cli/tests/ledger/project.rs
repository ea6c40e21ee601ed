//! [`Project`]: a real git repository for one test, with nothing of this machine's user.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_fixtures::{FakeCodex, FakeScript, ModelServer, pinned_codex};
use serde_json::Value;

pub(crate) use crate::process::{Ran, new_command, state_folder};

/// How long a test waits for what must come at once.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

pub(crate) const LEDGER: &str = "ai/agentic-pipeline";

pub(crate) struct Project {
    root: tempfile::TempDir,
    state: tempfile::TempDir,
}

impl Project {
    /// A repository with one commit of `hello.txt`.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["home", "codex-home", "tmp", "work"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let project = Self { root, state: state_folder() };
        project.git(&["init", "-q", "-b", "main"]);
        project.git(&["config", "user.name", "Ada"]);
        project.git(&["config", "user.email", "ada@localhost"]);
        project.write("hello.txt", "hello\n");
        project.commit("first");
        project
    }

    /// The same with a ledger that is switched on.
    pub(crate) fn recorded() -> Self {
        let project = Self::new();
        let ran = project.turns(&["ledger", "init"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        match (name, name.strip_prefix("state/")) {
            ("state", _) => self.state.path().to_owned(),
            (_, Some(below)) => self.state.path().join(below),
            (_, None) => self.root.path().join(name),
        }
    }

    /// Writes the settings of the project, which this user trusts.
    pub(crate) fn trusted_settings(&self, text: &str) {
        self.write("codex-turns.toml", text);
        self.trust();
    }

    /// Trusts the settings of the project as they are now.
    pub(crate) fn trust(&self) {
        let ran = self.turns(&["trust"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.path("work").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.work(name).parent().unwrap()).unwrap();
        fs::write(self.work(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.work(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.git_bytes(arguments)).unwrap().trim_end().to_owned()
    }

    pub(crate) fn git_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.isolated("git".as_ref()).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        output.stdout
    }

    /// The command under test.
    pub(crate) fn command(&self) -> Command {
        self.isolated(env!("CARGO_BIN_EXE_codex-turns").as_ref())
    }

    /// The command under test with the real Codex, which asks this server.
    pub(crate) fn with_real_codex(&self, server: &ModelServer) -> Command {
        let codex = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        let mut command = self.command();
        command.env("CODEX_PATH", codex).envs(server.settings().environment.iter().cloned());
        command.env("CODEX_HOME", self.path("codex-home"));
        command
    }

    /// The same with the words of a command that runs turns, which may do what they like.
    pub(crate) fn real_turns(&self, server: &ModelServer, words: &[&str]) -> Command {
        let mut command = self.with_real_codex(server);
        command.args(words).args(server.settings().arguments()).args(["-s", "danger-full-access"]);
        command
    }

    fn isolated(&self, program: &OsStr) -> Command {
        let mut command = new_command(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path("home"))
            .env("CODEX_HOME", self.path("codex-home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("TMPDIR", self.path("tmp"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command
    }

    /// Runs `codex-turns ARGUMENTS`.
    pub(crate) fn turns<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        Ran::from(self.command().args(arguments).output().unwrap())
    }

    /// Runs `codex-turns run ARGUMENTS` with the fake.
    pub(crate) fn run(&self, fake: &FakeCodex, arguments: &[&str]) -> Ran {
        Ran::from(self.command().env("CODEX_PATH", fake.path()).arg("run").args(arguments).output().unwrap())
    }

    /// Runs a turn that changes `hello.txt` and adds `new.txt`, with a prompt and these flags.
    pub(crate) fn work_turn(&self, flags: &[&str]) -> Ran {
        self.run(&FakeCodex::new(working()), &[flags, &["do it"]].concat())
    }

    pub(crate) fn manifest(&self, turn: u32) -> Value {
        serde_json::from_str(&self.read(&format!("{LEDGER}/turns/{turn}/manifest.json"))).unwrap()
    }

    pub(crate) fn artifact(&self, turn: u32, name: &str) -> String {
        self.read(&format!("{LEDGER}/turns/{turn}/{name}"))
    }

    /// Nothing is wrong with the ledger at this level.
    pub(crate) fn assert_verified(&self, flags: &[&str]) {
        let ran = self.turns(&[&["ledger", "verify"], flags].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    /// The lines of the index behind its header.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.read(&format!("{LEDGER}/turns_index.csv")).lines().skip(1).map(str::to_owned).collect()
    }

    /// Text with what differs from run to run replaced.
    pub(crate) fn anonymous(&self, text: &str) -> String {
        let real = fs::canonicalize(self.root.path()).unwrap();
        text.replace(&real.display().to_string(), "SCRATCH")
            .replace(&self.state.path().display().to_string(), "SCRATCH/state")
    }

    /// Whether a file is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.work(name).exists()
    }
}

/// Changes `hello.txt`, adds `new.txt`, and says so.
pub(crate) fn working() -> FakeScript {
    FakeScript::new()
        .write_file("hello.txt", "hello\nworld\n")
        .write_file("new.txt", "new\n")
        .then(FakeScript::completed_turn("It is done."))
}

/// Begins a turn and says so, without an end.
pub(crate) fn begun() -> FakeScript {
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .reach("begun")
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The files below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}
