//! What agents say of their tasks: taken where it is a report, told where it is none, and never believed.

use codex_fixtures::{ModelServer, Reply, Script};
use serde_json::{Value, json};

use super::{decision, patch, pipeline, report, shop};
use crate::project::{LEDGER, Project, Ran};

#[test]
fn what_is_no_report_is_told_and_what_is_forged_is_not_believed() {
    let project = shop();
    let mut unknown = decision();
    unknown[0]["status"] = json!("Superseded");
    let mut forged = decision();
    forged[0]["files"] = json!(["docs/orders.md", "src/forged.rs"]);
    let forged = json!({
        "statementOfWork": "Decided.",
        "decisions": forged,
        "filesAdded": ["src/forged.rs"],
        "testsPassed": 100,
    });
    let server = ModelServer::start(Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        Reply::new().message("I have made the store, and all is well."),
        Reply::new().message("The report is there."),
        report("Wrote the report.", &unknown),
        patch("*** Add File: docs/orders.md\n+Orders are in a file.\n"),
        Reply::new().message("It is decided."),
        Reply::new().message(&forged.to_string()),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "the work itself is done: {ran:?}");
    server.assert_clean();
    let said = [
        "Store: The agent was asked for a report, and there is none that can be used: the answer is no JSON",
        "Report: The agent was asked for a report, and there is none that can be used: ",
        "has to be one of Proposed, Accepted, Deprecated",
        "Choose: The agent's report also has filesAdded, testsPassed, which was left out",
    ];
    let changelog = project.artifact(1, "changelog.md");
    for said in said {
        assert!(ran.stderr.contains(said), "{said:?} is not in {}", ran.stderr);
        assert!(changelog.contains(said), "{said:?} is not in {changelog}");
    }
    let stated =
        "### Store\n\nThe store is there.\n\n### Report\n\nThe report is there.\n\n### Choose\n\nDecided.\n";
    assert!(changelog.contains(stated), "what there is no report of is derived: {changelog}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["changes"]["added"], json!(["docs/orders.md", "src/store.txt"]));
    assert_eq!(manifest["metrics"]["testsPassed"], Value::Null, "nobody has run any");
    assert_eq!(
        manifest["ledger"]["decisions"].as_array().unwrap().len(),
        1,
        "that of an unknown status is none"
    );
    assert!(!changelog.contains("| `src/forged.rs`"), "{changelog}");
    let adr = project.artifact(1, "adr.md");
    let named = "- added `docs/orders.md`\n\nNamed as a result, and not among the files that changed:\n\n- `src/forged.rs`\n";
    assert!(adr.contains(named) && adr.matches("forged").count() == 1, "{adr}");
    project.assert_verified(&["--git"]);
}

#[test]
fn where_no_report_can_be_used_the_derived_texts_stand_and_it_is_said() {
    let project = shop();
    let server = ModelServer::start(Script::new([
        Reply::new().message("The store stands."),
        Reply::new().message("It is as I said."),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run", "--only", "1"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for name in ["changelog.md", "adr.md"] {
        let text = project.artifact(1, name);
        assert!(text.contains("there is none that can be used"), "{name}: {text}");
        assert!(text.contains("The store stands."), "{name}: {text}");
    }
    project.assert_verified(&["--git"]);
}

#[test]
fn the_starter_runs_at_once() {
    let project = Project::new();
    assert_eq!(project.turns(&["init"]).code, Some(0));
    assert_eq!(project.turns(&["pipeline", "check"]).code, Some(0));
    let server = ModelServer::start(Script::new([
        patch("*** Add File: docs/overview.md\n+# work\n"),
        Reply::new().message("It is described."),
        report("Described the project.", &json!([])),
        Reply::new().message("It is so."),
        report("Looked at it.", &json!([])),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        project.has(&format!("{LEDGER}/turns_index.csv")),
        "it is recorded where nobody has asked for records yet"
    );
    server.assert_clean();
    assert_eq!(project.manifest(1)["tasks"][0]["outputs"][0]["path"], "docs/overview.md");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_task_names_the_agents_that_its_agent_started() {
    let project = shop();
    let script = r#"
        capture = { AGENT = '"agent_id":"' }
        reply = [
            [{ call = { namespace = "multi_agent_v1", name = "spawn_agent", arguments = { message = "count the shelves" } } }],
            [{ call = { namespace = "multi_agent_v1", name = "wait_agent", arguments = { targets = ["${AGENT}"], timeout_ms = 10000 } } }],
            [{ call = { namespace = "multi_agent_v1", name = "close_agent", arguments = { target = "${AGENT}" } } }],
            "The store has seven shelves.",
        ]
        route = [{ when = "count the shelves", reply = ["seven"] }]
    "#;
    let server = ModelServer::start(Script::from_toml(script).unwrap()).unwrap();
    let words = ["run", "--only", "1", "--report", "derived"];
    let ran = Ran::from(pipeline(&project, &server, &words).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    let task = &manifest["tasks"][0];
    let agents = task["subAgents"].as_array().unwrap();
    assert_eq!(agents.len(), 1, "{task}");
    assert_ne!(agents[0], manifest["ledger"]["turns"][0]["threadId"], "its thread is another one");
    assert!(task["tools"].as_array().unwrap().contains(&json!("collab")), "{task}");
    let line = format!("  - agent: thread `{}`\n", agents[0].as_str().unwrap());
    let changelog = project.artifact(1, "changelog.md");
    assert!(changelog.contains(&line), "{line} is not in {changelog}");
    project.assert_verified(&["--git"]);
}
