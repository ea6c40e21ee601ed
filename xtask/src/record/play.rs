//! [`Play`]: one scenario run with a real Codex, process after process.

use std::cell::{Cell, OnceCell};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::{CodexSettings, ModelServer, StreamMeta};

use super::child::{Child, ChildOutput, signal};
use super::scenario::{Scenario, ScenarioStep};
use super::scratch::Scratch;
use super::substitute::Substitutions;
use crate::process::command;

const PROMPT: &str = "Do what is to be done.";
/// A longer prompt is not kept, only its length.
const LONG_PROMPT_BYTES: usize = 10_000;
const FIRST_LINE: &str = "{\"type\":\"thread.started\",\"thread_id\":\"";
const TERMINAL_EVENTS: [&str; 2] = ["turn.completed", "turn.failed"];

/// What one process has left behind, substituted.
#[derive(Debug)]
pub(crate) struct PlayedProcess {
    pub(crate) name: String,
    pub(crate) stream: String,
    pub(crate) meta: StreamMeta,
}

impl PlayedProcess {
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
pub(crate) struct PlayedTurn {
    pub(crate) recordings: Vec<PlayedProcess>,
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

/// Runs the scenario and returns what its processes printed.
pub(crate) fn record(bench: &Bench, scenario: &Scenario) -> Result<PlayedTurn> {
    let scratch = Scratch::new(scenario)?;
    let play = Play::new(bench, scenario, &scratch)?;
    let mut substitutions =
        Substitutions::new(&scratch.work, &scratch.codex_home, &scratch.home, &bench.probe);
    let mut recorded = PlayedTurn::default();
    for step in &scenario.setup.steps {
        play.step(step, &mut substitutions, &mut recorded.recordings)?;
    }
    play.check_server()?;
    if scenario.setup.rollout && !bench.live {
        recorded.rollout = Some(substitutions.apply_to_rollout(&scratch.rollout()?));
    }
    Ok(recorded)
}

struct Play<'a> {
    bench: &'a Bench,
    scenario: &'a Scenario,
    scratch: &'a Scratch,
    server: Option<ModelServer>,
    settings: Option<CodexSettings>,
    thread: OnceCell<String>,
    started: Cell<usize>,
}

impl<'a> Play<'a> {
    fn new(bench: &'a Bench, scenario: &'a Scenario, scratch: &'a Scratch) -> Result<Self> {
        let script = scenario.script.clone().for_release(&bench.version);
        let server =
            if bench.live { None } else { Some(ModelServer::start(script).context("no model server")?) };
        let settings = server.as_ref().map(|server| {
            let mut settings = server.settings_for_release(&bench.version).home(&scratch.codex_home);
            if let Some(model) = &scenario.setup.model {
                settings.model.clone_from(model);
            }
            settings
        });
        let (thread, started) = (OnceCell::new(), Cell::new(0));
        Ok(Self { bench, scenario, scratch, server, settings, thread, started })
    }

    /// Runs one process, and others while it runs if the step says so.
    fn step(
        &self,
        step: &ScenarioStep,
        substitutions: &mut Substitutions,
        recordings: &mut Vec<PlayedProcess>,
    ) -> Result<()> {
        let name = self.next_name();
        let prompt = if step.no_prompt { "" } else { step.prompt.as_deref().unwrap_or(PROMPT) };
        let arguments = self.arguments(step);
        let mut codex = command(&self.bench.codex);
        codex.args(&arguments).current_dir(&self.scratch.work);
        if let Some(settings) = &self.settings {
            codex
                .env_clear()
                .env("PATH", "/usr/local/bin:/usr/bin:/bin")
                .env("LANG", "C.UTF-8")
                .env("HOME", &self.scratch.home)
                .envs(settings.environment.iter().map(|(name, value)| (name, value)));
        }
        let child = Child::start(codex, prompt)?;
        let outcome = child
            .finish(step.after.as_ref(), self.server.as_ref(), |pid| {
                if let Some(signal_name) = &step.signal {
                    signal(&pid.to_string(), signal_name);
                }
                for other in &step.meanwhile {
                    self.step(other, substitutions, recordings)?;
                }
                if step.release
                    && let Some(server) = &self.server
                {
                    server.release();
                }
                Ok(())
            })
            .with_context(|| name.clone())?;
        let stream = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let id = stream.strip_prefix(FIRST_LINE).and_then(|rest| rest.split('"').next());
        if let Some(id) = id {
            self.thread.get_or_init(|| id.to_owned());
        }
        // The stream first: its ids count up in the order of its lines.
        let stream = substitutions.apply(&stream);
        let mut meta = self.meta(step, prompt, &outcome, &stream);
        meta.arguments = arguments.iter().map(|argument| substitutions.apply(argument)).collect();
        meta.stderr = substitutions.apply(&worth_reading(&outcome.stderr));
        recordings.push(PlayedProcess { name, stream, meta });
        Ok(())
    }

    /// Processes are numbered in the order of their starts, where there are several.
    fn next_name(&self) -> String {
        self.started.set(self.started.get() + 1);
        let name = &self.scenario.name;
        if self.scenario.processes() == 1 { name.clone() } else { format!("{name}_{}", self.started.get()) }
    }

    fn arguments(&self, step: &ScenarioStep) -> Vec<String> {
        let setup = &self.scenario.setup;
        let mut arguments = vec!["exec".to_owned(), "--json".to_owned()];
        if let Some(settings) = &self.settings {
            arguments.extend(settings.arguments());
        }
        // A script does what it says; a real model does what it wants.
        let sandbox = if self.bench.live { "workspace-write" } else { &setup.sandbox };
        if !sandbox.is_empty() {
            arguments.extend(["--sandbox".to_owned(), sandbox.to_owned()]);
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
        text.replace("${WORK}", &self.scratch.work.display().to_string())
            .replace("${THREAD}", self.thread.get().map_or("no-thread", String::as_str))
            .replace("${BASE_URL}", &self.server.as_ref().map(ModelServer::base_url).unwrap_or_default())
    }

    fn meta(&self, step: &ScenarioStep, prompt: &str, outcome: &ChildOutput, stream: &str) -> StreamMeta {
        let last = stream.lines().last().unwrap_or_default();
        let ends_with = |kind: &&&str| last.contains(&format!("\"type\":\"{kind}\""));
        let mut meta = StreamMeta::default();
        meta.about.clone_from(&self.scenario.setup.about);
        meta.prompt = match prompt.len() {
            ..=LONG_PROMPT_BYTES => prompt.to_owned(),
            long => format!("[{long} bytes]"),
        };
        meta.sent_signal.clone_from(&step.signal);
        meta.exit_code = outcome.status.code();
        meta.signal = outcome.status.signal();
        meta.terminal = TERMINAL_EVENTS.iter().find(ends_with).map(ToString::to_string);
        meta.unordered = self.scenario.setup.unordered;
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
