//! A recording goes through the same code as the turn itself.

use std::fs;
use std::process::Stdio;

use codex_fixtures::{FakeCodex, FakeScript, Signal, streams};
use codex_protocol::{EventLine, TransportEnd, TurnSummary, Verdict};
use rstest::rstest;

use crate::scratch::{Ran, Scratch};

fn fold(recorded: &[u8]) -> TurnSummary {
    let mut summary = TurnSummary::new();
    let lines = recorded.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (number, line) in (1..).zip(lines) {
        summary.observe(&EventLine::new(number, line));
    }
    summary
}

fn signal(number: i32) -> Signal {
    let signals = [Signal::Interrupt, Signal::Terminate, Signal::HangUp, Signal::Kill];
    signals.into_iter().find(|signal| signal.number() == number).unwrap()
}

#[test]
fn a_stream_comes_to_the_same_live_replayed_and_folded() {
    let scratch = Scratch::new();
    for recorded in streams() {
        let bytes = recorded.bytes();
        let summary = fold(&bytes);
        let folded = serde_json::to_value(&summary).unwrap();

        let (flag, number, end, script) = match recorded.meta.signal {
            None => {
                let code = recorded.meta.exit_code.unwrap_or(0);
                let end = FakeScript::new().exit(u8::try_from(code).unwrap());
                ("--exit-code", code, TransportEnd::exited(code), end)
            }
            Some(number) => {
                ("--signal", number, TransportEnd::killed(number), FakeScript::new().die(signal(number)))
            }
        };
        let replay = Ran::from(
            scratch
                .command(None)
                .args(["replay", "--result", "result.json", flag, &number.to_string()])
                .arg(&recorded.path)
                .output()
                .unwrap(),
        );
        let replayed = scratch.result();
        assert_eq!(replayed["summary"], folded, "{}", recorded.path.display());
        let verdict = match summary.lines() {
            0 if flag == "--exit-code" => "notStarted",
            _ => Verdict::decide(&summary, &end).word(),
        };
        assert_eq!(replayed["verdict"], verdict, "{}", recorded.path.display());

        let fake = FakeCodex::new(FakeScript::recorded(bytes).then(script));
        let live = scratch.run(&fake, ["--result", "result.json", "do it"]);
        let ran = scratch.result();
        assert_eq!((live.code, &live.stdout), (replay.code, &replay.stdout), "{}", recorded.path.display());
        assert_eq!(ran["summary"], folded, "{}", recorded.path.display());
        assert_eq!(ran["verdict"], replayed["verdict"], "{}", recorded.path.display());
    }
}

#[rstest]
#[case(&[], 4, "truncated")]
#[case(&["--exit-code", "137"], 4, "exited with code 137")]
#[case(&["--signal", "9"], 4, "killed by signal 9")]
fn the_end_of_the_process_is_told_by_flags(#[case] flags: &[&str], #[case] code: i32, #[case] said: &str) {
    let scratch = Scratch::new();
    let file = scratch.path("turn.jsonl");
    let begun = r#"{"type":"thread.started","thread_id":"x"}"#;
    fs::write(&file, format!("{begun}\n{{\"type\":\"it")).unwrap();
    let ran = Ran::from(scratch.command(None).arg("replay").args(flags).arg(&file).output().unwrap());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert!(ran.stderr.contains("! line 2 cannot be read"), "{ran:?}");
}

#[test]
fn a_recording_may_come_through_a_pipe() {
    let scratch = Scratch::new();
    let recorded = codex_fixtures::stream("0.169.0", "command_fail");
    let input = Stdio::from(fs::File::open(&recorded.path).unwrap());
    let ran = Ran::from(scratch.command(None).args(["replay", "-"]).stdin(input).output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "it failed\n"));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn a_recording_that_is_not_there_is_said() {
    let scratch = Scratch::new();
    let ran = Ran::from(scratch.command(None).args(["replay", "no.jsonl"]).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @r"
    error: cannot read the stream no.jsonl
      caused by: No such file or directory (os error 2)
    hint: name a file that `codex-turns run --json` has written
    ");
}

#[test]
fn a_file_that_is_no_recording_is_not_taken_for_a_turn() {
    let scratch = Scratch::new();
    fs::write(scratch.path("work/notes.txt"), "milk\n").unwrap();
    let ran = Ran::from(scratch.command(None).args(["replay", "notes.txt"]).output().unwrap());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("error: the stream notes.txt has neither the beginning"), "{ran:?}");
}
