//! What becomes of Codex when the process that started it is odd or dies: each test has a process of its own for it, the example
//! `lines`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "host/program.rs"]
mod program;

use codex_exec::{CommandSpec, RunCommand, SystemCommands};
use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, Signal, alive, wait_until};
use tokio_util::sync::CancellationToken;

use self::program::{Host, LONG, lines, names_in, starts_below};

const STARTED: &str = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#;

/// What Codex does: it works until it is interrupted.
fn polite() -> FakeScript {
    FakeScript::new()
        .on_signal(Signal::Interrupt, FakeScript::new().exit(1))
        .read_stdin()
        .line(STARTED)
        .reach("begun")
        .hang()
}

#[test]
fn a_host_that_is_killed_takes_codex_with_it() {
    let (fake, scratch) = (FakeCodex::new(polite()), tempfile::tempdir().unwrap());
    let mut host = Host::start(&[], &fake.path(), scratch.path());
    assert!(fake.wait_until_reached("begun", LONG));
    host.kill();
    assert!(wait_until(LONG, || fake.living().is_empty()));
    // The kernel signals as each thread dies that was its parent for a moment, so sometimes twice.
    assert!(fake.calls()[0].count_of(Signal::Interrupt) >= 1, "the kernel has interrupted it");
}

#[test]
fn what_a_killed_host_has_left_is_swept_by_the_next_start() {
    let left = ChildProcess::new().own_session().ignores_signals();
    let first = FakeScript::new().spawn(left).then(polite());
    let fake = FakeCodex::builder().start(first).start(FakeScript::completed_turn("second")).build();
    let scratch = tempfile::tempdir().unwrap();
    let mut host = Host::start(&[], &fake.path(), scratch.path());
    assert!(fake.wait_until_reached("begun", LONG));
    host.kill();
    let survivor = fake.children()[0];
    assert!(wait_until(LONG, || fake.living() == [survivor]));
    assert_eq!(
        names_in(&starts_below(scratch.path())).len(),
        1,
        "the note of the first start is still there"
    );
    let mut next = Host::start(&[], &fake.path(), scratch.path());
    next.said_at_the_end();
    assert_eq!(fake.calls().len(), 2);
    assert!(!alive(survivor));
    assert_eq!(names_in(&starts_below(scratch.path())), [""; 0]);
}

#[rstest::rstest]
#[case::ignored(&["sh", "-c", r#"trap "" INT TERM; exec "$0" "$@""#])]
#[case::blocked(&["env", "--block-signal=INT", "--block-signal=TERM"])]
fn a_turn_of_a_host_that_does_not_hear_signals_can_be_cancelled(#[case] wrapper: &[&str]) {
    let (fake, scratch) = (FakeCodex::new(polite()), tempfile::tempdir().unwrap());
    let mut host = Host::start(wrapper, &fake.path(), scratch.path());
    assert!(fake.wait_until_reached("begun", LONG));
    let call = &fake.calls()[0];
    let deaf = [call.ignored_signals(), call.blocked_signals()].concat();
    assert!(!deaf.contains(&2) && !deaf.contains(&15), "{deaf:?}");
    host.press_enter();
    let said = host.said_at_the_end();
    assert!(said.contains("the turn was cancelled") && said.contains("Code(1)"), "{said}");
    assert_eq!(fake.calls()[0].count_of(Signal::Interrupt), 1);
}

/// A command of an agent starts a turn: the outer start still finds what belongs to the inner one.
#[tokio::test]
async fn a_nested_start_keeps_both_markers() {
    let (fake, scratch) = (FakeCodex::new(polite()), tempfile::tempdir().unwrap());
    let home = scratch.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let command = CommandSpec::argv([lines().into_os_string(), "go".into()])
        .env("CODEX_PATH", fake.path())
        .env("CODEX_HOME", home)
        .env("XDG_STATE_HOME", scratch.path().join("state"));
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let cancel = cancel.clone();
        async move { SystemCommands::new().run(command, cancel).await }
    });
    let begun = tokio::task::spawn_blocking(move || {
        assert!(fake.wait_until_reached("begun", LONG));
        fake
    });
    let fake = begun.await.unwrap();
    let markers =
        fake.calls()[0].variables().iter().filter(|name| name.starts_with("CODEX_TURNS_RUN_")).count();
    assert_eq!(markers, 2);
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(fake.living(), [0; 0], "the outer start has swept the inner one");
}
