//! How often git is started: starting it is most of what proving and recording cost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use codex_ledger::{FileLedger, GitCli, GitMode, Reader, RedactionRules, VerifyLevel, verify};
use rstest::rstest;

use crate::project::{Project, turn_in};
use crate::scratch::Scratch;

/// Git that counts its starts.
struct Counted {
    cli: GitCli,
    log: PathBuf,
}

impl Counted {
    fn of(project: &Project) -> Self {
        let (program, log) = (project.scratch.beside("counting-git"), project.scratch.beside("starts"));
        let text = format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec git \"$@\"\n", log.display());
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let cli = Scratch::builder().program(program).discover(&project.scratch.root).unwrap();
        Self { cli, log }
    }

    fn starts(&self) -> usize {
        self.commands().len()
    }

    /// The command lines since the last call.
    fn commands(&self) -> Vec<String> {
        let commands = fs::read_to_string(&self.log).unwrap().lines().map(str::to_owned).collect();
        fs::write(&self.log, "").unwrap();
        commands
    }
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn proving_more_records_starts_git_no_more_often(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    let git = Counted::of(&project);
    let reader = Reader::at(&project.scratch.root);
    let starts = || {
        git.starts();
        assert_eq!(verify(&reader, &git.cli, &VerifyLevel::Git).unwrap().findings, []);
        git.starts()
    };
    let three = starts();
    for number in 4..=6 {
        project.turn(mode, &format!("src/file{number}.rs"), "fn more() {}\n");
    }
    assert_eq!((starts(), three <= 18), (three, true), "{three} starts");
}

#[test]
fn a_record_takes_few_starts_of_git() {
    let project = Project::with_three(GitMode::Record);
    let git = Counted::of(&project);
    let ledger = FileLedger::builder(&project.scratch.root, RedactionRules::none())
        .vcs(Arc::new(git.cli.clone()))
        .open()
        .unwrap();
    git.starts();
    turn_in(&ledger, GitMode::Record, || project.scratch.write("src/new.rs", "fn new() {}\n"));
    let commands = git.commands();
    assert!(commands.len() <= 24, "{} starts: {commands:#?}", commands.len());
}
