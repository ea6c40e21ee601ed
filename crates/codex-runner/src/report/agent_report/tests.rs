//! Answers that are reports, and answers that are not.

use rstest::rstest;

use super::*;
use codex_ledger::texts::adr;
use codex_ledger::{Manifest, TurnId};

fn answer() -> Value {
    json!({
        "statementOfWork": "Added a store.",
        "decisions": [{
            "title": "Use SQLite",
            "status": "Accepted",
            "context": "Orders have to be kept.",
            "optionsConsidered": ["A file of lines", "SQLite\nwith one table"],
            "decision": "SQLite.",
            "result": "One table.",
            "consequences": "One more dependency.",
            "files": ["src/store.rs", "src/forged.rs"],
        }],
    })
}

#[test]
fn the_schema_is_strict_and_what_follows_it_is_read() {
    let schema = AgentReport::schema();
    let decision = &schema["properties"]["decisions"]["items"];
    for object in [&schema, decision] {
        let keys: Vec<&str> = object["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut required: Vec<&str> =
            object["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        required.sort_unstable();
        let mut keys = keys;
        keys.sort_unstable();
        assert_eq!(keys, required);
        assert_eq!(object["additionalProperties"], false);
    }
    let report = AgentReport::read(&answer().to_string()).unwrap();
    assert_eq!(report.statement_of_work(), "Added a store.");
    assert_eq!(report.decisions()[0].options_considered, "- A file of lines\n- SQLite\n  with one table");
    assert_eq!(report.ignored(), [] as [&str; 0]);
}

#[test]
fn files_that_nobody_saw_change_are_told_apart() {
    let report = AgentReport::read(&answer().to_string()).unwrap();
    let mut manifest = Manifest::new(TurnId::new(7).unwrap(), "2025-09-05T17:42:10Z");
    manifest.changes.added = vec!["src/store.rs".to_owned()];
    insta::assert_snapshot!(adr(&manifest, &report.adr()));
}

#[test]
fn a_report_without_decisions_records_none() {
    let report = AgentReport::read(r#"{"statementOfWork":"Renamed a variable.","decisions":[]}"#).unwrap();
    assert_eq!(report.adr(), AdrText::None);
}

#[test]
fn what_nobody_asked_for_is_left_out_and_named() {
    let mut answer = answer();
    answer["filesAdded"] = json!(["src/forged.rs"]);
    answer["testsPassed"] = json!(400);
    answer["decisions"][0]["commit"] = json!("abc");
    let report = AgentReport::read(&answer.to_string()).unwrap();
    assert_eq!(report.ignored(), ["decisions.commit", "filesAdded", "testsPassed"]);
}

#[rstest]
#[case("/decisions/0/status", json!("accepted"), "decision 1: `status` is \"accepted\", and has to be one of Proposed, Accepted, Deprecated")]
#[case("/decisions/0/status", json!("Superseded"), "decision 1: `status` is \"Superseded\", and has to be one of Proposed, Accepted, Deprecated")]
#[case("/decisions/0/title", json!(" "), "decision 1: `title` is empty")]
#[case("/decisions/0/files", json!([1]), "decision 1: `files` has an entry that is no text")]
#[case("/decisions/0", json!("SQLite"), "decision 1 is no object")]
#[case("/decisions", json!({}), "the report: `decisions` is no list")]
#[case("/decisions", json!(vec![1; 51]), "the report: `decisions` has 51 entries, more than 50")]
#[case("/statementOfWork", json!("x".repeat(16_001)), "the report: `statementOfWork` is longer than 16000 characters")]
#[case("", json!({ "decisions": [] }), "the report: `statementOfWork` is missing")]
#[case("", json!([]), "the report is no object")]
#[case("", json!({ "statementOfWork": "", "decisions": [] }), "the answer states neither work nor decisions")]
fn a_bad_answer_is_refused_in_one_sentence(
    #[case] place: &str,
    #[case] value: Value,
    #[case] sentence: &str,
) {
    let mut answer = answer();
    *answer.pointer_mut(place).unwrap() = value;
    assert_eq!(AgentReport::read(&answer.to_string()).unwrap_err().to_string(), sentence);
}

#[rstest]
#[case("I have added a store.", "the answer is no JSON: expected value at line 1 column 1")]
#[case("", "the answer is no JSON: EOF while parsing a value at line 1 column 0")]
#[case("```json\n{}\n```", "the answer is no JSON: expected value at line 1 column 1")]
fn prose_is_no_report(#[case] answer: &str, #[case] sentence: &str) {
    assert_eq!(AgentReport::read(answer).unwrap_err().to_string(), sentence);
}

#[test]
fn an_endless_answer_is_not_even_read() {
    let answer = " ".repeat(AgentReport::LIMIT_BYTES + 1);
    assert_eq!(AgentReport::read(&answer).unwrap_err(), AgentReportError::TooLong { bytes: answer.len() });
}
