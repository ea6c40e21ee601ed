//! What is shown of records on a terminal: the test holds the other end of one.

use std::fs::{File, OpenOptions};
use std::io::Read as _;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::project::Project;

const COLUMNS: u16 = 60;

/// Runs `codex-turns ledger ARGUMENTS` on a terminal; tells its screen line by line.
fn shown(project: &Project, arguments: &[&str]) -> Vec<String> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let screen = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    tcsetwinsize(&screen, Winsize { ws_row: 24, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = project.command();
    command.arg("ledger").args(arguments).env("TERM", "xterm-256color").stdout(screen);
    let mut child = command.spawn().unwrap();
    // Its copy of the terminal's end goes with it: then the read below ends with the child.
    drop(command);
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let mut master = File::from(master);
    while let Ok(count @ 1..) = master.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..count]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

/// The text without the codes of colours.
fn plain(line: &str) -> String {
    anstream::adapter::strip_str(line).to_string()
}

fn project() -> Project {
    let project = Project::recorded();
    let task = "a task with a name that is much longer than the terminal is wide";
    assert_eq!(project.work_turn(&["--task", task]).code, Some(0));
    project
}

#[test]
fn a_list_is_cut_to_the_width_and_has_colours() {
    let lines = shown(&project(), &["list"]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("\u{1b}[32m✓ completed"), "{lines:?}");
    let row = plain(&lines[1]);
    assert!(row.ends_with('…') && row.chars().count() == usize::from(COLUMNS), "{row:?}");
}

#[test]
fn a_patch_has_colours_and_steers_nothing() {
    let project = project();
    project.write("hello.txt", "a\u{1b}]0;owned\u{7}b\n");
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let lines = shown(&project, &["show", "2", "--diff"]);
    assert!(lines.iter().any(|line| line == "\u{1b}[32m+world\u{1b}[0m"), "{lines:?}");
    assert!(lines.iter().any(|line| line == "\u{1b}[31m-ab\u{1b}[0m"), "{lines:?}");
    assert!(!lines.iter().any(|line| plain(line).contains(char::is_control)), "{lines:?}");
}
