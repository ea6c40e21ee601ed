//! What each check says of which turn.

use std::sync::LazyLock;

use codex_exec::{EventStream, SystemCommands};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::Turn;

static COMMANDS: LazyLock<SystemCommands> = LazyLock::new(SystemCommands::new);

async fn turn(answer: &str) -> TurnResult {
    let text = Value::from(answer);
    let message = format!(
        r#"{{"type":"item.completed","item":{{"id":"item_0","type":"agent_message","text":{text}}}}}"#
    );
    let completed = r#"{"type":"turn.completed","usage":null}"#.to_owned();
    Turn::over(EventStream::from_lines([message, completed])).await.unwrap()
}

async fn ask(check: impl IntoCheck, answer: &str) -> CheckOutcome {
    let (check, folder) = (check.into_check(), tempfile::tempdir().unwrap());
    let around = Surroundings::new(&*COMMANDS).directory(folder.path());
    check.prepare(&around).await.unwrap();
    check.check(&CheckContext::new(&turn(answer).await, around)).await.unwrap()
}

#[rstest]
#[case::equal(JsonPointerCheck::new("/a/1", json!({"b": 2})), r#"{"a":[0,{"b":2}]}"#, None)]
#[case::the_whole(JsonPointerCheck::new("", 7), "7", None)]
#[case::another(JsonPointerCheck::new("/a", true), r#"{"a":false}"#, Some("it is false"))]
#[case::missing(JsonPointerCheck::new("/a", true), "{}", Some("there is nothing at that place"))]
#[case::no_json(JsonPointerCheck::new("/a", true), "words", Some("the final response is not the value"))]
#[tokio::test]
async fn a_value_in_the_answer(
    #[case] check: JsonPointerCheck,
    #[case] answer: &str,
    #[case] said: Option<&str>,
) {
    match (ask(check, answer).await, said) {
        (CheckOutcome::Passed, None) => {}
        (CheckOutcome::Failed { output }, Some(said)) => assert!(output.contains(said), "{output}"),
        (outcome, _) => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_command_passes_with_code_0_and_else_says_how_it_ended() {
    assert_eq!(ask("true", "").await, CheckOutcome::Passed);
    let said = ask("echo out; echo err >&2; exit 3", "").await;
    assert_eq!(said, CheckOutcome::failed("it exited with code 3\nout\nerr"));
}

#[tokio::test]
async fn of_a_long_output_the_end_is_told() {
    let check = CommandCheck::new(CommandSpec::shell("seq 1 100000; exit 1")).feedback_limit_bytes(12);
    let CheckOutcome::Failed { output } = ask(check, "").await else { panic!("it fails") };
    assert_eq!(output, "it exited with code 1\n[...]\n9999\n100000");
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_stopped_and_has_failed() {
    let check = CommandSpec::shell("sleep 60").limit(std::time::Duration::from_millis(50));
    let CheckOutcome::Failed { output } = ask(check, "").await else { panic!("it fails") };
    assert!(output.starts_with("it was stopped after 50ms"), "{output}");
}

#[rstest]
#[case::shell("no-such-program --all | tail", Some("no-such-program"))]
#[case::shell_path("./no/such/script.sh", Some("./no/such/script.sh"))]
#[case::argv(CommandSpec::argv(["no-such-program"]), Some("no-such-program"))]
#[case::builtin("cd /", None)]
#[case::keyword("if true; then false; fi", None)]
#[case::not_to_be_told("(no-such-program)", None)]
#[case::variable("A=1 no-such-program", None)]
#[tokio::test]
async fn a_program_that_is_not_there_is_seen_before(
    #[case] check: impl IntoCheck,
    #[case] missing: Option<&str>,
) {
    let around = Surroundings::new(&*COMMANDS);
    match (check.into_check().prepare(&around).await, missing) {
        (Ok(()), None) => {}
        (Err(CheckError::NoProgram { program }), Some(missing)) => assert_eq!(program, missing),
        (outcome, _) => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn what_says_nothing_is_refused() {
    let around = Surroundings::new(&*COMMANDS);
    let at_once = CommandSpec::shell("true").limit(std::time::Duration::ZERO);
    let nothing = [AllOf::new().into_check(), AnyOf::new().into_check(), "".into_check()];
    for check in nothing.into_iter().chain([FileExists::new("").into_check(), at_once.into_check()]) {
        assert!(check.prepare(&around).await.is_err(), "{}", check.name());
    }
    for (pointer, is_one) in [("done", false), ("/a~2", false), ("/a~", false), ("/~01~1", true), ("", true)]
    {
        let prepared = JsonPointerCheck::new(pointer, true).prepare(&around).await;
        assert_eq!(prepared.is_ok(), is_one, "{pointer}: {prepared:?}");
    }
}

#[tokio::test]
async fn a_file_is_looked_for_in_the_directory_of_the_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (around, turn) = (Surroundings::new(&*COMMANDS).directory(folder.path()), turn("").await);
    let context = CheckContext::new(&turn, around);
    assert!(!FileExists::new("-f").check(&context).await.unwrap().is_passed());
    std::fs::write(folder.path().join("-f"), "").unwrap();
    assert!(FileExists::new("-f").check(&context).await.unwrap().is_passed());
    assert!(FileExists::new(folder.path().join("-f")).check(&context).await.unwrap().is_passed());
}

#[rstest]
#[case::all(AllOf::new().and("true").and("echo second; false").and("echo third; false"), Some("echo second; false:\nit exited with code 1\nsecond"))]
#[case::all_pass(AllOf::new().and("true").and(Predicate::new("yes", |_| true)), None)]
#[case::any(AnyOf::new().or("false").or("true"), None)]
#[case::none(AnyOf::new().or("false").or(Predicate::new("no", |_| false)), Some("false:\nit exited with code 1\n\nno:\nit is not so"))]
#[tokio::test]
async fn checks_can_be_combined(#[case] check: impl IntoCheck, #[case] said: Option<&str>) {
    let expected = said.map_or(CheckOutcome::Passed, CheckOutcome::failed);
    assert_eq!(ask(check, "").await, expected);
}
