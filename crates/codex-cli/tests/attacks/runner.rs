//! [`Runner`]: plays the jobs of a workflow as a build service does, in folders of its own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::{Ran, new_command};

/// The token of a job with rights to write.
pub(crate) const WRITE_TOKEN: &str = "ghs_wr1te-t0ken-of-the-job";
/// The token of every other job.
pub(crate) const READ_TOKEN: &str = "ghs_re4d-t0ken-of-the-job";
/// The key of the service.
pub(crate) const API_KEY: &str = "sk-4pi-key-0f-the-secrets";

/// Plays one workflow on a repository of its own.
///
/// Steps run under `bash` with what the service hands them; `sudo`, `npm`, `cargo` and `gh` are programs of ours. The
/// folder is outside of `/tmp`, which an agent in its sandbox may write to, as the folders of the service are.
pub(crate) struct Runner {
    root: tempfile::TempDir,
    workflow: Value,
    /// Values of expressions, without the `${{ }}` around them.
    values: BTreeMap<String, String>,
}

/// How a job ended.
#[derive(Debug)]
pub(crate) struct Job {
    /// Whether all steps succeeded.
    pub(crate) succeeded: bool,
    /// What the steps printed.
    pub(crate) log: String,
}

impl Runner {
    /// Takes a workflow of `docs/workflows`, and as Codex the program that this script is.
    pub(crate) fn new(workflow: &str, codex: &str) -> Self {
        let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for folder in ["bin", "home/codex", "jobs", "artifacts", "stolen", "server"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/workflows");
        let text = fs::read_to_string(docs.join(workflow)).unwrap();
        let runner =
            Self { workflow: serde_yaml_ng::from_str(&text).unwrap(), values: BTreeMap::new(), root };
        symlink(env!("CARGO_BIN_EXE_codex-turns"), runner.path("bin/codex-turns")).unwrap();
        runner.program("codex", codex);
        runner.program("sudo", "exit 0");
        // Installs by the lock file and runs no script of a package.
        runner.program(
            "npm",
            "[ \"$*\" = 'ci --ignore-scripts --prefix codex' ] && [ -f codex/package-lock.json ] || exit 9
             mkdir -p codex/node_modules/.bin && ln -s \"$(dirname \"$0\")/codex\" codex/node_modules/.bin/codex",
        );
        // Installs from a tag, and nowhere near a repository; the tests pass once the project says so.
        runner.program(
            "cargo",
            "case \"$1\" in
               install) case \"$*\" in *--locked*--tag\\ v*) ;; *) exit 9 ;; esac
                 [ \"${PWD##*/}\" = temp ] ;;
               fetch) ;;
               test) grep -q green state.txt ;;
               *) exit 9 ;;
             esac",
        );
        runner.program(
            "gh",
            "case \"$1\" in
               auth) ;;
               *) echo \"$*\" >> ROOT/gh.log; [ -z \"$GH_TOKEN\" ] || echo has-token >> ROOT/gh.log
                  while [ $# -gt 0 ]; do [ \"$1\" = --body-file ] && cat \"$2\" >> ROOT/gh.log; shift; done ;;
             esac",
        );
        runner
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let text = format!("#!/bin/bash\n{}\n", script.replace("ROOT", &self.path("").display().to_string()));
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets what an expression is.
    pub(crate) fn set(&mut self, expression: &str, value: &str) {
        self.values.insert(expression.to_owned(), value.to_owned());
    }

    /// Has the last step of a job run at the end of another one, with the same rights.
    pub(crate) fn move_last_step(&mut self, from: &str, to: &str) {
        let job = self.workflow["jobs"][from].clone();
        let last = job["steps"].as_array().unwrap().last().unwrap().clone();
        self.workflow["jobs"][to]["permissions"] = job["permissions"].clone();
        self.workflow["jobs"][to]["steps"].as_array_mut().unwrap().push(last);
    }

    /// Runs git in a folder; says what it printed.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = self.command("git", &self.path(folder));
        let ran = Ran::from(command.args(arguments).output().unwrap());
        assert_eq!(ran.code, Some(0), "git {arguments:?}: {ran:?}");
        ran.stdout.trim_end().to_owned()
    }

    /// Runs the command under test in a folder.
    pub(crate) fn turns(&self, folder: &str, arguments: &[&str]) {
        let ran =
            Ran::from(self.command("codex-turns", &self.path(folder)).args(arguments).output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = new_command(program.as_ref());
        command
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("CODEX_HOME", self.path("home/codex"))
            .env("XDG_STATE_HOME", self.path("home/state"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@localhost")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@localhost")
            .current_dir(folder);
        command
    }

    /// Runs a job.
    pub(crate) fn job(&mut self, name: &str) -> Job {
        let job = self.workflow["jobs"][name].clone();
        assert!(job.is_object(), "no job {name}");
        let can_write = [&self.workflow["permissions"], &job["permissions"]].iter().any(|permissions| {
            permissions.as_object().into_iter().flatten().any(|(_, right)| right == "write")
        });
        let folder = self.path("jobs").join(name);
        for inner in ["work", "temp"] {
            fs::create_dir_all(folder.join(inner)).unwrap();
        }
        for file in ["path", "env", "output"] {
            fs::write(folder.join(file), "").unwrap();
        }
        self.set("github.token", if can_write { WRITE_TOKEN } else { READ_TOKEN });
        self.set("secrets.CODEX_API_KEY", API_KEY);
        self.set("runner.temp", &folder.join("temp").display().to_string());
        self.set("runner.os", "Linux");
        let mut log = String::new();
        for step in job["steps"].as_array().unwrap() {
            let ended = match (step["uses"].as_str(), step["run"].as_str()) {
                (Some(action), None) => self.action(action, &step["with"], &folder),
                (None, Some(script)) => self.script(script, step, &folder),
                _ => panic!("no step: {step}"),
            };
            log = format!("{log}== {step}\n{ended:?}\n");
            if ended.code != Some(0) {
                return Job { succeeded: false, log };
            }
        }
        Job { succeeded: true, log }
    }

    fn script(&self, script: &str, step: &Value, job: &Path) -> Ran {
        let work = job.join("work");
        let folder = step["working-directory"].as_str().map_or(work.clone(), |at| work.join(self.filled(at)));
        let mut command = self.command("bash", &folder);
        let added = fs::read_to_string(job.join("path")).unwrap();
        let own = self.path("bin").display().to_string();
        let path: Vec<&str> =
            added.lines().rev().chain([own.as_str(), "/usr/local/bin", "/usr/bin", "/bin"]).collect();
        command.env("PATH", path.join(":"));
        for line in fs::read_to_string(job.join("env")).unwrap().lines() {
            if let Some((name, value)) = line.split_once('=') {
                command.env(name, value);
            }
        }
        for env in [&self.workflow["env"], &step["env"]] {
            for (name, value) in env.as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), |text| self.filled(text));
                command.env(name, value);
            }
        }
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", &work)
            .env("GITHUB_REPOSITORY", "ada/project")
            .env("GITHUB_SERVER_URL", format!("file://{}", self.path("server").display()))
            .env("GITHUB_PATH", job.join("path"))
            .env("GITHUB_ENV", job.join("env"))
            .env("GITHUB_OUTPUT", job.join("output"))
            .env("RUNNER_TEMP", job.join("temp"))
            .env("STOLEN", self.path("stolen"));
        let script = self.filled(script);
        Ran::from(command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script]).output().unwrap())
    }

    /// Does what an action does, or nothing where that only saves time.
    fn action(&self, action: &str, with: &Value, job: &Path) -> Ran {
        let given = |name: &str| with[name].as_str().map(|text| self.filled(text));
        let copy = |from: &Path, to: &Path| {
            fs::create_dir_all(to).unwrap();
            let mut command = self.command("cp", job);
            Ran::from(command.arg("-r").arg(from.join(".")).arg(to).output().unwrap())
        };
        match action.split('@').next().unwrap() {
            "actions/checkout" => {
                assert_eq!(with["persist-credentials"], false, "the token would be in .git/config");
                let folder = job.join("work").join(given("path").unwrap_or_default());
                let server = format!("file://{}", self.path("server/ada/project").display());
                let mut clone = self.command("git", job);
                let ran = Ran::from(clone.args(["clone", "-q", &server]).arg(&folder).output().unwrap());
                assert_eq!(ran.code, Some(0), "{ran:?}");
                let commit = given("ref").unwrap_or_else(|| "HEAD".to_owned());
                let mut checkout = self.command("git", &folder);
                Ran::from(checkout.args(["checkout", "-q", "--detach", &commit]).output().unwrap())
            }
            "actions/upload-artifact" => {
                copy(Path::new(&given("path").unwrap()), &self.path("artifacts").join(given("name").unwrap()))
            }
            "actions/download-artifact" => {
                copy(&self.path("artifacts").join(given("name").unwrap()), Path::new(&given("path").unwrap()))
            }
            "actions/cache" => Ran { code: Some(0), stdout: String::new(), stderr: String::new() },
            other => panic!("nobody plays {other}"),
        }
    }

    /// The text with its expressions replaced.
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${{") {
            let (expression, after) = behind.split_once("}}").unwrap();
            let value = self.values.get(expression.trim());
            filled.push_str(before);
            filled.push_str(value.unwrap_or_else(|| panic!("nobody knows {expression}")));
            rest = after;
        }
        filled + rest
    }

    /// The files below the folder that hold a text.
    pub(crate) fn holding(&self, text: &str) -> String {
        let mut grep = self.command("grep", self.root.path());
        let ran = Ran::from(grep.args(["-rlaF", "--exclude-dir=bin", text, "."]).output().unwrap());
        ran.stdout
    }
}
