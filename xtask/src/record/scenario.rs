//! [`Scenario`]: what to record, as the files of `fixtures/scenarios` say it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use codex_fixtures::{PINNED_CODEX_VERSION, Script};
use serde::Deserialize;

/// Codex takes no longer prompt.
const PROMPT_LIMIT_CHARACTERS: usize = 1_048_576;
/// Keys of a scenario that are the model's script.
const SCRIPT_KEYS: [&str; 5] = ["reply", "route", "capture", "websocket_status", "anonymous"];

#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) setup: Setup,
    pub(crate) script: Script,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in a scenario file")]
pub(crate) struct Setup {
    /// What the scenario shows, in a sentence.
    pub(crate) about: String,
    /// The releases it is recorded with.
    #[serde(default = "pinned")]
    pub(crate) versions: Vec<String>,
    #[serde(default = "sandbox")]
    pub(crate) sandbox: String,
    /// Another model than the server's settings name.
    #[serde(default)]
    pub(crate) model: Option<String>,
    /// Options of `codex exec`, for every step.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// Options that only some releases need.
    #[serde(default)]
    pub(crate) arguments_for: BTreeMap<String, Vec<String>>,
    /// `-c` settings, for every step.
    #[serde(default)]
    pub(crate) config: Vec<String>,
    /// Gives Codex the MCP server `host`, started with these arguments.
    #[serde(default)]
    pub(crate) mcp: Option<Vec<String>>,
    /// Files of the scratch repository, committed before the first step.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// Files of the Codex home.
    #[serde(default)]
    pub(crate) home: BTreeMap<String, String>,
    /// Leaves the working directory without a repository.
    #[serde(default)]
    pub(crate) no_repository: bool,
    /// Keeps the rollout of the thread too.
    #[serde(default)]
    pub(crate) rollout: bool,
    /// The order of lines is not the same in every run.
    #[serde(default)]
    pub(crate) unordered: bool,
    /// Not every reply of the script is asked for.
    #[serde(default)]
    pub(crate) unused_replies: bool,
    /// Makes sense with a real account: the prompt asks for what the script does.
    #[serde(default)]
    pub(crate) live: bool,
    /// The processes, one after the other.
    #[serde(default = "one_step", rename = "step")]
    pub(crate) steps: Vec<ScenarioStep>,
}

/// One start of Codex.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScenarioStep {
    pub(crate) prompt: Option<String>,
    pub(crate) arguments: Vec<String>,
    /// A subcommand with its arguments; `${THREAD}` is the thread of the first step.
    pub(crate) subcommand: Vec<String>,
    /// Gives nothing on standard input and no `-`.
    pub(crate) no_prompt: bool,
    /// Waits for this before it acts.
    pub(crate) after: Option<Trigger>,
    /// Sends this signal, such as `INT`, when the trigger has come.
    pub(crate) signal: Option<String>,
    /// Processes to run to their end when the trigger has come.
    pub(crate) meanwhile: Vec<ScenarioStep>,
    /// Releases held replies when the trigger has come.
    pub(crate) release: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    /// A text has been printed.
    Line(String),
    /// So many model calls have arrived.
    Requests(usize),
}

impl Scenario {
    /// Reads every scenario of the folder, ordered by name.
    pub(crate) fn all(folder: &Path) -> Result<Vec<Self>> {
        let mut scenarios = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let text = text
                .replace("${LONG}", &"all work and no play ".repeat(5_000))
                .replace("${LONG_PROMPT}", &"x".repeat(PROMPT_LIMIT_CHARACTERS + 1));
            let tables: BTreeMap<String, toml::Table> =
                toml::from_str(&text).with_context(|| format!("no scenarios in {}", path.display()))?;
            for (name, table) in tables {
                let scenario = Self::new(&name, table)
                    .with_context(|| format!("scenario {name} of {}", path.display()))?;
                scenarios.push(scenario);
            }
        }
        scenarios.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(scenarios)
    }

    /// How many processes it starts.
    pub(crate) fn processes(&self) -> usize {
        self.setup.steps.iter().map(|step| 1 + step.meanwhile.len()).sum()
    }

    fn new(name: &str, mut table: toml::Table) -> Result<Self> {
        let mut script = toml::Table::new();
        for key in SCRIPT_KEYS {
            if let Some(value) = table.remove(key) {
                script.insert(key.to_owned(), value);
            }
        }
        Ok(Self { name: name.to_owned(), setup: table.try_into()?, script: script.try_into()? })
    }
}

fn pinned() -> Vec<String> {
    vec![PINNED_CODEX_VERSION.to_owned()]
}

/// Commands behave the same on every machine without a sandbox.
fn sandbox() -> String {
    "danger-full-access".to_owned()
}

fn one_step() -> Vec<ScenarioStep> {
    vec![ScenarioStep::default()]
}
