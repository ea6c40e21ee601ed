//! One record of three tasks: every number in it compared with git and with what the model was told to say.

use std::collections::BTreeSet;
use std::fs;

use codex_fixtures::{ModelServer, Reply, Script};
use codex_ledger::values::sha256_hex;
use serde_json::{Value, json};

use super::{decision, patch, pipeline, report, shop};
use crate::project::{Project, Ran};

/// What differs from run to run, replaced.
fn settled(project: &Project, turn: u32, name: &str) -> String {
    let manifest = project.manifest(turn);
    let start = manifest["timestampUtc"].as_str().unwrap();
    let (day, time, minute) = (&start[..10], &start[11..19], &start[11..16]);
    let text = project.artifact(turn, name);
    text.replace(&format!("{day} - {time}"), "START").replace(&format!("{day} - {minute}"), "MINUTE")
}

fn outputs(manifest: &Value, task: usize) -> Vec<(String, String)> {
    let outputs = manifest["tasks"][task]["outputs"].as_array().unwrap();
    let pair = |output: &Value| {
        (output["path"].as_str().unwrap().to_owned(), output["sha256"].as_str().unwrap().to_owned())
    };
    outputs.iter().map(pair).collect()
}

/// The project with tests, and with a check of every task that only the second one can fail.
fn checked_shop() -> Project {
    let project = shop();
    let suite = r#"<testsuite><testcase name="a"/><testcase name="b"/></testsuite>"#;
    project.write("test.sh", &format!("mkdir -p out; printf '{suite}' > out/junit.xml\n"));
    project.write(".gitignore", "out/\n");
    project.trusted_settings("[tests]\ncommand = \"sh test.sh\"\nreport = \"out/junit.xml\"\n");
    let check =
        "test ! -e report.txt || grep -q right report.txt || { echo 'the report is wrong'; exit 1; }\n";
    project.write("check.sh", check);
    project.commit("checks");
    project
}

fn three_tasks() -> Script {
    let none = json!([]);
    let mended = "*** Update File: report.txt\n@@\n-still wrong\n+all right\n\
                  *** Update File: src/store.txt\n@@\n-one\n+two\n";
    Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        report("Made the store.", &none),
        patch("*** Add File: report.txt\n+wrong\n"),
        Reply::new().message("The report is there."),
        patch("*** Update File: report.txt\n@@\n-wrong\n+still wrong\n"),
        Reply::new().message("The report is better."),
        patch(mended),
        Reply::new().message("The report is right."),
        report("Wrote the report.", &none),
        patch("*** Add File: docs/orders.md\n+Orders are in a file.\n*** Delete File: hello.txt\n"),
        Reply::new().message("It is decided."),
        report("Decided where orders are kept.", &decision()),
    ])
}

#[test]
fn three_tasks_become_one_record_whose_every_number_is_right() {
    let project = checked_shop();
    let server = ModelServer::start(three_tasks()).unwrap();
    let words = ["run", "--until", "sh check.sh", "--result", "../result.json"];
    let ran = Ran::from(pipeline(&project, &server, &words).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    for said in [
        "pipeline shop begins: 3 tasks, turn 1\n",
        "task 2 of 3: Report\n",
        "✗ sh check.sh",
        "✓ task 2 completed in 3 turns\n",
        "✓ tests: sh test.sh",
        "tasks: 3 completed in ",
        "  1,560 tokens\n",
        "turn 1 recorded in ai/agentic-pipeline/turns/1\n",
    ] {
        assert!(ran.stderr.contains(said), "{said:?} is not in {}", ran.stderr);
    }
    let manifest = project.manifest(1);
    the_changes_are_those_of_git(&project, &manifest);
    each_task_has_its_own(&manifest);
    the_turns_are_all_there(&manifest);
    the_texts_are_these(&project);
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!(
        (&result["tasks"][1]["verdict"], &result["tasks"][1]["turns"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(result["record"]["turnId"], 1);
    project.assert_verified(&["--git"]);
}

fn the_changes_are_those_of_git(project: &Project, manifest: &Value) {
    let status = project.git(&["status", "--porcelain", "-uall", "--", ".", ":!ai"]);
    let mut status: Vec<&str> = status.lines().collect();
    status.sort_unstable();
    assert_eq!(status, [" D hello.txt", "?? docs/orders.md", "?? report.txt", "?? src/store.txt"]);
    let added = ["docs/orders.md", "report.txt", "src/store.txt"];
    let changes = json!({ "added": added, "modified": [], "deleted": ["hello.txt"] });
    assert_eq!(manifest["changes"], changes);
    let metrics = &manifest["metrics"];
    assert_eq!((&metrics["testsPassed"], &metrics["testsFailed"]), (&json!(2), &json!(0)));
    assert_eq!((&metrics["linesAdded"], &metrics["linesDeleted"]), (&json!(3), &json!(1)));
    assert_eq!(manifest["provenance"]["activePatternName"], "shop");
}

fn each_task_has_its_own(manifest: &Value) {
    let file = |path: &str, text: &str| (path.to_owned(), sha256_hex(text.as_bytes()));
    assert_eq!(outputs(manifest, 0), [file("src/store.txt", "one\n")]);
    assert_eq!(outputs(manifest, 1), [file("report.txt", "all right\n"), file("src/store.txt", "two\n")]);
    assert_eq!(outputs(manifest, 2), [file("docs/orders.md", "Orders are in a file.\n")]);
    assert_eq!(manifest["tasks"][2]["deleted"], json!(["hello.txt"]));
    let inputs = manifest["tasks"][1]["inputFiles"].as_array().unwrap();
    let (path, sha256) = file("src/store.txt", "one\n");
    assert!(inputs.contains(&json!({ "path": path, "sha256": sha256 })), "as it was then: {inputs:?}");
    let rule = &manifest["tasks"][1]["validations"][0];
    assert_eq!((&rule["rule"], &rule["status"]), (&json!("sh check.sh"), &json!("pass")));
}

fn the_turns_are_all_there(manifest: &Value) {
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    let found: Vec<(&str, bool)> =
        turns.iter().map(|turn| (turn["task"].as_str().unwrap(), turn["purpose"] == "report")).collect();
    let [one, two, three] =
        ["TASK 01 - Store.task.md", "TASK 02 - Report.task.md", "TASK 03 - Choose.task.md"];
    let of = |task, work: usize| [vec![(task, false); work], vec![(task, true)]].concat();
    assert_eq!(found, [of(one, 1), of(two, 3), of(three, 1)].concat());
    // The scripted model uses 100 tokens to read for each of its thirteen answers.
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 1300, "{}", manifest["ledger"]["usage"]);
    let threads: BTreeSet<&str> = turns.iter().map(|turn| turn["threadId"].as_str().unwrap()).collect();
    assert_eq!(threads.len(), 3, "each task has a thread of its own");
}

fn the_texts_are_these(project: &Project) {
    let changelog = settled(project, 1, "changelog.md");
    let prompts = changelog.find("## Input Prompt").unwrap()..changelog.find("## Tasks Executed").unwrap();
    insta::assert_snapshot!(
        "pipeline_changelog",
        [&changelog[..prompts.start], &changelog[prompts.end..]].concat()
    );
    insta::assert_snapshot!("pipeline_adr", settled(project, 1, "adr.md"));
    insta::assert_snapshot!("pipeline_files", project.artifact(1, "project-files.md"));
    let values = project.artifact(1, "session_context_values.md");
    assert!(values.contains("| `NUMBER` | `1` |"), "{values}");
    assert!(values.contains("| `STORE` | `src/store.txt` |"), "{values}");
}
