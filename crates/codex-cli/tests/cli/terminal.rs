//! What is shown on a terminal: the test holds the other end of one.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use codex_fixtures::{FakeCodex, FakeScript, wait_until};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::scratch::{SOON, Scratch, THREAD};

/// A terminal of 60 columns.
pub(crate) struct Terminal {
    other_end: OwnedFd,
    shown: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let path = name.to_str().unwrap().to_owned();
        let other_end = OpenOptions::new().read(true).write(true).open(path).unwrap();
        tcsetwinsize(&other_end, Winsize { ws_row: 24, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let screen = Arc::clone(&shown);
        let reader = thread::spawn(move || {
            let mut master = File::from(master);
            let mut chunk = [0; 4096];
            // The read fails once the last holder of the other end is gone.
            while let Ok(count @ 1..) = master.read(&mut chunk) {
                screen.lock().unwrap().extend_from_slice(&chunk[..count]);
            }
        });
        Self { other_end: other_end.into(), shown, reader }
    }

    pub(crate) fn attach(&self, command: &mut Command) {
        let end = || self.other_end.try_clone().unwrap();
        command.stdout(end()).stderr(end());
    }

    /// How often a text was drawn so far.
    pub(crate) fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).matches(text).count()
    }

    pub(crate) fn shown(self) -> String {
        drop(self.other_end);
        self.reader.join().unwrap();
        let shown = self.shown.lock().unwrap().clone();
        String::from_utf8(shown).unwrap().replace("\r\n", "\n")
    }
}

fn turn() -> FakeScript {
    let item = |event: &str, rest: &str| {
        format!(
            r#"{{"type":"{event}","item":{{"id":"item_0","type":"command_execution","command":"bash -lc 'make a-target-with-a-name-that-is-longer-than-the-terminal-is-wide'",{rest}}}}}"#
        )
    };
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(item("item.started", r#""status":"in_progress""#))
        .reach("running")
        .wait_for_gate("go")
        .line(item("item.completed", r#""aggregated_output":"bad\u001b[2J","exit_code":2,"status":"failed""#))
        .line(r#"{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"one\u001b[2J\ntwo"}}"#)
        .line(r#"{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":0,"output_tokens":5}}"#)
}

/// Whether a status line is to be waited for.
#[derive(Clone, Copy, PartialEq)]
enum Drawn {
    OverAndOver,
    Never,
}

fn show(environment: &[(&str, &str)], flags: &[&str], drawn: Drawn) -> String {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(turn());
    let terminal = Terminal::open();
    let mut command = scratch.command(Some(&fake.path()));
    command.envs(environment.iter().copied()).args(flags).args(["run", "do it"]);
    terminal.attach(&mut command);
    let mut child = command.spawn().unwrap();
    drop(command);
    assert!(fake.wait_until_reached("running", SOON));
    if drawn == Drawn::OverAndOver {
        assert!(wait_until(SOON, || terminal.count("$ make a-target") > 3), "the status line is drawn");
    }
    fake.open_gate("go");
    assert!(child.wait().unwrap().success());
    terminal.shown()
}

/// What stays on the screen: what was drawn and erased is gone.
pub(crate) fn left(shown: &str) -> String {
    shown.split("\r\u{1b}[J").map(|part| part.rfind('\n').map_or("", |end| &part[..=end])).collect()
}

#[test]
fn what_runs_is_shown_and_erased_again() {
    let shown = show(&[("TERM", "xterm"), ("NO_COLOR", "1")], &[], Drawn::OverAndOver);
    let drawn: Vec<&str> =
        shown.split("\r\u{1b}[J").filter(|part| part.contains("$ make a-target")).collect();
    assert!(drawn.len() > 2, "{shown:?}");
    assert!(drawn.iter().any(|line| line.contains("⠙") || line.contains("⠹")), "time passes: {shown:?}");
    assert!(drawn[0].chars().count() < 60, "no line wraps: {:?}", drawn[0]);
    assert!(!shown.contains("\u{1b}[3"), "no colours: {shown:?}");
    assert!(!shown.contains("\u{1b}[2J"), "the agent does not clear the screen: {shown:?}");
    let left = left(&shown);
    let stable = left.split_once(" in 0").map_or(left.as_str(), |(before, _)| before);
    insta::assert_snapshot!(stable);
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let red = "\u{1b}[31m✗";
    let is_red = |environment: &[(&str, &str)], flags: &[&str]| {
        show(environment, flags, Drawn::OverAndOver).contains(red)
    };
    assert!(is_red(&[("TERM", "xterm")], &[]));
    assert!(!is_red(&[("TERM", "xterm"), ("NO_COLOR", "1")], &[]));
    assert!(!is_red(&[("TERM", "xterm")], &["--color", "never"]));
    assert!(is_red(&[("TERM", "xterm"), ("NO_COLOR", "1")], &["--color", "always"]));
}

#[test]
fn a_dumb_terminal_gets_no_codes() {
    let shown = show(&[("TERM", "dumb")], &[], Drawn::Never);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
