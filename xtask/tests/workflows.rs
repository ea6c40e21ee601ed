//! The workflows, ours and those to copy, are of the form that GitHub reads.

#![expect(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::path::{Path, PathBuf};

use serde_json::Value;

fn workflows() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = [".github/workflows", "docs/workflows"].map(|folder| root.join(folder).read_dir().unwrap());
    let mut files: Vec<PathBuf> = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    files
}

fn read(text: &str) -> Result<Value, String> {
    serde_yaml_ng::from_str(text).map_err(|error| error.to_string())
}

/// What is wrong with a workflow.
fn complaints(workflow: &Value) -> Vec<String> {
    let missing = ["name", "on", "permissions", "jobs"].into_iter().filter(|key| workflow[key].is_null());
    let mut found: Vec<String> = missing.map(|key| format!("no {key}")).collect();
    for (name, job) in workflow["jobs"].as_object().into_iter().flatten() {
        if !job["runs-on"].is_string() || !job["timeout-minutes"].is_u64() {
            found.push(format!("{name} does not say where it runs and how long it may take"));
        }
        let steps = job["steps"].as_array().map_or(&[][..], Vec::as_slice);
        if steps.is_empty() {
            found.push(format!("{name} has no steps"));
        }
        let is_step = |step: &&Value| step["run"].is_string() != step["uses"].is_string();
        found.extend(steps.iter().filter(|step| !is_step(step)).map(|step| format!("no step: {step}")));
    }
    found
}

/// What is wrong with a workflow that could hand a token to somebody else's code.
fn dangers(text: &str, workflow: &Value) -> Vec<String> {
    let uses =
        text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: "));
    let unpinned = uses.filter(|action| !is_pinned(action));
    let mut found: Vec<String> = unpinned.map(|action| format!("{action} is not pinned by hash")).collect();
    let writes = |permissions: &Value| {
        let rights: Vec<_> = permissions.as_object().into_iter().flatten().collect();
        !permissions.is_null()
            && (permissions.is_string() || rights.iter().any(|(_, right)| *right != "read"))
    };
    if writes(&workflow["permissions"]) {
        found.push("every job may write".to_owned());
    }
    for (name, job) in workflow["jobs"].as_object().into_iter().flatten() {
        let all = job.to_string();
        if writes(&job["permissions"])
            && ["CODEX_", "codex-turns run", "codex-turns auto", "npm "].iter().any(|word| all.contains(word))
        {
            found.push(format!("{name} runs an agent and may write"));
        }
        for step in job["steps"].as_array().into_iter().flatten() {
            let checks_out =
                step["uses"].as_str().is_some_and(|action| action.starts_with("actions/checkout@"));
            if checks_out && step["with"]["persist-credentials"] != false {
                found.push(format!("{name} leaves its token in the checkout"));
            }
            let run = step["run"].as_str().unwrap_or_default();
            if run.contains("${{") {
                found.push(format!("{name} has an expression in a script: use a variable"));
            }
            let installs = |word: &str, flags: &[&str]| {
                run.lines().any(|line| line.contains(word) && !flags.iter().all(|flag| line.contains(flag)))
            };
            if run.contains("npm install")
                || installs("npm ci", &["--ignore-scripts"])
                || installs("cargo install", &["--locked", "--tag v"])
            {
                found.push(format!("{name} installs what is not pinned"));
            }
            let outside =
                step["working-directory"].as_str().is_some_and(|folder| folder.contains("runner.temp"));
            if (run.contains("npm ci") || run.contains("cargo install")) && !outside {
                found.push(format!("{name} installs within a checkout"));
            }
        }
    }
    found
}

/// Whether an action is named by the full hash of a commit, with its version beside it.
fn is_pinned(action: &str) -> bool {
    let Some((_, version)) = action.split_once('@') else { return false };
    let Some((hash, version)) = version.split_once(" # v") else { return false };
    hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && !version.is_empty()
}

#[test]
fn no_workflow_hands_a_token_to_others() {
    for file in workflows() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(dangers(&text, &read(&text).unwrap()), Vec::<String>::new(), "{}", file.display());
    }
    let bad = "permissions: write-all\njobs:\n  a:\n    permissions: { contents: write }\n    steps:\n      \
               - uses: actions/checkout@v4\n      - run: npm install x && codex-turns run ${{ github.head_ref }}\n";
    let found = dangers(bad, &read(bad).unwrap());
    assert_eq!(
        found,
        [
            "actions/checkout@v4 is not pinned by hash",
            "every job may write",
            "a runs an agent and may write",
            "a leaves its token in the checkout",
            "a has an expression in a script: use a variable",
            "a installs what is not pinned",
        ]
    );
}

#[test]
fn workflows_lock_the_codex_that_is_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in ["package.json", "package-lock.json"] {
        let [tested, copied] = ["fixtures/codex", "docs/workflows/codex"].map(|folder| {
            let mut file: Value =
                serde_json::from_slice(&std::fs::read(root.join(folder).join(name)).unwrap()).unwrap();
            for place in ["/name", "/packages//name"] {
                if let Some(name) = file.pointer_mut(place) {
                    *name = Value::Null;
                }
            }
            file
        });
        assert_eq!(tested, copied, "{name}");
    }
}

#[test]
fn every_workflow_can_be_read() {
    let files = workflows();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let workflow = read(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(complaints(&workflow), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn a_broken_workflow_is_found() {
    assert!(read("on: [push\njobs: {}\n").is_err());
    assert!(read("a: 1\n---\na: 2\n").is_err());
    let step = read("jobs: { a: { runs-on: x, timeout-minutes: 5, steps: [{ name: nothing }] } }").unwrap();
    assert_eq!(complaints(&step), ["no name", "no on", "no permissions", r#"no step: {"name":"nothing"}"#]);
}
