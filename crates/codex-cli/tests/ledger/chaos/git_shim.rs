//! [`GitShim`]: a `git` that counts its starts by the command under test, and kills the command at one of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::project::{Project, SOON};
use codex_fixtures::wait_until;

/// When the command dies, seen from the start of git that it dies at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// Git does nothing.
    Before,
    /// Git has done what it was asked for, and nobody hears of it.
    After,
    /// Git does what it was asked for while nobody is there.
    During,
}

/// How often a command has started git.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starts {
    pub(super) all: usize,
    /// Of those, before its first turn of Codex was over.
    pub(super) before_the_end_of_the_turn: usize,
}

/// A folder for the front of the path, with a `git` in it.
pub(super) struct GitShim {
    folder: PathBuf,
    work: PathBuf,
}

/// A start of git dies with the command under test. So what is written down is written before the blow, and git that
/// works on while nobody is there is a process behind the shim.
///
/// Starts of git count only where the command under test is the parent: an agent may start git too.
const SHIM: &str = r#"#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
at='FOLDER'
read -r name < "/proc/$PPID/comm"
[ "$name" = codex-turns ] || exec git "$@"
ran=$(ls 'WORK'/.git/turns/journal/*/turn-1.end.json 2>/dev/null)
echo "${ran:+ran}" >> "$at/starts"
[ "$(wc -l < "$at/starts")" = "$(cat "$at/call")" ] || exec git "$@"
case $(cat "$at/blow") in
Before) : > "$at/struck"; kill -9 $PPID ;;
After) git "$@"; : > "$at/struck"; kill -9 $PPID ;;
During) (kill -9 $PPID; git "$@"; : > "$at/struck") <&0 & wait ;;
esac
"#;

impl GitShim {
    /// A git that kills nobody.
    pub(super) fn new(project: &Project) -> Self {
        let shim = Self { folder: project.path("shim"), work: project.work("") };
        fs::create_dir_all(&shim.folder).unwrap();
        let text = SHIM.replace("FOLDER", &shim.folder.display().to_string());
        let text = text.replace("WORK", shim.work.to_str().unwrap().trim_end_matches('/'));
        fs::write(shim.folder.join("git"), text).unwrap();
        fs::set_permissions(shim.folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
        shim.arm(0, Blow::Before);
        shim
    }

    /// Lets the command die at this start of git, counted from 1.
    pub(super) fn arm(&self, call: usize, blow: Blow) {
        fs::write(self.folder.join("call"), format!("{call}\n")).unwrap();
        fs::write(self.folder.join("blow"), format!("{blow:?}\n")).unwrap();
        fs::write(self.folder.join("starts"), "").unwrap();
        let _ = fs::remove_file(self.folder.join("struck"));
    }

    /// Makes a command find it.
    pub(super) fn attach(&self, command: &mut Command) {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.folder.display());
        command.env("PATH", path);
    }

    /// How often git was started.
    pub(super) fn starts(&self) -> Starts {
        let starts = fs::read_to_string(self.folder.join("starts")).unwrap();
        let before_the_end_of_the_turn = starts.lines().take_while(|line| line.is_empty()).count();
        Starts { all: starts.lines().count(), before_the_end_of_the_turn }
    }

    /// Waits until the git that the command died at has ended too.
    pub(super) fn wait_for_git(&self) {
        assert!(wait_until(SOON, || self.folder.join("struck").exists()), "the command did not die at git");
    }
}
