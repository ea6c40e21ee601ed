//! [`Moment`]: when the command under test is killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::git_shim::{Blow, GitShim};
use crate::project::{Project, SOON};

/// When the command is killed: by what it has done, not by a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// At this start of git, counted from 1.
    Git(usize, Blow),
    /// As soon as a file or folder of this name is in its journal.
    Journal(&'static str),
    /// As soon as this is in the worktree.
    Worktree(&'static str),
    /// As soon as it has printed so many lines of its progress.
    Line(usize),
    /// As soon as it has printed a line with this text.
    Said(&'static str),
}

/// What is left of a command that was killed.
pub(super) struct Killed {
    /// What it said on standard error until then.
    pub(super) said: String,
    /// When its death was known.
    pub(super) dead: Instant,
    /// Whether it came to its own end before.
    pub(super) survived: bool,
}

/// Runs a command until its moment, which is its last.
pub(super) fn kill_at(moment: Moment, project: &Project, mut command: Command) -> Killed {
    let shim = GitShim::new(project);
    shim.attach(&mut command);
    if let Moment::Git(call, blow) = moment {
        shim.arm(call, blow);
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    match moment {
        Moment::Git(..) => {}
        Moment::Journal(name) => wait(&mut child, || in_journal(project, name)),
        Moment::Worktree(name) => wait(&mut child, || project.has(name)),
        Moment::Line(lines) => {
            for _ in 0..lines {
                stderr.read_line(&mut said).unwrap();
            }
        }
        Moment::Said(text) => while !said.contains(text) && stderr.read_line(&mut said).unwrap() > 0 {},
    }
    if !matches!(moment, Moment::Git(..)) {
        // It may have come to its end: there is nobody to kill then, and the process is not reaped yet.
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let dead = Instant::now();
    let survived = status.code().is_some();
    if matches!(moment, Moment::Git(..)) && !survived {
        shim.wait_for_git();
    }
    stderr.read_to_string(&mut said).unwrap();
    Killed { said, dead, survived }
}

/// Whether a journal of the project has an entry.
pub(super) fn in_journal(project: &Project, name: &str) -> bool {
    let journals = std::fs::read_dir(project.work(".git/turns/journal"));
    journals.into_iter().flatten().flatten().any(|journal| journal.path().join(name).exists())
}

/// Looks without a pause, so that the kill comes as close behind as it can.
fn wait(child: &mut Child, mut is_there: impl FnMut() -> bool) {
    let limit = Instant::now() + SOON;
    while !is_there() && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < limit, "the moment does not come");
        thread::sleep(Duration::from_micros(50));
    }
}
