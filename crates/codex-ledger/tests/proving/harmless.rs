//! A table of what people and their tools do every day, with the notes that come of it; none is an alarm.

use std::fs;

use codex_ledger::{GitMode, VerifyLevel};
use rstest::rstest;

use crate::project::{codes, verify_at};
use crate::scratch::run;
use crate::site::{Site, turn};

/// What somebody does, and a note that says so; nothing where there is nothing to say.
type Harmless = (&'static str, GitMode, fn(&Site), &'static [&'static str]);

const RECORD: GitMode = GitMode::Record;
const COMMIT: GitMode = GitMode::Commit;

const HARMLESS: &[Harmless] = &[
    ("nothing", RECORD, |_| {}, &[]),
    ("nothing, in the other mode", COMMIT, |_| {}, &[]),
    // Git puts files back.
    ("stash after a turn", RECORD, |site| after_a_turn(site, &["stash"]), &["index-behind"]),
    ("stash -u after a turn", RECORD, |site| after_a_turn(site, &["stash", "-u"]), &["elsewhere"]),
    ("stash -u and a second stash", RECORD, stash_twice, &["elsewhere"]),
    (
        "stash -u and pop",
        RECORD,
        |site| {
            after_a_turn(site, &["stash", "-u"]);
            git(site, &["stash", "pop"]);
        },
        &[],
    ),
    ("checkout . after a turn", RECORD, |site| after_a_turn(site, &["checkout", "."]), &["index-behind"]),
    ("restore . after a turn", RECORD, |site| after_a_turn(site, &["restore", "."]), &["index-behind"]),
    (
        "restore --staged --worktree after a turn",
        RECORD,
        |site| after_a_turn(site, &["restore", "--source=HEAD", "--staged", "--worktree", "."]),
        &["index-behind"],
    ),
    ("reset --hard after a turn", RECORD, |site| after_a_turn(site, &["reset", "--hard"]), &["index-behind"]),
    (
        "reset --hard to before the records",
        RECORD,
        |site| git(site, &["reset", "--hard", "HEAD~1"]),
        &["elsewhere"],
    ),
    (
        "reset --hard to before the last record",
        COMMIT,
        |site| git(site, &["reset", "--hard", "HEAD~2"]),
        &["elsewhere"],
    ),
    ("reset --soft", RECORD, |site| git(site, &["reset", "--soft", "HEAD~1"]), &[]),
    ("reset --mixed", COMMIT, |site| git(site, &["reset", "-q", "HEAD~1"]), &[]),
    (
        "reset --hard and back",
        RECORD,
        |site| {
            git(site, &["reset", "--hard", "HEAD~1"]);
            git(site, &["reset", "--hard", "ORIG_HEAD"]);
        },
        &[],
    ),
    // A commit is taken back by another.
    ("revert of the records", RECORD, |site| git(site, &["revert", "--no-edit", "HEAD"]), &["reverted"]),
    ("revert of the last record", COMMIT, |site| git(site, &["revert", "--no-edit", "HEAD"]), &["reverted"]),
    (
        "revert of a record and of its work",
        COMMIT,
        |site| git(site, &["revert", "--no-edit", "HEAD", "HEAD~1"]),
        &["reverted"],
    ),
    ("revert of a record in the middle", COMMIT, |site| revert_but_the_index(site, "HEAD~2"), &["reverted"]),
    (
        "revert of a revert",
        RECORD,
        |site| {
            git(site, &["revert", "--no-edit", "HEAD"]);
            git(site, &["revert", "--no-edit", "HEAD"]);
        },
        &[],
    ),
    (
        "revert of a merge",
        RECORD,
        |site| {
            merge(site, &["--no-ff"]);
            git(site, &["revert", "--no-edit", "-m", "1", "HEAD"]);
        },
        &["reverted"],
    ),
    (
        "revert with a message of one's own",
        RECORD,
        |site| {
            git(site, &["revert", "--no-commit", "HEAD"]);
            git(site, &["commit", "-q", "-m", "undo"]);
        },
        &["reverted"],
    ),
    (
        "a turn after a revert",
        COMMIT,
        |site| {
            git(site, &["revert", "--no-edit", "HEAD"]);
            turn(site, 4);
        },
        &["reverted"],
    ),
    // History is written anew.
    ("amend", RECORD, |site| git(site, &["commit", "-q", "--amend", "-m", "other"]), &[]),
    ("amend of a record", COMMIT, |site| git(site, &["commit", "-q", "--amend", "-m", "other"]), &[]),
    ("rebase", COMMIT, rebase, &["rebased"]),
    (
        "a rewritten history with its tags",
        COMMIT,
        |site| filter(site, "GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'; export GIT_COMMITTER_DATE"),
        &["rebased"],
    ),
    (
        "a rewritten history with its tags, and nothing left of the old one",
        COMMIT,
        |site| {
            filter(site, "GIT_AUTHOR_NAME=B; export GIT_AUTHOR_NAME");
            collect(site);
        },
        &["rebased"],
    ),
    ("squash merge of a branch", RECORD, |site| merge(site, &["--squash"]), &[]),
    ("merge", RECORD, |site| merge(site, &["--no-ff"]), &[]),
    ("fast-forward", RECORD, |site| merge(site, &["--ff-only"]), &[]),
    ("cherry-pick of a record", COMMIT, cherry_pick, &[]),
    // Branches and worktrees.
    ("a branch is renamed", RECORD, |site| git(site, &["branch", "-m", "trunk"]), &[]),
    ("another branch", RECORD, |site| git(site, &["switch", "-q", "-c", "other"]), &[]),
    ("an older commit", COMMIT, |site| git(site, &["checkout", "-q", "HEAD~2"]), &["elsewhere"]),
    (
        "a branch from before",
        RECORD,
        |site| git(site, &["switch", "-q", "-c", "other", "HEAD~1"]),
        &["elsewhere"],
    ),
    ("records that were committed on another branch", RECORD, committed_on_a_branch, &["elsewhere"]),
    ("a linked worktree", RECORD, |site| git(site, &["worktree", "add", "-q", "../linked"]), &[]),
    ("a detached HEAD", RECORD, |site| git(site, &["checkout", "-q", "--detach"]), &[]),
    (
        "staged and not committed",
        RECORD,
        |site| {
            turn(site, 4);
            git(site, &["add", "-A"]);
        },
        &[],
    ),
    // Git cleans up.
    ("gc", COMMIT, collect, &[]),
    (
        "repack and pack-refs",
        RECORD,
        |site| {
            git(site, &["repack", "-adq"]);
            git(site, &["pack-refs", "--all"]);
        },
        &[],
    ),
    ("fetch --prune --prune-tags", COMMIT, prune_tags, &["tag-pruned"]),
    (
        "fetch --prune --prune-tags, and a turn after it",
        COMMIT,
        |site| {
            prune_tags(site);
            site.project.turn(COMMIT, "after.txt", "x\n");
        },
        &["tag-pruned"],
    ),
    (
        "fetch --prune of branches",
        RECORD,
        |site| {
            remote(site);
            git(site, &["fetch", "-q", "--prune", "origin"]);
        },
        &[],
    ),
    (
        "a sparse checkout without the ledger",
        RECORD,
        |site| git(site, &["sparse-checkout", "set", "src"]),
        &["not-checked-out"],
    ),
    (
        "a sparse checkout without logs",
        RECORD,
        |site| {
            git(site, &["sparse-checkout", "set", "--no-cone", "/*", "!/ai/agentic-pipeline/turns/*/logs/"]);
        },
        &["not-checked-out"],
    ),
    (
        "a sparse checkout without the first record",
        RECORD,
        |site| git(site, &["sparse-checkout", "set", "--no-cone", "/*", "!/ai/agentic-pipeline/turns/1/"]),
        &["not-checked-out"],
    ),
    (
        "a sparse checkout without the last record",
        COMMIT,
        |site| git(site, &["sparse-checkout", "set", "--no-cone", "/*", "!/ai/agentic-pipeline/turns/3/"]),
        &["not-checked-out"],
    ),
    // Desktops, editors and people leave files.
    ("a desktop's file", RECORD, |site| fs::write(site.file(2, ".DS_Store"), "x").unwrap(), &["stray-file"]),
    (
        "a desktop's file, in a commit",
        RECORD,
        |site| {
            fs::write(site.file(2, ".DS_Store"), "x").unwrap();
            site.commit();
        },
        &["stray-file"],
    ),
    (
        "a desktop's file that came and went",
        RECORD,
        |site| {
            fs::write(site.file(2, "Thumbs.db"), "x").unwrap();
            site.commit();
            fs::remove_file(site.file(2, "Thumbs.db")).unwrap();
            site.commit();
        },
        &[],
    ),
    ("an editor's backup", RECORD, |site| fs::write(site.file(3, "adr.md~"), "x").unwrap(), &["stray-file"]),
    (
        "an editor's swap file",
        COMMIT,
        |site| fs::write(site.file(1, "logs/.task.log.swp"), "x").unwrap(),
        &["stray-file"],
    ),
    (
        "a file between the records",
        RECORD,
        |site| fs::write(site.turns().join("README.md"), "x").unwrap(),
        &["foreign-entry"],
    ),
    ("a record of an older tool", RECORD, older_tool, &["foreign-entry"]),
    ("other permissions", RECORD, |site| permissions(site), &[]),
    ("a tag of a person with a number", RECORD, |site| git(site, &["tag", "turn/2", "HEAD"]), &[]),
    (
        "the caches in the git directory are gone",
        RECORD,
        |site| fs::remove_dir_all(site.root().join(".git/turns")).unwrap(),
        &[],
    ),
    ("the index has its rows in another order", RECORD, turned_index, &[]),
];

#[test]
fn the_table_is_long_enough() {
    assert!(HARMLESS.len() >= 40, "{}", HARMLESS.len());
}

#[rstest]
fn nothing_that_people_do_every_day_is_an_alarm(#[values(0, 1, 2, 3, 4, 5, 6, 7)] part: usize) {
    let mut wrong = Vec::new();
    for (name, mode, happens, notes) in HARMLESS.iter().skip(part).step_by(8) {
        let site = Site::new(*mode);
        happens(&site);
        for level in [VerifyLevel::Files, VerifyLevel::Git] {
            let found = verify_at(site.root(), &level);
            let missing = notes.iter().filter(|note| !codes(&found).contains(*note));
            let is_of_git = |note: &&str| matches!(*note, "rebased" | "rewritten" | "tag-pruned");
            let missing: Vec<_> =
                missing.filter(|note| level == VerifyLevel::Git || !is_of_git(note)).collect();
            if found.exit_code() != 0 || !missing.is_empty() {
                wrong.push(format!("{name} ({level:?}) without {missing:?}: {:#?}", found.findings));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn git(site: &Site, args: &[&str]) {
    site.git(args);
}

fn after_a_turn(site: &Site, args: &[&str]) {
    turn(site, 4);
    git(site, args);
}

fn stash_twice(site: &Site) {
    after_a_turn(site, &["stash", "-q", "-u"]);
    site.project.scratch.write("README.md", "other\n");
    git(site, &["stash", "-q"]);
}

/// A revert of one record, whose row stood between others and was in conflict.
fn revert_but_the_index(site: &Site, commit: &str) {
    let reverted = site.git(&["rev-parse", commit]);
    fs::remove_dir_all(site.record(2)).unwrap();
    site.drop_rows(&[2]);
    git(site, &["add", "-A"]);
    git(site, &["commit", "-q", "-m", &format!("Revert \"2\"\n\nThis reverts commit {reverted}.")]);
}

/// A branch with a record that is merged in some way.
fn merge(site: &Site, how: &[&str]) {
    git(site, &["switch", "-q", "-c", "side"]);
    turn(site, 4);
    site.commit();
    git(site, &["switch", "-q", "main"]);
    if how != ["--ff-only"] {
        site.project.scratch.write("main.txt", "x\n");
        site.commit();
    }
    git(site, &[&["merge", "-q"], how, &["side"]].concat());
    if how == ["--squash"] {
        git(site, &["commit", "-q", "-m", "squashed"]);
    }
}

fn rebase(site: &Site) {
    git(site, &["switch", "-q", "-c", "work"]);
    git(site, &["switch", "-q", "main"]);
    git(site, &["reset", "-q", "--hard", "HEAD~6"]);
    site.project.scratch.write("other.txt", "x\n");
    site.commit();
    git(site, &["switch", "-q", "work"]);
    git(site, &["rebase", "-q", "main"]);
}

fn filter(site: &Site, environment: &str) {
    run(
        site.root(),
        &["filter-branch", "-f", "--env-filter", environment, "--tag-name-filter", "cat", "--", "--all"],
        &[("FILTER_BRANCH_SQUELCH_WARNING", "1")],
    );
    for name in site.git(&["for-each-ref", "--format=%(refname)", "refs/original"]).lines() {
        git(site, &["update-ref", "-d", name]);
    }
}

fn collect(site: &Site) {
    git(site, &["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    git(site, &["gc", "-q", "--prune=now"]);
}

fn cherry_pick(site: &Site) {
    git(site, &["switch", "-q", "-c", "side"]);
    site.project.turn(COMMIT, "side.txt", "x\n");
    git(site, &["switch", "-q", "main"]);
    git(site, &["cherry-pick", "--allow-empty", "main..side"]);
}

fn committed_on_a_branch(site: &Site) {
    turn(site, 4);
    git(site, &["switch", "-q", "-c", "side"]);
    site.commit();
    git(site, &["switch", "-q", "main"]);
}

/// A remote that has the branch.
fn remote(site: &Site) {
    let bare = site.project.scratch.beside("bare.git");
    git(site, &["init", "-q", "--bare", bare.to_str().unwrap()]);
    git(site, &["remote", "add", "origin", bare.to_str().unwrap()]);
    git(site, &["push", "-q", "origin", "main"]);
    git(site, &["fetch", "-q", "origin"]);
}

pub(crate) fn prune_tags(site: &Site) {
    remote(site);
    git(site, &["fetch", "-q", "--prune", "--prune-tags", "origin"]);
    assert_eq!(site.git(&["tag", "-l"]), "");
}

/// What another program has left, with its row.
fn older_tool(site: &Site) {
    let folder = site.turns().join("turn-007");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("notes.md"), "x").unwrap();
    let rows = fs::read_to_string(site.index()).unwrap() + "7,2025-09-05T17:42:10Z,x,,,,,,\n";
    fs::write(site.index(), rows).unwrap();
}

fn permissions(site: &Site) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(site.file(2, "adr.md"), fs::Permissions::from_mode(0o600)).unwrap();
}

fn turned_index(site: &Site) {
    let text = fs::read_to_string(site.index()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    fs::write(site.index(), lines.join("\n") + "\n").unwrap();
}
