//! A process of its own that runs a turn: the example `lines`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use codex_fixtures::wait_until;

/// Nothing here takes this long; a wait that does has failed.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// A running `lines`; it is killed when this is dropped.
pub(crate) struct Host {
    child: Child,
    scratch: PathBuf,
}

impl Host {
    /// Starts a turn of `codex` with all that it keeps below `scratch`. `wrapper` is what starts it: a shell, `env`, nothing.
    pub(crate) fn start(wrapper: &[&str], codex: &Path, scratch: &Path) -> Self {
        for folder in ["work", "home", "state"] {
            fs::create_dir_all(scratch.join(folder)).unwrap();
        }
        let mut words = wrapper.iter().map(PathBuf::from).chain([lines(), "go".into()]);
        let child = command(&words.next().unwrap())
            .args(words)
            .current_dir(scratch.join("work"))
            .env("CODEX_PATH", codex)
            .env("CODEX_HOME", scratch.join("home"))
            .env("CODEX_API_KEY", "scripted-key")
            .env("XDG_STATE_HOME", scratch.join("state"))
            .env("HOME", scratch)
            .stdin(Stdio::piped())
            .stdout(File::create(scratch.join("out")).unwrap())
            .stderr(File::create(scratch.join("err")).unwrap())
            .spawn()
            .unwrap();
        Self { child, scratch: scratch.to_owned() }
    }

    /// Ends it as nobody can prepare for, and reaps it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn press_enter(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Waits for its end and gives what it said about the end of Codex.
    pub(crate) fn said_at_the_end(&mut self) -> String {
        assert!(wait_until(LONG, || self.child.try_wait().unwrap().is_some()), "it ends");
        fs::read_to_string(self.scratch.join("err")).unwrap()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// The folder in which a host with this scratch folder notes starts.
pub(crate) fn starts_below(scratch: &Path) -> PathBuf {
    scratch.join("state/codex-turns/starts")
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Where the example lies. `cargo test --test NAME` builds no examples, so it is built here, by the same cargo and into the same
/// target directory: where it is there already that takes a moment.
pub(crate) fn lines() -> PathBuf {
    static LINES: OnceLock<PathBuf> = OnceLock::new();
    LINES.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = target.unwrap_or_else(|| panic!("{} lies in no target directory", test.display()));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = command(Path::new(&cargo))
        .args(["build", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--example", "lines"])
        .args(["--message-format", "json-render-diagnostics", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        // The job server of an outer cargo has closed its pipe to us.
        .env_remove("CARGO_MAKEFLAGS")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&built.stdout).lines().find_map(executable);
    told.filter(|_| built.status.success()).unwrap_or_else(|| {
        panic!("cannot build the example `lines`:\n{}", String::from_utf8_lossy(&built.stderr))
    })
}

/// Reads the path of the program out of a message of cargo.
fn executable(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    (message["target"]["name"] == "lines").then_some(())?;
    message["executable"].as_str().map(PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "a host is started without the supervision under test")]
fn command(program: &Path) -> Command {
    Command::new(program)
}
