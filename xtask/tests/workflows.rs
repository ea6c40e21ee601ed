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
