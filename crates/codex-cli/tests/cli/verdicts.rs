//! How a turn ends decides the exit code, whatever the process says.

use std::fs;
use std::time::{Duration, SystemTime};

use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, Signal};
use rstest::rstest;

use crate::scratch::{Scratch, THREAD};

fn begun() -> FakeScript {
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
}

fn failed(message: &str) -> FakeScript {
    begun().line(format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#)).exit(1)
}

#[rstest]
#[case::completed(FakeScript::completed_turn("done"), 0, "completed in ")]
#[case::completed_but_died(FakeScript::completed_turn("done").exit(3), 4, "codex exited with code 3")]
#[case::failed(failed("no idea"), 1, "error: the turn failed: no idea")]
#[case::auth(failed("unexpected status 401 Unauthorized"), 1, "hint: log in with `codex login`")]
#[case::truncated(begun(), 4, "error: codex ended without saying that the turn is over")]
#[case::killed(begun().die(Signal::Kill), 4, "error: codex was killed by signal 9")]
#[case::half_a_line(begun().emit("{\"type\":\"it").exit(137), 4, "error: codex exited with code 137")]
fn the_verdict_decides(#[case] script: FakeScript, #[case] code: i32, #[case] said: &str) {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(script);
    let ran = scratch.run(&fake, ["--result", "result.json", "do it"]);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert_eq!(scratch.result()["exitCode"], code);
    scratch.assert_clean(&fake);
}

#[rstest]
#[case("--timeout", "total", "error: the turn took too long\nhint: give it more time with --timeout")]
#[case("--idle-timeout", "idle", "error: the turn printed nothing for too long")]
fn a_limit_ends_the_turn(#[case] flag: &str, #[case] limit: &str, #[case] said: &str) {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(begun().hang());
    let ran = scratch.run(&fake, [flag, "300ms", "--result", "result.json", "do it"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains(said), "{ran:?}");
    let result = scratch.result();
    assert_eq!((&result["verdict"], &result["limit"]), (&"timedOut".into(), &limit.into()));
    assert_eq!(fake.calls()[0].signals()[0].signal, Signal::Interrupt, "codex was asked first");
    scratch.assert_clean(&fake);
}

#[test]
fn the_answer_alone_is_on_standard_output() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("one\ntwo"));
    let ran = scratch.run(&fake, ["do it"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "one\ntwo\n"));
    let plain = ran.stderr.replace(|character: char| character.is_ascii_digit(), "0");
    assert_eq!(
        plain,
        "thread 0000a000-00c0-0000-0aa0-bbab0a000a00\n\
         completed in 0.0s  tokens: turn 00 (00 in, 0 out), thread 00\n\
         resume: codex-turns run --resume 0000a000-00c0-0000-0aa0-bbab0a000a00 PROMPT\n"
    );
    let quiet = scratch.run(&fake, ["--quiet", "do it"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("one\ntwo\n", ""));
}

#[test]
fn the_prompt_goes_in_and_the_flags_are_restated_to_resume() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let flags =
        ["-s", "workspace-write", "-m", "a model", "--add-dir", "../plain", "--resume", THREAD, "go on"];
    let ran = scratch.run(&fake, flags);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let hint = format!("--resume {THREAD} -s workspace-write -m 'a model' --add-dir ../plain PROMPT");
    assert!(ran.stderr.contains(&hint), "{ran:?}");
    let calls = fake.calls();
    assert_eq!(calls[0].stdin(), b"go on");
    let arguments = calls[0].arguments().join(" ");
    assert!(arguments.contains("--sandbox=workspace-write") && arguments.contains(THREAD), "{arguments}");
}

#[test]
fn a_prompt_is_read_from_standard_input_where_it_is_asked_for() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    fs::write(scratch.path("prompt"), "from a file\n").unwrap();
    let input = || fs::File::open(scratch.path("prompt")).unwrap();
    for arguments in [&["run"][..], &["run", "-"], &["run", "--stdin", "look"], &["run", "look"]] {
        let output = scratch.command(Some(&fake.path())).args(arguments).stdin(input()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let prompts: Vec<_> =
        fake.calls().iter().map(|call| String::from_utf8(call.stdin().to_vec()).unwrap()).collect();
    let both = "look\n\n<stdin>\nfrom a file\n\n</stdin>";
    assert_eq!(prompts, ["from a file\n", "from a file\n", both, "look"]);
}

#[test]
fn the_key_is_hidden_from_the_agents_commands() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let mut command = scratch.command(Some(&fake.path()));
    let output = command.env("CODEX_API_KEY", "sk-secret").args(["run", "do it"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let arguments = fake.calls()[0].arguments().join("\n");
    assert!(arguments.contains("shell_environment_policy.set.CODEX_API_KEY=\"\""), "{arguments}");
    assert!(!arguments.contains("sk-secret"), "{arguments}");
}

#[test]
fn what_outlives_codex_is_killed_and_named() {
    let scratch = Scratch::new();
    let child = ChildProcess::new().own_session().ignores_signals().lives(Duration::from_mins(1));
    let script = begun().spawn(child).then(FakeScript::completed_turn("done"));
    let fake = FakeCodex::new(script);
    let ran = scratch.run(&fake, ["do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let pid = fake.children()[0];
    assert!(
        ran.stderr.contains(&format!("warning: 1 process outlived codex and was killed: {pid}")),
        "{ran:?}"
    );
    scratch.assert_clean(&fake);
}

#[rstest]
#[case("0.169.0", None)]
#[case("0.44.0", Some("warning: codex 0.44.0 is older than the tested releases"))]
#[case("1.0.0", Some("warning: codex 1.0.0 is newer than the tested releases"))]
fn a_release_outside_the_tested_range_is_warned_of(#[case] version: &str, #[case] warning: Option<&str>) {
    let scratch = Scratch::new();
    let fake = FakeCodex::builder().start(FakeScript::completed_turn("done")).version(version).build();
    let ran = scratch.run(&fake, ["--result", "result.json", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(scratch.result()["codex"]["version"], version);
    match warning {
        Some(warning) => assert_eq!(ran.stderr.matches(warning).count(), 1, "{ran:?}"),
        None => assert!(!ran.stderr.contains("warning"), "{ran:?}"),
    }
    assert_eq!(scratch.run(&fake, ["--quiet", "do it"]).stderr, "");
}

#[test]
fn the_agents_text_cannot_steer_the_terminal() {
    let scratch = Scratch::new();
    let script = begun()
        .line(r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"bash -lc 'printf \"\u001b]0;owned\u0007\u001b[2J\"'","aggregated_output":"\u001b[31mred\u0007","exit_code":1,"status":"failed"}}"#)
        .line(r#"{"type":"turn.failed","error":{"message":"no\u001b[2J way\u0007"}}"#);
    let fake = FakeCodex::new(script.exit(1));
    let ran = scratch.run(&fake, ["do it"]);
    let steering = |character: char| character.is_control() && character != '\n';
    assert!(!ran.stderr.contains(steering), "{:?}", ran.stderr);
    assert!(ran.stderr.contains("error: the turn failed: no way"), "{ran:?}");
}

#[test]
fn a_new_thread_in_the_place_of_the_last_one_is_warned_of() {
    let scratch = Scratch::new();
    let soon = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_mins(1);
    let digits = format!("{:012x}", soon.as_millis());
    let new = format!("{}-{}-7000-8000-000000000001", &digits[..8], &digits[8..]);
    for (thread, warned) in [(THREAD, false), (new.as_str(), true)] {
        let script = FakeScript::new()
            .line(format!(r#"{{"type":"thread.started","thread_id":"{thread}"}}"#))
            .line(r#"{"type":"turn.completed","usage":null}"#);
        let ran = scratch.run(&FakeCodex::new(script), ["--resume", "last", "go on"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.stderr.contains("warning: there was no thread of this directory"), warned, "{ran:?}");
    }
}
