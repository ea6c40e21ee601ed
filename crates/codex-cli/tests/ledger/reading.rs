//! `ledger list`, `ledger show` and `replay N`.

use codex_fixtures::{FakeCodex, FakeScript};

use crate::project::{LEDGER, Project, working};

/// Three turns: one that works, one that fails, one with a name that would steer a terminal.
fn three_turns() -> Project {
    let project = Project::recorded();
    assert_eq!(project.work_turn(&["--task", "greet"]).code, Some(0));
    let failed = FakeScript::new()
        .read_stdin()
        .line(r#"{"type":"turn.started"}"#)
        .line(r#"{"type":"turn.failed","error":{"message":"no idea"}}"#)
        .exit(1);
    assert_eq!(project.run(&FakeCodex::new(failed), &["find\nout"]).code, Some(1));
    let fake = FakeCodex::new(FakeScript::completed_turn("nothing\u{1b}[2J to do"));
    assert_eq!(
        project.run(&fake, &["--task", "\u{1b}]0;owned\u{7}=cmd \u{202e}x", "do nothing"]).code,
        Some(0)
    );
    project
}

#[test]
fn a_list_is_a_table() {
    let project = three_turns();
    let ran = project.turns(&["ledger", "list"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    insta::assert_snapshot!(ran.stdout);
    let newest = project.turns(&["ledger", "list", "-n", "1"]);
    assert!(newest.stdout.starts_with("2 earlier ones are left out; --all shows them\n"), "{newest:?}");
    let coloured = project.turns(&["ledger", "list", "--color", "always"]);
    assert!(coloured.stdout.contains("\u{1b}[32m✓ completed"), "{coloured:?}");
    let json = project.turns(&["ledger", "list", "--json"]).json();
    let states: Vec<_> =
        json.as_array().unwrap().iter().map(|record| record["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["completed", "failed", "completed"]);
    assert_eq!(json[0]["metrics"]["filesChanged"], 2);
}

#[test]
fn a_record_that_cannot_be_read_does_not_hide_the_others() {
    let project = three_turns();
    project.write(&format!("{LEDGER}/turns/2/manifest.json"), "{");
    let ran = project.turns(&["ledger", "list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("   2  ") && ran.stdout.contains("✗ unreadable"), "{ran:?}");
    assert!(ran.stdout.contains("greet"), "{ran:?}");
    assert_eq!(project.turns(&["ledger", "list", "--json"]).json()[1]["turnId"], 2);
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(1));
}

#[test]
fn a_record_is_shown_with_its_parts() {
    let project = three_turns();
    let ran = project.turns(&["ledger", "show", "1"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let digits = ran.stdout.replace(|character: char| character.is_ascii_digit(), "0");
    let hashes =
        project.git(&["rev-parse", "HEAD"]).replace(|character: char| character.is_ascii_digit(), "0");
    let shown = digits.replace(&hashes[..10], "HEAD");
    insta::assert_snapshot!(shown);
    assert!(project.turns(&["ledger", "show", "1", "--diff"]).stdout.contains("\n+world\n"));
    assert!(project.turns(&["ledger", "show", "1", "--prompt"]).stdout.contains("do it"));
    assert_ne!(project.turns(&["ledger", "show", "1", "--log"]).stdout, "");
    let manifest = project.turns(&["ledger", "show", "1", "--json"]);
    assert_eq!(manifest.stdout, project.artifact(1, "manifest.json"));
    let third = project.turns(&["ledger", "show", "3"]);
    let steering = |character: char| character.is_control() && character != '\n';
    assert!(!third.stdout.contains(steering), "{:?}", third.stdout);
}

#[test]
fn what_is_not_there_is_said() {
    let project = three_turns();
    let ran = project.turns(&["ledger", "show", "9"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(
        ran.stderr,
        "error: there is no record of turn 9\nhint: `codex-turns ledger list` has the records\n"
    );
    let ran = project.turns(&["ledger", "show", "3", "--diff"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), "error: the record of turn 3 has no patch\n"));
    assert_eq!(project.turns(&["ledger", "show", "01"]).code, Some(2));
    let elsewhere = Project::new();
    for command in ["list", "verify", "recover", "rebuild-index"] {
        let ran = elsewhere.turns(&["ledger", command]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("hint: `codex-turns ledger init`"), "{ran:?}");
    }
}

#[test]
fn a_turn_is_replayed_from_its_record() {
    let project = Project::recorded();
    project.write("codex-turns.toml", "[ledger]\nevents = true\n");
    let live = project.run(&FakeCodex::new(working()), &["do it"]);
    let replayed = project.turns(&["replay", "1"]);
    assert_eq!((replayed.code, &replayed.stdout), (Some(0), &live.stdout), "{replayed:?}");
    assert!(replayed.stderr.contains("thread 0199a213"), "{replayed:?}");
}

#[test]
fn a_record_without_events_cannot_be_replayed() {
    let project = three_turns();
    let ran = project.turns(&["replay", "1"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("error: the record of turn 1 has no events\nhint: they are kept"), "{ran:?}");
    assert_eq!(project.turns(&["replay", "9"]).code, Some(2));
}
