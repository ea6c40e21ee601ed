//! What an agent in its sandbox can do to keep git from reading the worktree.

use std::fs;

use codex_fixtures::{Attack, FakeCodex, FakeScript};
use rstest::rstest;

use crate::project::{LEDGER, Project};
use crate::record::with_one_record;
use crate::sandboxed::agent_runs;

/// A project with one record whose git reads a tracked file as configuration, everything committed.
fn including() -> Project {
    let project = with_one_record();
    project.write("git.inc", "[alias]\n\tst = status\n");
    project.commit("aliases");
    project.git(&["config", "include.path", "../git.inc"]);
    project
}

const HALF_REPOSITORY: &str =
    "mkdir -p sub/.git/objects sub/.git/refs && mkfifo sub/.git/HEAD && echo x > sub/file";

#[rstest]
#[case::included_file("echo '[alias' > git.inc", &[], "git.inc")]
#[case::included_file_and_a_commit("echo '[alias' > git.inc", &["--git", "commit"], "git.inc")]
#[case::included_folder("rm git.inc && mkdir git.inc", &[], "git.inc")]
#[case::pipe_of_ignore_rules("mkfifo .gitignore", &[], ".gitignore")]
#[case::pipe_in_a_repository(HALF_REPOSITORY, &[], "sub/.git/HEAD")]
fn what_keeps_git_from_the_worktree_is_an_error_and_not_silence(
    #[case] plant: &str,
    #[case] flags: &[&str],
    #[case] named: &str,
) {
    let _attack = Attack::new(
        "the agent breaks a file that git's configuration includes, or puts a pipe where git reads a file",
        "exit 6 after the turn and at the next one, which does not run; the file is named; the record has failed",
    );
    let project = including();
    let ran = agent_runs(&project, &[&format!("{plant}; echo > planted")], |command| command.args(flags));
    assert!(project.has("planted"), "the agent's commands did not run to their end");
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("error: the turn is not recorded"), "{ran:?}");
    assert!(ran.stderr.contains(named), "{ran:?}");
    let fake = FakeCodex::new(FakeScript::completed_turn("not recorded"));
    let next = project.run(&fake, &["do it"]);
    assert_eq!(next.code, Some(6), "{next:?}");
    assert!(next.stderr.contains(named) && next.stderr.contains("hint: "), "{next:?}");
    assert!(fake.calls().is_empty(), "nothing ran");
    let place = project.work(named);
    if place.is_dir() {
        fs::remove_dir(place).unwrap();
    } else {
        fs::remove_file(place).unwrap();
    }
    let later = project.work_turn(&[]);
    assert_eq!(later.code, Some(0), "{later:?}");
    let ledger = &project.manifest(2)["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&"failed".into(), &"worktree-unknown".into()));
    assert!(project.has(&format!("{LEDGER}/turns/3/manifest.json")), "and later turns are recorded");
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::encodings(
    "echo '*.q working-tree-encoding=UTF-16' > .gitattributes; for i in $(seq 210); do printf x > f$i.q; done",
    "f9.q"
)]
#[case::every_encoding("echo '* working-tree-encoding=UTF-32' > .gitattributes", "hello.txt")]
#[case::repositories(
    "for i in $(seq 210); do mkdir -p n$i/.git/objects n$i/.git/refs; echo 'ref: refs/heads/x' > n$i/.git/HEAD; done",
    "other.txt"
)]
fn files_that_git_cannot_store_keep_no_turn_from_its_record(#[case] plant: &str, #[case] file: &str) {
    let _attack = Attack::new(
        "the agent makes hundreds of files or repositories that git cannot store",
        "this turn and the next ones are recorded with their changes",
    );
    let project = with_one_record();
    project.commit("the ledger");
    for command in
        [format!("{plant}; echo > planted"), format!("printf y > {file}; echo > planted2"), "true".to_owned()]
    {
        let ran = agent_runs(&project, &[&command], |command| command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert!(
        project.has("planted") && project.has("planted2"),
        "the agent's commands did not run to their end"
    );
    let changes = |turn: u32| {
        let manifest = project.manifest(turn);
        assert_eq!(manifest["ledger"]["state"], "completed");
        assert!(manifest["ledger"]["violations"].as_array().unwrap().len() < 120);
        manifest["changes"].to_string()
    };
    assert!(changes(2).contains("planted"), "{}", changes(2));
    assert!(changes(3).contains(file) && changes(3).contains("planted2"), "{}", changes(3));
    assert!(!changes(3).contains("planted\""), "{}", changes(3));
    assert!(!changes(4).contains("planted") && !changes(4).contains(file), "{}", changes(4));
    project.assert_verified(&["--git"]);
}
