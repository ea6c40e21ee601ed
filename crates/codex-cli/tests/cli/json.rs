//! `--json`: Codex's lines and nothing else.

use std::process::Stdio;

use codex_fixtures::{FakeCodex, FakeScript, streams};

use crate::scratch::Scratch;

#[test]
fn every_recorded_stream_comes_out_byte_for_byte() {
    let scratch = Scratch::new();
    for recorded in streams() {
        let fake = FakeCodex::new(FakeScript::recorded(recorded.bytes()));
        let output = scratch.command(Some(&fake.path())).args(["run", "--json", "do it"]).output().unwrap();
        assert_eq!(output.stdout, recorded.bytes(), "{}", recorded.path.display());
    }
}

#[test]
fn lines_that_are_no_events_come_out_too() {
    let scratch = Scratch::new();
    let odd = b"{\"type\":\"thread.started\",\"thread_id\":\"x\"}\nnot json\n\xff\xfe\n\n{\"type\":\"turn.completed\"}\n";
    let fake = FakeCodex::new(FakeScript::recorded(&odd[..]));
    let output = scratch.command(Some(&fake.path())).args(["run", "--json", "do it"]).output().unwrap();
    assert_eq!(output.stdout, odd);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

#[test]
fn a_reader_that_leaves_does_not_fail_the_turn() {
    let scratch = Scratch::new();
    let item = r#"{"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"more"}}"#;
    let fake = FakeCodex::new(FakeScript::new().repeat(2_000, item).then(FakeScript::completed_turn("done")));
    for flags in [&["run", "--json", "do it"][..], &["run", "do it"]] {
        let mut command = scratch.command(Some(&fake.path()));
        let mut child = command.args(flags).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    scratch.assert_clean(&fake);
}

#[test]
fn a_disk_that_is_full_is_no_success() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    for flags in [&["run", "--json", "do it"][..], &["run", "do it"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = scratch.command(Some(&fake.path())).args(flags).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("error: cannot write to standard output: "), "{stderr}");
    }
}
