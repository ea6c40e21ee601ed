//! Why a run is over that is no success, and what is refused before its first turn.

use codex_fixtures::{FakeCodex, FakeScript, wait_until};
use rstest::rstest;

use super::{CHECK, auto, failing, green, red, turns};
use crate::scratch::{SOON, Scratch};

fn limited() -> FakeScript {
    failing("Rate limit reached. Please try again in 20ms.")
}

#[rstest]
#[case::turn_limit(
    &["--max-turns", "2"],
    vec![red(), red(), green()],
    5,
    "turn_limit",
    "error: the limit of 2 turns is reached\nhint: allow more turns with --max-turns, or continue with --resume\n"
)]
#[case::tokens(
    &["--budget-tokens", "10"],
    vec![red(), green()],
    5,
    "budget",
    "error: the budget of tokens is used up\nhint: allow more with --budget-tokens, or continue with --resume\n"
)]
#[case::unknown_tokens(
    &["--budget-tokens", "1000"],
    vec![red(), red(), green()],
    5,
    "budget",
    "error: what a turn used is unknown, and so what is left of the budget of tokens\nhint: codex did not say"
)]
#[case::no_progress(
    &["--stalled-turns", "2"],
    vec![red(), red(), green()],
    5,
    "no_progress",
    "error: no progress in 2 turns\nhint: look at what the check says"
)]
#[case::auth(
    &[],
    vec![failing("unexpected status 401 Unauthorized: log in"), green()],
    1,
    "failed",
    "\nhint: log in with `codex login`, or set CODEX_API_KEY\n"
)]
#[case::tried_again_and_again(
    &["--retry", "2"],
    vec![limited(), limited(), limited(), green()],
    1,
    "failed",
    ", also after trying again 2 times\n"
)]
#[case::never_tried_again(&["--retry", "0"], vec![limited(), green()], 1, "failed", "error: a turn did not complete")]
#[case::cut_off(
    &["--retry", "0"],
    vec![FakeScript::completed_turn("no").exit(9), green()],
    4,
    "failed",
    "error: a turn did not complete: exited with code 9"
)]
#[case::did_not_start(
    &[],
    vec![FakeScript::new().read_stdin().stderr("Error: no\n").exit(1), green()],
    3,
    "failed",
    "error: codex did not start (exit code 1): no\n"
)]
fn it_stops_and_says_why(
    #[case] flags: &[&str],
    #[case] scripts: Vec<FakeScript>,
    #[case] code: i32,
    #[case] stop: &str,
    #[case] said: &str,
) {
    let scratch = Scratch::new();
    let turns_played = scripts.len() - 1;
    let fake = turns(scripts);
    let arguments = [flags, &["--result", "result.json", "--until", CHECK, "do it"]].concat();
    let ran = auto(&scratch, &fake, &arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    assert!(ran.stderr.contains(said), "{ran:?}");
    let result = scratch.result();
    assert_eq!((&result["stop"], &result["exitCode"]), (&stop.into(), &code.into()));
    assert_eq!(result["steps"].as_array().unwrap().len(), turns_played);
    assert_eq!(fake.calls().len(), turns_played, "and the last one was not asked");
    scratch.assert_clean(&fake);
}

#[rstest]
#[case::in_a_turn(FakeScript::new().read_stdin().line(r#"{"type":"turn.started"}"#).hang(), CHECK)]
#[case::in_a_check(red(), "sleep 600")]
#[case::between_turns(failing("Rate limit reached. Please try again in 600s."), CHECK)]
fn the_time_ends_whatever_is_waited_for(#[case] script: FakeScript, #[case] check: &str) {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(script);
    let flags = ["--budget-time", "1s", "--result", "result.json"];
    let ran = auto(&scratch, &fake, &[&flags[..], &["--until", check, "do it"]].concat());
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("error: the time of 1s is over\nhint: allow more time with --budget-time"));
    assert_eq!(scratch.result()["stop"], "time");
    assert_eq!(scratch.result()["steps"].as_array().unwrap().len(), 1);
    scratch.assert_clean(&fake);
}

#[test]
fn the_time_leaves_nothing_of_a_check() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(red());
    let check = "sleep 600 & echo $! > pid; wait";
    let ran = auto(&scratch, &fake, &["--budget-time", "2s", "--until", check, "do it"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    let pid = std::fs::read_to_string(scratch.path("work/pid")).unwrap();
    let is_gone = || !std::path::Path::new("/proc").join(pid.trim()).exists();
    assert!(wait_until(SOON, is_gone), "process {pid} of the check lives");
}

#[rstest]
#[case::missing_command("missing_command", &["--until", "no-such-program --all", "do it"])]
#[case::missing_second_command("missing_second_command", &["--until", "true", "--until", "./no.sh", "do it"])]
#[case::no_check("no_check", &["do it"])]
#[case::no_turns("no_turns", &["--until", "true", "--max-turns", "0", "do it"])]
#[case::no_tokens("no_tokens", &["--until", "true", "--budget-tokens", "0", "do it"])]
#[case::no_time("no_time", &["--until", "true", "--budget-time", "0s", "do it"])]
#[case::no_pointer("no_pointer", &["--until-json", "done=true", "do it"])]
#[case::blank_check("blank_check", &["--until", " ", "do it"])]
#[case::review("review", &["--until", "true", "--review", "uncommitted"])]
#[case::ephemeral("ephemeral", &["--until", "true", "--ephemeral", "do it"])]
#[case::blank_prompt("blank_prompt", &["--until", "true", " "])]
#[case::missing_directory("missing_directory", &["--until", "true", "-C", "nowhere", "do it"])]
fn it_is_refused_before_the_first_turn(#[case] name: &str, #[case] arguments: &[&str]) {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("never"));
    let ran = auto(&scratch, &fake, arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    insta::assert_snapshot!(format!("auto_{name}"), scratch.anonymous(&ran.stderr));
    assert!(fake.calls().is_empty(), "nothing was started");
    scratch.assert_clean(&fake);
}

#[test]
fn the_result_of_what_was_refused_says_so() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("never"));
    let ran = auto(&scratch, &fake, &["--until", "no-such-program", "--result", "result.json", "do it"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let result = scratch.result();
    assert_eq!((&result["stop"], &result["spent"]), (&"not_started".into(), &serde_json::Value::Null));
    assert_eq!(result["message"], "the check `no-such-program` cannot be asked");
}
