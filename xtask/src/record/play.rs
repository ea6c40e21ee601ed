//! [`Play`]: one scenario run with a real Codex, process after process, in a scratch repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::{CodexSettings, ModelServer, StreamMeta};

use super::child::{Child, Outcome};
use super::scenario::{Scenario, Step};
use super::substitute::Substitutions;
use crate::process::{command, workspace_root};

const PROMPT: &str = "Do what is to be done.";
/// A longer prompt is not kept, only its length.
const LONG_PROMPT_BYTES: usize = 10_000;
const FIRST_LINE: &str = "{\"type\":\"thread.started\",\"thread_id\":\"";

/// What one process has left behind, substituted.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) stream: String,
    pub(crate) meta: StreamMeta,
}

impl Recording {
    /// How it ended, for people.
    pub(crate) fn end(&self) -> String {
        let terminal = self.meta.terminal.as_deref().unwrap_or("no terminal event");
        let end = match (self.meta.exit_code, self.meta.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no end".to_owned(),
        };
        format!("{} lines, {terminal}, {end}", self.stream.lines().count())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) recordings: Vec<Recording>,
    pub(crate) rollout: Option<String>,
}

/// What all recordings of one release share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) version: String,
    pub(crate) codex: PathBuf,
    pub(crate) probe: PathBuf,
    /// Uses the caller's own account instead of a script.
    pub(crate) live: bool,
}

struct Play<'a> {
    bench: &'a Bench,
    scenario: &'a Scenario,
    settings: Option<CodexSettings>,
    server: Option<ModelServer>,
    home: PathBuf,
    work: PathBuf,
    thread: Option<String>,
}

/// Runs the scenario and returns what its processes printed.
pub(crate) fn record(bench: &Bench, scenario: &Scenario) -> Result<Recorded> {
    // Not below the temporary folder: Codex says so on stderr, and sandboxed commands may write there.
    let parent = if scenario.setup.no_repository {
        std::env::temp_dir()
    } else {
        workspace_root().join("target").join("recordings")
    };
    fs::create_dir_all(&parent)?;
    let scratch = tempfile::Builder::new().prefix(&format!("{}-", scenario.name)).tempdir_in(&parent)?;
    let home = scratch.path().to_owned();
    let (work, codex_home) = (home.join("project"), home.join(".codex"));
    fs::create_dir_all(&codex_home)?;
    fs::create_dir_all(&work)?;
    prepare(scenario, &codex_home, &work)?;
    let server = if bench.live {
        None
    } else {
        Some(
            ModelServer::start(scenario.script.clone().for_release(&bench.version))
                .context("no model server")?,
        )
    };
    let mut settings =
        server.as_ref().map(|server| server.settings_for_release(&bench.version).home(&codex_home));
    if let (Some(settings), Some(model)) = (&mut settings, &scenario.setup.model) {
        settings.model.clone_from(model);
    }
    let mut substitutions = Substitutions::new(&work, &codex_home, &home, &bench.probe);
    let mut play = Play { bench, scenario, settings, server, home, work, thread: None };
    let mut recorded = Recorded::default();
    let steps = &scenario.setup.steps;
    for (index, step) in steps.iter().enumerate() {
        let name =
            if steps.len() == 1 { scenario.name.clone() } else { format!("{}_{}", scenario.name, index + 1) };
        let recording =
            play.step(name, step, &mut substitutions).with_context(|| format!("step {}", index + 1))?;
        recorded.recordings.push(recording);
    }
    play.check_server()?;
    if scenario.setup.rollout {
        let path = rollout(&codex_home.join("sessions")).context("codex has left no rollout")?;
        recorded.rollout = Some(substitutions.apply_to_rollout(&fs::read_to_string(path)?));
    }
    Ok(recorded)
}

impl Play<'_> {
    fn step(&mut self, name: String, step: &Step, substitutions: &mut Substitutions) -> Result<Recording> {
        let prompt = if step.no_prompt { "" } else { step.prompt.as_deref().unwrap_or(PROMPT) };
        let arguments = self.arguments(step);
        let mut codex = command(&self.bench.codex);
        codex.args(&arguments).current_dir(&self.work);
        if let Some(settings) = &self.settings {
            codex
                .env_clear()
                .env("PATH", "/usr/local/bin:/usr/bin:/bin")
                .env("LANG", "C.UTF-8")
                .env("HOME", &self.home)
                .envs(settings.environment.iter().map(|(name, value)| (name, value)));
        }
        let outcome = Child::start(codex, prompt)?.finish(step, self.server.as_ref())?;
        let stream = String::from_utf8_lossy(&outcome.stdout).into_owned();
        if self.thread.is_none() {
            let rest = stream.strip_prefix(FIRST_LINE);
            self.thread = rest.and_then(|rest| rest.split('"').next()).map(str::to_owned);
        }
        // The stream first: its ids count up in the order of its lines.
        let stream = substitutions.apply(&stream);
        let meta = self.meta(step, &arguments, prompt, &outcome, &stream, substitutions);
        Ok(Recording { name, stream, meta })
    }

    fn arguments(&self, step: &Step) -> Vec<String> {
        let setup = &self.scenario.setup;
        let mut arguments = vec!["exec".to_owned(), "--json".to_owned()];
        if let Some(settings) = &self.settings {
            arguments.extend(settings.arguments());
        }
        if !setup.sandbox.is_empty() {
            arguments.extend(["--sandbox".to_owned(), setup.sandbox.clone()]);
        }
        let mut config = setup.config.clone();
        if let Some(probe_arguments) = &setup.mcp {
            config.push(format!("mcp_servers.host.command=\"{}\"", self.bench.probe.display()));
            config.push(format!("mcp_servers.host.args={probe_arguments:?}"));
        }
        arguments.extend(config.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        arguments.extend(setup.arguments_for.get(&self.bench.version).into_iter().flatten().cloned());
        arguments.extend(setup.arguments.iter().chain(&step.arguments).chain(&step.subcommand).cloned());
        if !step.no_prompt {
            arguments.push("-".to_owned());
        }
        arguments.iter().map(|argument| self.fill(argument)).collect()
    }

    fn fill(&self, text: &str) -> String {
        text.replace("${WORK}", &self.work.display().to_string())
            .replace("${THREAD}", self.thread.as_deref().unwrap_or("no-thread"))
            .replace("${BASE_URL}", &self.server.as_ref().map(ModelServer::base_url).unwrap_or_default())
    }

    fn meta(
        &self,
        step: &Step,
        arguments: &[String],
        prompt: &str,
        outcome: &Outcome,
        stream: &str,
        substitutions: &mut Substitutions,
    ) -> StreamMeta {
        let terminals = ["turn.completed", "turn.failed"];
        let last = stream.lines().last().unwrap_or_default();
        let mut meta = StreamMeta::default();
        meta.about.clone_from(&self.scenario.setup.about);
        meta.arguments = arguments.iter().map(|argument| substitutions.apply(argument)).collect();
        meta.prompt = match prompt.len() {
            ..=LONG_PROMPT_BYTES => prompt.to_owned(),
            long => format!("[{long} bytes]"),
        };
        meta.sent_signal.clone_from(&step.signal);
        meta.exit_code = outcome.status.code();
        meta.signal = std::os::unix::process::ExitStatusExt::signal(&outcome.status);
        meta.terminal = terminals
            .iter()
            .find(|kind| last.contains(&format!("\"type\":\"{kind}\"")))
            .map(ToString::to_string);
        meta.unordered = self.scenario.setup.unordered;
        meta.stderr = substitutions.apply(&worth_reading(&outcome.stderr));
        meta
    }

    fn check_server(&self) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let problems = server.problems();
        ensure!(problems.is_empty(), "the model server met problems: {}", problems.join("; "));
        if !self.scenario.setup.unused_replies && server.unused_replies() > 0 {
            bail!("{} replies of the script were never asked for", server.unused_replies());
        }
        Ok(())
    }
}

fn prepare(scenario: &Scenario, codex_home: &Path, work: &Path) -> Result<()> {
    let work_name = work.display().to_string();
    for (folder, files) in [(work, &scenario.setup.files), (codex_home, &scenario.setup.home)] {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, text.replace("${WORK}", &work_name))?;
        }
    }
    if scenario.setup.no_repository {
        return Ok(());
    }
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--allow-empty", "--message=start"],
    ] {
        let status = command("git")
            .args(["-c", "user.name=user", "-c", "user.email=user@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(work)
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
            .stdin(Stdio::null())
            .status()
            .context("cannot start git")?;
        ensure!(status.success(), "git {} failed", arguments.join(" "));
    }
    Ok(())
}

/// Leaves out tracing lines and what every run says.
fn worth_reading(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let is_routine = |line: &&str| {
        let plain = line.trim_start_matches("\u{1b}[2m");
        let is_trace = plain.len() > 20 && plain.as_bytes()[4] == b'-' && plain.as_bytes()[10] == b'T';
        is_trace || line.starts_with("Reading prompt from stdin") || line.trim().is_empty()
    };
    let kept: Vec<&str> = text.lines().filter(|line| !is_routine(line)).take(20).collect();
    kept.join("\n")
}

/// The newest file below the folder.
fn rollout(folder: &Path) -> Option<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().next()
}
