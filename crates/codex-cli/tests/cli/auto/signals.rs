//! The signals that ask a run to stop, in every place where it waits.

use std::process::{Child, Stdio};
use std::time::Instant;

use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, Signal, wait_until};
use rstest::rstest;
use rustix::process::Signal as Posix;

use super::{command, failing, red};
use crate::scratch::{Ran, SOON, Scratch, THREAD};
use crate::signals::{begun, send};

fn start(scratch: &Scratch, fake: &FakeCodex, check: &str) -> Child {
    let mut command = command(scratch, fake, &["--result", "result.json", "--until", check, "do it"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal and waits for the end, which must come long before what was waited for would.
fn ended(child: Child, signal: Posix) -> Ran {
    let sent = Instant::now();
    send(&child, signal);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(sent.elapsed().as_secs() < 15, "{:?}: {ran:?}", sent.elapsed());
    ran
}

#[rstest]
#[case::ctrl_c(Posix::INT, 130)]
#[case::from_a_scheduler(Posix::TERM, 143)]
fn a_turn_is_cancelled_politely(#[case] signal: Posix, #[case] code: i32) {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang());
    let child = start(&scratch, &fake, "true");
    assert!(fake.wait_until_reached("begun", SOON));
    let ran = ended(child, signal);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains("cancelled after 1 turn in "), "{ran:?}");
    assert!(ran.stderr.contains(&format!("resume: codex-turns run --resume {THREAD}")), "{ran:?}");
    let result = scratch.result();
    assert_eq!((&result["stop"], &result["exitCode"]), (&"cancelled".into(), &code.into()));
    assert_eq!(result["steps"][0]["turn"]["verdict"], "cancelled");
    scratch.assert_clean(&fake);
}

#[test]
fn the_wait_between_two_turns_is_ended() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(failing("Rate limit reached. Please try again in 600s."));
    let mut command =
        command(&scratch, &fake, &["--json", "--result", "result.json", "--until", "true", "do it"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = std::io::BufReader::new(child.stdout.take().unwrap());
    let waits = std::io::BufRead::lines(&mut events).any(|line| line.unwrap().contains("retry_scheduled"));
    assert!(waits, "it waits for the next try");
    let ran = ended(child, Posix::INT);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(scratch.result()["stop"], "cancelled");
    scratch.assert_clean(&fake);
}

#[test]
fn a_check_is_ended_with_all_that_it_started() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(red());
    let pid = || std::fs::read_to_string(scratch.path("work/pid")).unwrap_or_default();
    let child = start(&scratch, &fake, "sleep 600 & echo $! > pid; wait");
    assert!(wait_until(SOON, || pid().ends_with('\n')), "the check runs");
    let pid = pid().trim().to_owned();
    let ran = ended(child, Posix::INT);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stderr.contains("cancelling: waiting for codex to stop"), "{ran:?}");
    let is_gone = || !std::path::Path::new(&format!("/proc/{pid}")).exists();
    assert!(wait_until(SOON, is_gone), "process {pid} of the check lives");
    scratch.assert_clean(&fake);
}

#[test]
fn the_second_signal_kills_at_once() {
    let scratch = Scratch::new();
    let child = ChildProcess::new().own_session().ignores_signals();
    let fake = FakeCodex::new(begun().spawn(child).ignore(Signal::Interrupt).reach("deaf").hang());
    let child = start(&scratch, &fake, "true");
    assert!(fake.wait_until_reached("deaf", SOON));
    send(&child, Posix::INT);
    assert!(wait_until(SOON, || !fake.calls()[0].signals().is_empty()), "codex is asked");
    let second = Instant::now();
    send(&child, Posix::INT);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(second.elapsed().as_secs() < 4, "the grace period of five seconds is not waited for");
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stderr.contains("error: the run was killed before codex had stopped"), "{ran:?}");
    let result = scratch.result();
    assert_eq!(result["stop"], "cancelled");
    assert_eq!(result["steps"][0]["turn"]["process"]["signal"], 9, "{result}");
    scratch.assert_clean(&fake);
}
