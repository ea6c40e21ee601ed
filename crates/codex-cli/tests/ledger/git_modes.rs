//! What is done with git besides keeping a record.

use crate::project::{LEDGER, Project};

#[test]
fn record_mode_commits_nothing_and_guards_the_record() {
    let project = Project::recorded();
    let before = project.git(&["rev-parse", "HEAD"]);
    assert_eq!(project.work_turn(&[]).code, Some(0));
    assert_eq!(project.git(&["rev-parse", "HEAD"]), before);
    assert_eq!(project.git(&["diff", "--cached", "--name-only"]), "", "the index is the user's");
    assert_ne!(project.git(&["rev-parse", "refs/turns-seal/1"]), "");
    project.assert_verified(&["--git"]);
}

#[test]
fn commit_mode_commits_the_work_and_then_the_record() {
    let project = Project::recorded();
    let before = project.git(&["rev-parse", "HEAD"]);
    let ran = project.work_turn(&["--git", "commit", "--task", "greet"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let work = project.git(&["rev-parse", "HEAD~1"]);
    assert_eq!(project.git(&["rev-parse", "HEAD~2"]), before);
    assert_eq!(project.manifest(1)["git"]["headAfter"], work.as_str());
    assert_eq!(project.manifest(1)["git"]["tag"], "turn/1");
    assert_eq!(project.git(&["rev-parse", "refs/tags/turn/1^{commit}"]), project.git(&["rev-parse", "HEAD"]));
    let files = project.git(&["show", "--name-only", "--format=", &work]);
    assert_eq!(files, "hello.txt\nnew.txt");
    assert!(project.git(&["log", "-1", "--format=%B", &work]).contains("Turn-Id: 1"));
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    project.assert_verified(&["--git"]);
}

#[test]
fn branch_mode_works_on_a_branch_of_its_own_and_says_what_to_push() {
    let project = Project::recorded();
    project.commit("the ledger");
    let before = project.git(&["rev-parse", "refs/heads/main"]);
    let ran = project.work_turn(&["--git", "branch"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.git(&["symbolic-ref", "HEAD"]), "refs/heads/turn/1");
    assert_eq!(project.git(&["rev-parse", "refs/heads/main"]), before, "the old branch stays");
    assert!(ran.stderr.contains("push: git push REMOTE refs/heads/turn/1 refs/tags/turn/1"), "{ran:?}");
    assert_eq!(project.manifest(1)["git"]["branch"], "turn/1");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_mode_that_commits_refuses_a_worktree_that_is_not_clean() {
    let project = Project::recorded();
    project.write("hello.txt", "my own work\n");
    let ran = project.work_turn(&["--git", "commit"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("the worktree has changes of its own outside of the ledger"), "{ran:?}");
    assert!(ran.stderr.contains("hint: commit or stash what is yours"), "{ran:?}");
    assert_eq!(project.read("hello.txt"), "my own work\n", "nothing ran");
    assert!(!project.has(&format!("{LEDGER}/turns/1")));
    project.trusted_settings("[ledger]\ngit = \"commit\"\ndirty = \"record\"\n");
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("nothing is committed"), "{ran:?}");
}

#[test]
fn the_tag_is_pushed_where_a_remote_is_named_for_it() {
    let project = Project::recorded();
    let remote = project.path("remote.git").display().to_string();
    project.git(&["init", "-q", "--bare", &remote]);
    project.git(&["remote", "add", "origin", &remote]);
    project.trusted_settings("[ledger]\ngit = \"commit\"\npush = \"origin\"\n");
    project.commit("settings");
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("warning"), "{ran:?}");
    let there = project.git(&["ls-remote", "origin"]);
    assert!(there.contains(&project.git(&["rev-parse", "refs/tags/turn/1"])), "{there}");
    assert!(!there.contains("refs/heads/"), "nothing else is pushed: {there}");
}

/// A remote that is away costs the turn nothing, and the next recovery pushes.
#[test]
fn a_tag_that_could_not_be_pushed_is_pushed_later() {
    let project = Project::recorded();
    let remote = project.path("remote.git").display().to_string();
    project.git(&["remote", "add", "origin", &remote]);
    project.trusted_settings("[ledger]\ngit = \"commit\"\npush = \"origin\"\n");
    project.commit("settings");
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("the record is safe, but not finished"), "{ran:?}");
    project.git(&["init", "-q", "--bare", &remote]);
    assert_eq!(project.turns(&["ledger", "recover"]).code, Some(0));
    assert!(project.git(&["ls-remote", "origin"]).contains("refs/tags/turn/1"));
    project.assert_verified(&["--git"]);
}

/// Without the records before it a clone would miss the parent of a record, and a row would have none.
#[test]
fn records_that_are_not_committed_yet_go_with_the_next_one_that_is() {
    let project = Project::recorded();
    assert_eq!(project.work_turn(&[]).code, Some(0));
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let purged = project.turns(&["ledger", "purge", "1", "logs/llm_prompt.txt", "--reason", "a password"]);
    assert_eq!(purged.code, Some(0), "{purged:?}");
    project.git(&["add", "hello.txt", "new.txt"]);
    project.git(&["commit", "-q", "-m", "the work"]);
    let ran = project.work_turn(&["--git", "commit"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    let again = project.work_turn(&["--git", "commit"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let files = project.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert!(
        files.lines().all(|file| file.contains("turns/5/") || file.ends_with("turns_index.csv")),
        "only once: {files}"
    );
    project.git(&["clone", "-q", ".", "../clone"]);
    let verified = project.turns(&["ledger", "verify", "--git", "-C", "../clone"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.stdout.contains("5 records"), "{verified:?}");
}

/// As after `git add -A` between two turns: the index has an older state of what each record changes.
#[test]
fn what_is_staged_of_the_ledger_does_not_keep_the_index_from_the_commit() {
    let project = Project::recorded();
    assert_eq!(project.work_turn(&["--git", "commit"]).code, Some(0));
    assert_eq!(project.work_turn(&[]).code, Some(0));
    project.git(&["add", "-A"]);
    let ran = project.work_turn(&["--git", "commit"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("warning: "), "{ran:?}");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    project.assert_verified(&["--git"]);
}
