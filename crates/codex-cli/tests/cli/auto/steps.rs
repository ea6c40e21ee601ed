//! What a run does, turn by turn, and what it says of it.

use std::fs;
use std::process::Stdio;

use codex_fixtures::FakeScript;
use serde_json::json;

use super::{CHECK, auto, command, failing, green, red, timeless, turns};
use crate::scratch::{Ran, Scratch, THREAD};

#[test]
fn a_run_that_is_right_at_once_has_one_turn() {
    let scratch = Scratch::new();
    let fake = turns([green()]);
    let ran = auto(&scratch, &fake, &["--until", CHECK, "do it"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Now it is done.\n"), "{ran:?}");
    assert_eq!(fake.calls().len(), 1);
    scratch.assert_clean(&fake);
}

#[test]
fn what_a_check_says_is_asked_next_on_the_same_thread_with_the_same_options() {
    let scratch = Scratch::new();
    let fake = turns([red(), green()]);
    let flags = ["-s", "workspace-write", "-m", "gpt-x", "--add-dir", "../plain", "--result", "result.json"];
    let ran = auto(&scratch, &fake, &[&flags[..], &["--until", CHECK, "do it"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Now it is done.\n"), "{ran:?}");
    insta::assert_snapshot!(timeless(&scratch.anonymous(&ran.stderr)));
    let calls = fake.calls();
    let [first, second] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(first.stdin_text(), "do it");
    assert!(
        second.stdin_text().contains("it exited with code 3\nis not\ndone yet"),
        "{}",
        second.stdin_text()
    );
    assert!(second.arguments().iter().any(|argument| argument == THREAD), "{second:?}");
    for call in &calls {
        assert_eq!(call.argument_after("--model"), Some("gpt-x"), "{:?}", call.arguments());
        assert!(call.arguments().iter().any(|argument| argument.contains("workspace-write")), "{call:?}");
    }
    let result = scratch.result();
    assert_eq!((&result["stop"], &result["exitCode"]), (&"satisfied".into(), &0.into()));
    assert_eq!(result["finalResponse"], "Now it is done.");
    let steps = result["steps"].as_array().unwrap();
    let said: Vec<_> = steps.iter().map(|step| &step["checks"][0]["passed"]).collect();
    assert_eq!(said, [&json!(false), &json!(true)]);
    assert_eq!((&steps[0]["turn"]["verdict"], &steps[1]["kind"]), (&"completed".into(), &"continued".into()));
    assert_eq!(result["spent"]["turns"], 2);
    assert_eq!(result["codex"]["version"], codex_fixtures::PINNED_CODEX_VERSION);
    scratch.assert_clean(&fake);
}

#[test]
fn all_checks_have_to_pass() {
    let scratch = Scratch::new();
    let both = FakeScript::new().write_file("report.md", "").then(green());
    let fake = turns([green(), both]);
    let ran =
        auto(&scratch, &fake, &["--until", "test -e done", "--until-file", "report.md", "--quiet", "do it"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "Now it is done.\n", ""));
    assert_eq!(fake.calls().len(), 2);
}

#[test]
fn a_value_in_the_answer_can_be_waited_for() {
    let scratch = Scratch::new();
    let answers = [r#"{"done":false}"#, r#"{"done":true,"status":"ready"}"#].map(FakeScript::completed_turn);
    let fake = turns(answers);
    let places = ["--until-json", "/done=true", "--until-json", "/status=ready"];
    let ran = auto(&scratch, &fake, &[&places[..], &["do it"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fake.calls().len(), 2);
}

#[test]
fn a_rate_limit_is_waited_for_and_tried_again() {
    let scratch = Scratch::new();
    let fake = turns([failing("Rate limit reached. Please try again in 0.2s."), green()]);
    let ran = auto(&scratch, &fake, &["--until", CHECK, "do it"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Now it is done.\n"), "{ran:?}");
    assert!(ran.stderr.contains("! retry 1 in 0.2s, with the same prompt\n"), "{ran:?}");
    assert_eq!(fake.calls()[1].stdin_text(), "do it");
}

#[test]
fn the_prompt_may_come_from_standard_input_and_the_answer_go_to_a_file() {
    let scratch = Scratch::new();
    let fake = turns([green()]);
    fs::write(scratch.path("prompt"), "from a file").unwrap();
    let input = fs::File::open(scratch.path("prompt")).unwrap();
    let mut command = command(&scratch, &fake, &["--until", CHECK, "-o", "answer", "-"]);
    let ran = Ran::from(command.stdin(Stdio::from(input)).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fake.calls()[0].stdin_text(), "from a file");
    assert_eq!(fs::read_to_string(scratch.path("work/answer")).unwrap(), "Now it is done.");
}
