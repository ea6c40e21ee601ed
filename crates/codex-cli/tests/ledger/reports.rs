//! The agent's account of its work, asked for in one more turn.

use std::process::Command;

use codex_fixtures::{ModelServer, Reply, Script};
use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Project, Ran};

const PATCH: &str = "*** Begin Patch\n*** Add File: store.txt\n+one\n*** End Patch\n";

fn reporting(project: &Project, server: &ModelServer, name: &str) -> Command {
    project.real_turns(server, &[name, "--report", "agent"])
}

fn report() -> Value {
    json!({
        "statementOfWork": "Added a store.",
        "decisions": [{
            "title": "Keep it in a file",
            "status": "Accepted",
            "context": "Something has to be kept.",
            "optionsConsidered": ["A database", "A file"],
            "decision": "A file.",
            "result": "One file.",
            "consequences": "Slow, and simple.",
            "files": ["store.txt", "forged.txt"],
        }],
    })
}

/// A turn that adds a file, and the answer of the agent to the question for its account.
fn reported(answer: &str) -> (Project, Ran) {
    let project = Project::recorded();
    let server = ModelServer::start(Script::new([
        Reply::new().patch(PATCH),
        Reply::new().message("The store is there."),
        Reply::new().message(answer),
    ]))
    .unwrap();
    let ran = Ran::from(reporting(&project, &server, "run").arg("add a store").output().unwrap());
    server.assert_clean();
    (project, ran)
}

#[test]
fn a_report_is_the_agents_and_what_was_observed_wins() {
    let (project, ran) = reported(&report().to_string());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "The store is there.\n"), "{ran:?}");
    assert!(ran.stderr.contains("✓ report: 1 decision\n"), "{ran:?}");
    let manifest = project.manifest(1);
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    assert_eq!((turns.len(), &turns[1]["purpose"]), (2, &json!("report")));
    assert_eq!(turns[0]["threadId"], turns[1]["threadId"], "it is the same thread");
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 300, "{}", manifest["ledger"]["usage"]);
    assert_eq!(manifest["changes"]["added"], json!(["store.txt"]));
    let date = manifest["timestampUtc"].as_str().unwrap();
    let date = format!("{} - {}", &date[..10], &date[11..16]);
    insta::assert_snapshot!(project.artifact(1, "adr.md").replace(&date, "DATE"));
    assert!(project.artifact(1, "changelog.md").contains("As stated by the agent:\n\nAdded a store.\n"));
    let listed = project.turns(&["adr", "list"]);
    assert!(listed.stdout.contains("Accepted  Keep it in a file\n"), "{listed:?}");
    let listed = project.turns(&["adr", "list", "--json"]).json();
    assert_eq!(
        (&listed[0]["turnId"], &listed[0]["title"], &listed[0]["status"], &listed[0]["path"]),
        (
            &json!(1),
            &json!("Keep it in a file"),
            &json!("Accepted"),
            &json!("ai/agentic-pipeline/turns/1/adr.md")
        )
    );
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::prose("I have added a store.", "the answer is no JSON")]
#[case::unknown_status(&report().to_string().replace("Accepted", "Superseded"), "has to be one of Proposed, Accepted, Deprecated")]
fn an_answer_that_is_no_report_leaves_the_derived_text_and_is_said(
    #[case] answer: &str,
    #[case] sentence: &str,
) {
    let (project, ran) = reported(answer);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("there is none that can be used") && ran.stderr.contains(sentence),
        "{ran:?}"
    );
    for name in ["changelog.md", "adr.md"] {
        let text = project.artifact(1, name);
        assert!(text.contains("there is none that can be used"), "{name}: {text}");
        assert!(text.contains("The store is there."), "{name}: {text}");
    }
    assert_eq!(project.turns(&["adr", "list"]).stdout, "no record states a decision yet\n");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_list_of_files_that_nobody_asked_for_is_left_out_and_said() {
    let mut answer = report();
    answer["filesAdded"] = json!(["forged.txt"]);
    let (project, ran) = reported(&answer.to_string());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("report also has filesAdded, which was left out"), "{ran:?}");
    let changelog = project.artifact(1, "changelog.md");
    assert!(
        changelog.contains("report also has filesAdded") && !changelog.contains("forged.txt` |"),
        "{changelog}"
    );
    project.assert_verified(&["--git"]);
}

#[test]
fn a_run_of_several_turns_is_reported_once() {
    let project = Project::recorded();
    let server = ModelServer::start(Script::new([
        Reply::new().message("I think it is there."),
        Reply::new().patch(PATCH),
        Reply::new().message("The store is there."),
        Reply::new().message(&report().to_string()),
    ]))
    .unwrap();
    let mut command = reporting(&project, &server, "auto");
    let ran = Ran::from(command.args(["--until", "test -e store.txt", "add a store"]).output().unwrap());
    server.assert_clean();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "The store is there.\n"), "{ran:?}");
    assert!(ran.stderr.contains("✓ report: 1 decision\n"), "{ran:?}");
    let manifest = project.manifest(1);
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    let purposes: Vec<_> = turns.iter().map(|turn| turn["purpose"].as_str()).collect();
    assert_eq!(purposes, [None, None, Some("report")]);
    assert!(turns.iter().all(|turn| turn["threadId"] == turns[0]["threadId"]), "it is one thread");
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 400, "{}", manifest["ledger"]["usage"]);
    assert!(project.artifact(1, "adr.md").contains("Keep it in a file"));
    assert_eq!(project.rows().len(), 1);
    project.assert_verified(&["--git"]);
}
