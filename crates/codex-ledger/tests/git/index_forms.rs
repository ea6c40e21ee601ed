//! A snapshot is the same whatever form the user's index has and whatever its entries say.

use std::time::Duration;

use codex_ledger::git::{GitLimits, ReadObjects as _, Rules, Worktree as _};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::scratch::{LEDGER, Scratch, exclude, run, snapshot};

/// A repository whose index has a ledger between other entries, and names of trees.
fn with_ledger(options: &[&str]) -> Scratch {
    let scratch = Scratch::with(options);
    for path in
        ["README.md", "ai/agentic-pipeline.md", "ai/agentic-pipeline2/x", "ai/b", "src/a.rs", "src/b.rs"]
    {
        scratch.write(path, format!("{path}\n"));
    }
    scratch.write(".gitignore", "*.log\n");
    scratch.write("forced.log", "tracked although ignored\n");
    for record in 1..20 {
        scratch.write(&format!("{LEDGER}/turns/{record}/manifest.json"), format!("{{{record}}}\n"));
    }
    scratch.git(&["add", "-f", "forced.log"]);
    scratch.commit_all("first");
    scratch
}

fn change(scratch: &Scratch) {
    scratch.write("src/a.rs", "changed\n");
    scratch.write("ai/new", "x\n");
    scratch.write(&format!("{LEDGER}/turns/20/manifest.json"), "{}\n");
    std::fs::remove_file(scratch.path(b"src/b.rs")).unwrap();
}

/// All three ways to take the worktree give what git would add.
fn check(scratch: &Scratch, story: &str) {
    let cli = scratch.cli();
    let expected = scratch.tree_by_git();
    assert_eq!(snapshot(&cli), expected, "{story}");
    assert_eq!(cli.look(&exclude()).unwrap().1.tree, expected, "{story}: look");
    let rules = Rules::new(expected.clone(), Vec::new());
    assert_eq!(cli.snapshot_by(&exclude(), &rules).unwrap().tree, expected, "{story}: by rules");
    assert_eq!(cli.entry(&expected, &LEDGER.parse().unwrap()).unwrap(), None, "{story}");
}

#[test]
fn every_form_of_an_index_gives_the_tree_that_git_would_add() {
    let forms: &[(&str, &[&[&str]])] = &[
        ("version 2", &[&["update-index", "--index-version", "2"]]),
        ("version 3", &[&["update-index", "--skip-worktree", "README.md"]]),
        ("version 4", &[&["update-index", "--index-version", "4"]]),
        ("without a sum", &[&["config", "index.skipHash", "true"], &["update-index", "--force-write-index"]]),
        ("divided", &[&["update-index", "--split-index"]]),
        (
            "always divided",
            &[&["config", "core.splitIndex", "true"], &["update-index", "--force-write-index"]],
        ),
        ("with a cache of what is untracked", &[&["update-index", "--force-untracked-cache"]]),
        ("without names of trees", &[&["rm", "-q", "--cached", "src/a.rs"], &["add", "src/a.rs"]]),
        ("empty", &[&["read-tree", "--empty"]]),
        ("with a file to be added later", &[&["rm", "-q", "--cached", "ai/b"], &["add", "-N", "ai/b"]]),
        ("without the ledger", &[&["rm", "-rq", "--cached", LEDGER]]),
        ("with nothing beside the ledger", &[&["rm", "-rq", "--cached", "ai/b", "ai/agentic-pipeline.md"]]),
    ];
    for (story, commands) in forms {
        let scratch = with_ledger(&[]);
        commands.iter().for_each(|command| drop(scratch.git(command)));
        check(&scratch, story);
        change(&scratch);
        check(&scratch, &format!("{story}, with changes"));
    }
}

#[test]
fn a_sparse_index_gives_the_whole_tree() {
    let scratch = with_ledger(&[]);
    let whole = snapshot(&scratch.cli());
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src"]);
    assert!(!scratch.path(b"ai/b").exists());
    assert_eq!(snapshot(&scratch.cli()), whole);
    assert_eq!(scratch.cli().look(&exclude()).unwrap().1.tree, whole);
}

#[test]
fn an_index_of_a_repository_with_sha_256_gives_the_same_tree() {
    for version in ["2", "4"] {
        let scratch = with_ledger(&["--object-format=sha256"]);
        scratch.git(&["update-index", "--index-version", version]);
        change(&scratch);
        check(&scratch, version);
    }
}

#[test]
fn a_path_longer_than_an_entry_says_is_kept() {
    let scratch = with_ledger(&[]);
    let long = format!("{}/z", vec!["d".repeat(200); 21].join("/"));
    let blob = scratch.line(&["rev-parse", "HEAD:README.md"]);
    for version in ["2", "4"] {
        scratch.git(&["update-index", "--index-version", version]);
        scratch.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{long}")]);
        // Nobody looks for it, since no worktree can have it.
        scratch.git(&["update-index", "--skip-worktree", &long]);
        let tree = snapshot(&scratch.cli());
        assert!(scratch.cli().entry(&tree, &long.parse().unwrap()).unwrap().is_some(), "version {version}");
    }
}

#[test]
fn what_the_index_says_of_a_file_counts_as_before() {
    let scratch = with_ledger(&[]);
    scratch.git(&["update-index", "--assume-unchanged", "README.md"]);
    scratch.git(&["update-index", "--skip-worktree", "ai/b"]);
    scratch.write("README.md", "not looked at\n");
    scratch.write("ai/b", "not looked at\n");
    change(&scratch);
    let tree = snapshot(&scratch.cli());
    for path in ["README.md", "ai/b"] {
        let entry = scratch.cli().entry(&tree, &path.parse().unwrap()).unwrap().unwrap();
        assert_eq!(entry.oid, scratch.oid(&format!("HEAD:{path}")), "{path}");
    }
}

#[test]
fn another_branch_and_another_commit_are_followed() {
    let scratch = with_ledger(&[]);
    snapshot(&scratch.cli());
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.git(&["rm", "-rq", LEDGER, "src"]);
    scratch.commit_all("side");
    check(&scratch, "a branch without a ledger");
    scratch.git(&["checkout", "-q", "main"]);
    check(&scratch, "back");
    scratch.git(&["reset", "-q", "--soft", "side"]);
    check(&scratch, "HEAD moved below the index");
}

#[test]
fn a_repository_above_or_in_the_place_of_the_ledger_stays_what_it_was() {
    for (story, place) in [("above", "ai"), ("below", LEDGER), ("beside", "ai/inner")] {
        let scratch = Scratch::new();
        scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{}\n");
        run(&scratch.root, &["init", "-q", place], &[]);
        scratch.write(&format!("{place}/file"), "x\n");
        run(&scratch.path(place.as_bytes()), &["add", "file"], &[]);
        run(&scratch.path(place.as_bytes()), &["commit", "-q", "-m", "inner"], &[]);
        check(&scratch, story);
    }
}

#[test]
fn a_submodule_beside_the_ledger_is_a_commit() {
    let scratch = with_ledger(&[]);
    let other = Scratch::new();
    scratch.git(&["submodule", "--quiet", "add", other.root.to_str().unwrap(), "ai/sub"]);
    for version in ["2", "4"] {
        scratch.git(&["update-index", "--index-version", version]);
        run(&scratch.path(b"ai/sub"), &["commit", "-q", "--allow-empty", "-m", "moved"], &[]);
        check(&scratch, version);
    }
}

/// A pipe in the place of a file with rules would hold git, if it went there.
#[test]
fn git_does_not_look_into_the_ledger() {
    for is_committed in [true, false] {
        let scratch = with_ledger(&[]);
        if !is_committed {
            scratch.git(&["rm", "-rq", "--cached", LEDGER]);
        }
        let pipe = scratch.path(format!("{LEDGER}/turns/.gitignore").as_bytes());
        mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
        let mut limits = GitLimits::default();
        limits.quick = Duration::from_secs(20);
        limits.snapshot = Duration::from_secs(20);
        let cli = Scratch::builder().limits(limits).discover(&scratch.root).unwrap();
        let (standing, seen) = cli.look(&exclude()).unwrap();
        let rules = Rules::new(seen.tree.clone(), Vec::new());
        assert_eq!(cli.snapshot_by(&exclude(), &rules).unwrap().tree, seen.tree);
        assert_eq!(cli.snapshot(&exclude()).unwrap().tree, seen.tree);
        assert!(!standing.dirty, "committed: {is_committed}");
    }
}

#[test]
fn a_head_without_its_commit_hides_nothing_of_the_worktree() {
    let scratch = with_ledger(&[]);
    change(&scratch);
    let tree = snapshot(&scratch.cli());
    scratch.write(".git/refs/heads/main", format!("{}\n", "1".repeat(40)));
    let rules = Rules::new(tree.clone(), Vec::new());
    assert_eq!(scratch.cli().snapshot_by(&exclude(), &rules).unwrap().tree, tree);
}
