//! The files that are asked for: the answer only of a turn that completed, the result of every one.

use std::fs;

use codex_fixtures::{FakeCodex, FakeScript};

use crate::scratch::{Scratch, THREAD};

#[test]
fn the_answer_is_written_as_it_is() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("one\ntwo"));
    fs::write(scratch.path("work/answer"), "old").unwrap();
    let ran = scratch.run(&fake, ["-o", "answer", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read(scratch.path("work/answer")).unwrap(), b"one\ntwo");
}

#[test]
fn no_answer_of_an_earlier_turn_stays() {
    let scratch = Scratch::new();
    let failed = FakeScript::new().line(r#"{"type":"turn.failed","error":{"message":"no"}}"#).exit(1);
    for (fake, code) in [(FakeCodex::new(failed), 1), (FakeCodex::new(FakeScript::new().exit(1)), 3)] {
        fs::write(scratch.path("work/answer"), "old").unwrap();
        let ran = scratch.run(&fake, ["--output-last-message", "answer", "do it"]);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(!scratch.path("work/answer").exists());
    }
}

#[test]
fn a_turn_without_an_answer_leaves_an_empty_file_and_says_so() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::new().line(r#"{"type":"turn.completed","usage":null}"#));
    let ran = scratch.run(&fake, ["-o", "answer", "do it"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(fs::read(scratch.path("work/answer")).unwrap(), b"");
    assert!(ran.stderr.contains("warning: the turn has no answer"), "{ran:?}");
}

#[test]
fn an_answer_that_does_not_fit_its_schema_at_all_is_warned_of() {
    let scratch = Scratch::new();
    fs::write(scratch.path("work/schema.json"), r#"{"type":"object"}"#).unwrap();
    let text = FakeCodex::new(FakeScript::completed_turn("no JSON"));
    let ran = scratch.run(&text, ["--output-schema", "schema.json", "do it"]);
    assert!(ran.stderr.contains("warning: the answer is not JSON"), "{ran:?}");
    let json = FakeCodex::new(FakeScript::completed_turn(r#"{"a":1}"#));
    let ran = scratch.run(&json, ["--output-schema", "schema.json", "do it"]);
    assert!(!ran.stderr.contains("warning"), "{ran:?}");
    assert_eq!(ran.stdout, "{\"a\":1}\n");
}

#[test]
fn the_result_is_one_object() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let ran = scratch.run(&fake, ["--json", "--result", "result.json", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut result = scratch.result();
    assert!(result["durationMs"].as_u64().is_some());
    assert_eq!(result["codex"]["path"], fake.path().display().to_string());
    for volatile in ["durationMs", "codex", "summary"] {
        result.as_object_mut().unwrap().remove(volatile);
    }
    insta::assert_json_snapshot!(result);
}

#[test]
fn the_result_of_a_failure_names_its_kind() {
    let scratch = Scratch::new();
    let message = "Rate limit reached. Please try again in 20s.";
    let script = FakeScript::new()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#));
    let fake = FakeCodex::new(script.exit(1));
    let ran = scratch.run(&fake, ["--result", "result.json", "do it"]);
    assert!(ran.stderr.contains("hint: too many requests: try again in 20s"), "{ran:?}");
    let result = scratch.result();
    assert_eq!(result["verdict"], "failed");
    assert_eq!(result["kind"]["name"], "rateLimit");
    assert_eq!(result["kind"]["resetAfterSeconds"], 20.0);
    assert_eq!(result["message"], message);
    assert_eq!(result["threadId"], THREAD);
    assert_eq!(result["usage"]["turn"], serde_json::Value::Null);
    assert_eq!(result["process"]["exitCode"], 1);
}
