//! The signals that ask the command to stop.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, Signal, wait_until};
use rstest::rstest;
use rustix::process::{Pid, Signal as Posix, kill_process};

use crate::scratch::{Ran, SOON, Scratch, THREAD, new_command};

/// A turn that has begun and goes on.
pub(crate) fn begun() -> FakeScript {
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .reach("begun")
}

fn start(command: &mut Command, fake: &FakeCodex) -> Child {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(fake.wait_until_reached("begun", SOON));
    child
}

pub(crate) fn send(child: &Child, signal: Posix) {
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[rstest]
#[case::ctrl_c(Posix::INT, 130, "press Ctrl-C again to kill it")]
#[case::from_a_scheduler(Posix::TERM, 143, "a second signal kills it")]
#[case::terminal_gone(Posix::HUP, 143, "a second signal kills it")]
fn the_first_signal_cancels_politely(#[case] signal: Posix, #[case] code: i32, #[case] said: &str) {
    let scratch = Scratch::new();
    let polite = FakeScript::new().exit(1);
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, polite).hang());
    let mut command = scratch.command(Some(&fake.path()));
    let child = start(command.args(["run", "--result", "result.json", "do it"]), &fake);
    send(&child, signal);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert!(ran.stderr.contains("cancelled in "), "{ran:?}");
    assert!(ran.stderr.contains(&format!("resume: codex-turns run --resume {THREAD}")), "{ran:?}");
    assert_eq!(scratch.result()["verdict"], "cancelled");
    assert_eq!(fake.calls()[0].signals()[0].signal, Signal::Interrupt);
    scratch.assert_clean(&fake);
}

#[test]
fn the_second_signal_kills_at_once() {
    let scratch = Scratch::new();
    let child = ChildProcess::new().own_session().ignores_signals();
    let fake = FakeCodex::new(begun().spawn(child).ignore(Signal::Interrupt).reach("deaf").hang());
    let mut command = scratch.command(Some(&fake.path()));
    let child = start(command.args(["run", "--result", "result.json", "do it"]), &fake);
    assert!(fake.wait_until_reached("deaf", SOON));
    let heard = || fake.calls()[0].signals().len();
    send(&child, Posix::INT);
    assert!(wait_until(SOON, || heard() > 0), "codex is asked");
    let second = Instant::now();
    send(&child, Posix::INT);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(second.elapsed().as_secs() < 4, "the grace period of five seconds is not waited for");
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.stderr.contains("error: the turn was killed before codex had stopped"), "{ran:?}");
    let result = scratch.result();
    assert_eq!((&result["verdict"], &result["threadId"]), (&"cancelled".into(), &THREAD.into()));
    scratch.assert_clean(&fake);
}

#[test]
fn a_turn_that_completes_while_it_is_cancelled_has_completed() {
    let scratch = Scratch::new();
    let done = FakeScript::new().line(r#"{"type":"turn.completed","usage":null}"#).exit(0);
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, done).hang());
    let child = start(scratch.command(Some(&fake.path())).args(["run", "do it"]), &fake);
    send(&child, Posix::INT);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_stalled_reader_does_not_deafen_the_command() {
    let scratch = Scratch::new();
    let line = r#"{"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}"#;
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, FakeScript::new().exit(1)).endless(line));
    let mut command = scratch.command(Some(&fake.path()));
    let mut child = start(command.args(["run", "--json", "do it"]), &fake);
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 1]).unwrap();
    send(&child, Posix::TERM);
    let sent = Instant::now();
    // Nobody reads, and still Codex is asked and the command ends.
    assert!(wait_until(SOON, || child.try_wait().unwrap().is_some()));
    assert!(sent.elapsed().as_secs() < 10, "{:?}", sent.elapsed());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    drop(stdout);
    scratch.assert_clean(&fake);
}

#[test]
fn nohup_is_respected() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(begun().wait_for_gate("go").then(FakeScript::completed_turn("done")));
    let mut shell = new_command("/bin/sh".as_ref());
    let plain = scratch.command(Some(&fake.path()));
    let environment = plain.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.env_clear().envs(environment).current_dir(scratch.path("work")).stdin(Stdio::null());
    shell.args(["-c", "trap '' HUP; exec \"$0\" run --quiet 'do it'"]).arg(plain.get_program());
    let child = start(&mut shell, &fake);
    send(&child, Posix::HUP);
    let asked = || !fake.calls()[0].signals().is_empty();
    assert!(!wait_until(Duration::from_millis(500), asked), "codex is not asked to stop");
    fake.open_gate("go");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "done\n"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn codex_does_not_outlive_a_command_that_is_killed() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(begun().on_signal(Signal::Interrupt, FakeScript::new().exit(1)).hang());
    let mut child = start(scratch.command(Some(&fake.path())).args(["run", "do it"]), &fake);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(wait_until(SOON, || fake.living().is_empty()), "{:?}", fake.living());
    // The system sends it once for each of our threads that Codex was handed on to.
    let heard = fake.calls()[0].signals().to_vec();
    assert!(!heard.is_empty() && heard.iter().all(|heard| heard.signal == Signal::Interrupt), "{heard:?}");
}
