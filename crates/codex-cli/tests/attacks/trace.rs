//! What is opened and started before trust is decided, as the kernel sees it.

use std::fs;

use codex_fixtures::{Attack, FakeCodex, FakeScript};

use crate::process::new_command;
use crate::project::Project;

/// Everything of a worktree that is opened before trust is decided.
const OPENED: [&str; 5] = ["", ".git", ".git/HEAD", ".git/commondir", "codex-turns.toml"];

/// The calls of a command, one line each, with the paths of descriptors.
fn traced(project: &Project, fake: &FakeCodex, words: &[&str]) -> Vec<String> {
    let log = project.path("trace");
    let plain = project.command();
    let mut command = new_command("strace".as_ref());
    command
        .args(["-f", "-y", "-e", "trace=execve,execveat,open,openat,openat2,creat", "-o"])
        .arg(&log)
        .arg("--");
    command.arg(plain.get_program()).args(words);
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("CODEX_PATH", fake.path()).current_dir(plain.get_current_dir().unwrap());
    let output = command.output().unwrap_or_else(|error| {
        panic!("strace does not run ({error}): install it, as with `apt-get install strace`")
    });
    let trace = fs::read_to_string(&log).unwrap_or_default();
    assert!(trace.contains("execve("), "strace cannot trace here: {output:?}");
    trace.lines().map(str::to_owned).collect()
}

/// The path that a call opens, where it is within the worktree.
fn opened<'a>(project: &Project, call: &'a str) -> Option<(String, &'a str)> {
    let work = fs::canonicalize(project.path("work")).unwrap().display().to_string();
    let (_, arguments) = call.split_once("open")?;
    let name = arguments.split('"').nth(1)?;
    let folder =
        arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(folder, _)| folder);
    let whole = if name.starts_with('/') { name.to_owned() } else { format!("{}/{name}", folder?) };
    let below = whole.strip_prefix(&work)?.trim_start_matches('/').trim_end_matches("/.");
    Some((below.to_owned(), call))
}

#[test]
fn nothing_is_started_or_opened_before_trust_is_decided() {
    let _attack = Attack::new(
        "a repository has something in every place that is read before trust",
        "before trust is decided no program starts, and no file is opened but a fixed list",
    );
    let project = Project::recorded();
    let baits = [
        "check.sh",
        "ci/test.sh",
        "Makefile",
        ".env",
        ".env.local",
        ".gitattributes",
        ".gitignore",
        "AGENTS.md",
        ".codex/config.toml",
        ".agents/skills/a/SKILL.md",
        "junit.xml",
        "ai/context/project_context.md",
    ];
    for bait in baits {
        project.write(bait, "bait = 1\n");
    }
    project.write(
        "codex-turns.toml",
        "[tests]\ncommand = \"./check.sh && sh ci/test.sh\"\nreport = \"junit.xml\"\n\
         [ledger]\nclaim = \"remote\"\nremote = \"origin\"\n[ledger.redact]\nfiles = [\"AGENTS.md\"]\n",
    );
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    // Without a ledger git looks at nothing, afterwards neither.
    let review = &["run", "--no-ledger", "--review", "uncommitted"];
    let auto = &["auto", "--no-ledger", "--max-turns", "1", "--until", "true", "do it"];
    let commands = [
        &["run", "--no-ledger", "do it"][..],
        &["run", "do it"],
        review,
        auto,
        &["config"],
        &["trust", "--show"],
    ];
    for words in commands {
        let calls = traced(&project, &fake, words);
        // The record of the store is what decides, and is asked for last.
        let decided = calls.iter().position(|call| call.contains("codex-turns/trust/")).unwrap();
        let before = &calls[..decided];
        let starts: Vec<&String> = before.iter().filter(|call| call.contains("exec")).collect();
        assert_eq!(starts.len(), 1, "{words:?}: the command itself alone: {starts:?}");
        let shows = words[0] == "trust";
        for (path, call) in before.iter().filter_map(|call| opened(&project, call)) {
            // `trust` is asked to look at files.
            assert!(OPENED.contains(&path.as_str()) || shows, "{words:?} opens {path:?}: {call}");
        }
        // A record holds all files as they were before its turn.
        let is_recorded = words == ["run", "do it"];
        let named =
            calls.iter().filter_map(|call| opened(&project, call)).find(|(path, _)| path == "check.sh");
        assert_eq!(
            named.is_some(),
            shows || is_recorded,
            "{words:?}: what an untrusted file names is looked at by `trust` alone"
        );
        // The trace does see what is opened there.
        assert!(
            before
                .iter()
                .any(|call| opened(&project, call).is_some_and(|(path, _)| path == "codex-turns.toml"))
        );
    }
    assert!(!project.has("owned"));
}
