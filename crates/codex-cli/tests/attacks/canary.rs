//! A key in the environment, and every command: no git, no check, no hook, no file and no log gets it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_fixtures::{Attack, FakeCodex, FakeCodexBuilder, FakeScript};

use crate::programs::write_program;
use crate::project::{LEDGER, Project, Ran, working};

const KEY: &str = "canary-0d9c41b6-v4lue";
const PROXY_PASSWORD: &str = "pr0xy-canary-77ab";
const TOKEN: &str = "canary-token-2f6e81-v4lue";
const DECLARED: &str = "declared-canary-88c1";

/// The secrets of this person, each in a variable of its own kind.
fn with_secrets(command: &mut Command) -> &mut Command {
    command
        .env("CODEX_API_KEY", KEY)
        .env("OPENAI_API_KEY", format!("{KEY}-too"))
        .env("DEPLOY_TOKEN", TOKEN)
        .env("HTTPS_PROXY", format!("http://ada:{PROXY_PASSWORD}@localhost:1"))
        .env("PLAIN_NAME", DECLARED)
        .env("CODEX_TURNS_LEDGER_REDACT_VARIABLES", "PLAIN_NAME")
        .env("CODEX_TURNS_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
}

const SECRETS: [&str; 4] = [KEY, PROXY_PASSWORD, TOKEN, DECLARED];

fn secrets_in(bytes: &[u8]) -> Vec<&'static str> {
    let has = |secret: &&str| memchr::memmem::find(bytes, secret.as_bytes()).is_some();
    SECRETS.into_iter().filter(|secret| has(secret)).collect()
}

/// A project with a witness in each place from which a child of ours could be started: `git` first on `PATH`, hooks, a
/// check of each kind. Each appends its arguments and its environment to `seen/NAME`.
struct Witnessed {
    project: Project,
    path: String,
}

impl Witnessed {
    fn new() -> Self {
        let project = Project::recorded();
        let seen = project.path("seen");
        fs::create_dir(&seen).unwrap();
        let witness = |name: &str| format!("{{ echo \"$0 $*\"; env; }} >> '{}/{name}'", seen.display());
        let git = "/usr/local/bin:/usr/bin:/bin".split(':').map(|folder| Path::new(folder).join("git"));
        let git = git.into_iter().find(|git| git.is_file()).expect("git is installed");
        let wrapper = format!("#!/bin/sh\n{}\nexec '{}' \"$@\"\n", witness("git"), git.display());
        write_program(&project.path("bin/git"), &wrapper);
        let check =
            |name: &str| format!("[{name}]\ncommand = 'cat /proc/self/environ; env > {name}-seen; true'\n");
        project.write("codex-turns.toml", &["tests", "lint", "coverage"].map(check).concat());
        project.write(".gitignore", "*-seen\n");
        project.commit("settings");
        // After the commit of this test, which would run them.
        for hook in HOOKS {
            let text = format!("#!/bin/sh\n{}\n", witness("hook"));
            write_program(&project.work(".git/hooks").join(hook), &text);
        }
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", project.path("bin").display());
        Self { project, path }
    }

    /// Runs a command with the secrets and a fake Codex, which writes files and completes.
    fn run(&self, words: &[&str], scripts: &[FakeScript]) -> Ran {
        let fake = scripts.iter().cloned().fold(FakeCodex::builder(), FakeCodexBuilder::start);
        let fake = fake.build();
        let mut command = self.project.command();
        let command = with_secrets(command.env("PATH", &self.path).env("CODEX_PATH", fake.path()));
        Ran::from(command.args(words).output().unwrap())
    }

    /// Every file that has a secret in it, objects of git included, and what was witnessed.
    fn leaks(&self) -> Vec<String> {
        let root = fs::canonicalize(self.project.path("")).unwrap();
        let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap().flatten() {
                let path = entry.path();
                let kind = entry.file_type().unwrap();
                // What Codex keeps of a thread is Codex's own.
                if kind.is_dir() && path != root.join("codex-home") {
                    folders.push(path);
                } else if kind.is_file() {
                    let secrets = secrets_in(&fs::read(&path).unwrap());
                    let name = path.strip_prefix(&root).unwrap().display().to_string();
                    found.extend((!secrets.is_empty()).then(|| format!("{name}: {secrets:?}")));
                }
            }
        }
        let objects = self.project.git_bytes(&["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
        found.extend(secrets_in(&objects).into_iter().map(|secret| format!("objects of git: {secret}")));
        found
    }
}

const HOOKS: [&str; 8] = [
    "pre-commit",
    "post-commit",
    "commit-msg",
    "pre-push",
    "reference-transaction",
    "post-index-change",
    "post-checkout",
    "pre-auto-gc",
];

/// Every command with the words that make it do its work, in an order in which it can.
fn commands() -> Vec<(&'static str, Vec<FakeScript>)> {
    let plain = || vec![working()];
    vec![
        ("doctor", Vec::new()),
        ("config", Vec::new()),
        ("trust", Vec::new()),
        ("ledger init", Vec::new()),
        ("run -s workspace-write --result ../result.json -o ../answer it", plain()),
        (
            "run -s workspace-write --git commit it",
            vec![
                FakeScript::new().write_file("more.txt", "more\n").then(FakeScript::completed_turn("Done.")),
            ],
        ),
        ("run --review uncommitted", plain()),
        ("auto -s workspace-write --until env --until true it", plain()),
        ("init", Vec::new()),
        ("pipeline check", Vec::new()),
        ("pipeline run -s workspace-write", vec![working(), working(), working(), working()]),
        ("pipeline resume 99", Vec::new()),
        ("replay 1", Vec::new()),
        ("adr list --json", Vec::new()),
        ("ledger list --json", Vec::new()),
        ("ledger show 1 --log", Vec::new()),
        ("ledger verify --git", Vec::new()),
        ("ledger recover", Vec::new()),
        ("ledger rebuild-index", Vec::new()),
        ("ledger import", Vec::new()),
        ("ledger export ../exported", Vec::new()),
        ("ledger purge 1 logs/llm_prompt.txt --reason canary", Vec::new()),
        ("ledger gc --keep 1", Vec::new()),
        ("completions bash", Vec::new()),
        ("man", Vec::new()),
    ]
}

#[test]
fn a_key_in_the_environment_reaches_no_git_no_check_no_hook_no_file_and_no_log() {
    let _attack = Attack::new(
        "a key, a token, a password of a proxy and a declared variable, in every command",
        "no child but Codex gets them, and no file, log or object of git has them",
    );
    let witnessed = Witnessed::new();
    witnessed.project.trust();
    for (words, scripts) in commands() {
        let words: Vec<&str> = words.split(' ').collect();
        let ran = witnessed.run(&words, &scripts);
        let printed = secrets_in(format!("{ran:?}").as_bytes());
        assert!(printed.is_empty(), "{words:?} prints {printed:?}: {ran:?}");
        assert_eq!(witnessed.leaks(), Vec::<String>::new(), "after {words:?}");
    }
    let git = fs::read_to_string(witnessed.project.path("seen/git")).unwrap();
    assert!(git.contains("write-tree") && git.contains("fast-import"), "git was witnessed");
    assert!(!witnessed.project.path("seen/hook").exists(), "no hook runs");
    for name in ["tests-seen", "lint-seen", "coverage-seen"] {
        let seen = witnessed.project.read(name);
        assert!(seen.contains("PATH="), "the check ran and saw its environment: {seen}");
    }
    let records: Vec<PathBuf> = fs::read_dir(witnessed.project.work(&format!("{LEDGER}/turns")))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(records.len() >= 4, "{records:?}");
}

/// A new command has to be added above, or nobody looks what it does with a key.
#[test]
fn the_canary_meets_every_command() {
    let project = Project::new();
    let listed = |words: &[&str]| -> Vec<String> {
        let ran = project.turns(&[words, &["--help"]].concat());
        let commands = ran.stdout.split("Commands:\n").nth(1).unwrap_or_default().to_owned();
        let lines = commands.lines().take_while(|line| !line.is_empty());
        let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next());
        names.filter(|name| *name != "help").map(str::to_owned).collect()
    };
    let mut known = BTreeSet::new();
    for name in listed(&[]) {
        let below = listed(&[&name]);
        if below.is_empty() {
            known.insert(name);
        } else {
            known.extend(below.into_iter().map(|inner| format!("{name} {inner}")));
        }
    }
    let met: BTreeSet<String> = commands().into_iter().map(|(words, _)| words.to_owned()).collect();
    let missed: Vec<&String> =
        known.iter().filter(|name| !met.iter().any(|words| words.starts_with(*name))).collect();
    assert!(known.len() > 15 && missed.is_empty(), "{missed:?} of {known:?}");
}
