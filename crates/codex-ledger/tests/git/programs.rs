//! No call of the seam starts a program that a configuration names: not of this repository, not of one inside it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_ledger::GitCli;
use codex_ledger::git::{
    Commit, EntryKind, Exclude, History as _, Identity, ObjectKind, ReadObjects as _, RefEntry, Refs as _,
    Rules, Signing, Tag, TreeEntry, WholeCommit, Worktree as _, WriteObjects as _,
};
use codex_ledger::values::{Oid, RepoPath};
use rstest::rstest;

use crate::scratch::{LEDGER, Scratch, exclude, run};

/// What calls are made with.
struct World {
    head: Oid,
    tree: Oid,
    other: Oid,
    blob: Oid,
    exclude: Exclude,
}

const LIMIT: Duration = Duration::from_secs(20);

type Call = (&'static str, fn(&GitCli, &World));

/// Each method of the seam; how it ends makes no difference.
const CALLS: &[Call] = &[
    ("worktree_root", |git, _| drop(git.worktree_root().to_owned())),
    ("git_dir", |git, _| drop(git.git_dir().to_owned())),
    ("common_dir", |git, _| drop(git.common_dir().to_owned())),
    ("head", |git, _| drop(git.head())),
    ("branch", |git, _| drop(git.branch())),
    ("user_name", |git, _| drop(git.user_name())),
    ("identity", |git, _| drop(git.identity())),
    ("is_shallow", |git, _| drop(git.is_shallow())),
    ("look", |git, world| drop(git.look(&world.exclude).unwrap())),
    ("snapshot", |git, world| drop(git.snapshot(&world.exclude).unwrap())),
    ("snapshot_by", |git, world| {
        drop(git.snapshot_by(&world.exclude, &Rules::new(world.tree.clone(), Vec::new())).unwrap());
    }),
    ("folder_tree", |git, _| {
        for _ in 0..2 {
            git.folder_tree(&LEDGER.parse().unwrap()).unwrap();
        }
    }),
    ("tree_of", |git, world| drop(git.tree_of(&world.head).unwrap())),
    ("entry", |git, world| drop(git.entry(&world.tree, &path("lib")).unwrap())),
    ("entries", |git, world| drop(git.entries(&world.tree, None).unwrap())),
    ("tree_with", |git, world| {
        let entry = TreeEntry::new(path("deep/new"), EntryKind::File, world.blob.clone());
        git.tree_with(Some(&world.tree), &[entry]).unwrap();
    }),
    ("tree_without", |git, world| drop(git.tree_without(&world.tree, &[path("lib")]).unwrap())),
    ("apply", |git, world| {
        let patch = git.patch(Some(&world.tree), &world.other, 1 << 20).unwrap();
        assert!(git.apply(&world.tree, &patch.bytes.unwrap()).unwrap().is_some());
    }),
    ("changes", |git, world| drop(git.changes(Some(&world.tree), &world.other).unwrap())),
    ("patch", |git, world| drop(git.patch(Some(&world.tree), &world.other, 1 << 20).unwrap())),
    ("difference", |git, world| drop(git.difference(&world.tree, &world.other, 1 << 20).unwrap())),
    ("patch_id", |git, world| drop(git.patch_id(Some(&world.tree), &world.other).unwrap())),
    ("compare", |git, world| {
        drop(git.compare(&[(world.tree.clone(), world.other.clone())], Some(&world.exclude)).unwrap());
    }),
    ("patches", |git, world| {
        drop(git.patches(&[(world.tree.clone(), world.other.clone())], None, 1 << 20).unwrap());
    }),
    ("alterations", |git, world| drop(git.alterations(None, &world.head, &path("lib")).unwrap())),
    ("additions", |git, _| drop(git.additions(&[path("lib")], &[]).unwrap())),
    ("commit_named", |git, _| drop(git.commit_named("HEAD").unwrap())),
    ("merge_base", |git, world| drop(git.merge_base(&world.head, &world.head).unwrap())),
    ("objects_of", |git, _| drop(git.objects_of(ObjectKind::Tag).unwrap())),
    ("left_out", |git, _| drop(git.left_out(&path("lib")).unwrap())),
    ("blob_sha256s", |git, world| drop(git.blob_sha256s(std::slice::from_ref(&world.blob)).unwrap())),
    ("read_object", |git, world| drop(git.read_object(&world.blob).unwrap())),
    ("read_objects", |git, world| drop(git.read_objects(std::slice::from_ref(&world.head)).unwrap())),
    ("oids_at", |git, world| drop(git.oids_at(&[(world.tree.clone(), path("lib"))]).unwrap())),
    ("write_blob", |git, _| drop(git.write_blob(b"x").unwrap())),
    ("create_ref", |git, world| drop(git.create_ref("refs/turns/1", &world.head, &[]).unwrap())),
    ("create_whole_commit", |git, world| {
        let files = vec![(path("deep/new"), b"x".to_vec())];
        let trees = vec![(path("before"), world.tree.clone())];
        let commit = WholeCommit::new(trees, files, "m", who(), when());
        git.create_whole_commit("refs/turns-seal/7", &commit).unwrap();
    }),
    ("update_ref", |git, world| drop(git.update_ref("refs/turns/1", &world.head, &world.head).unwrap())),
    ("broken_refs", |git, _| drop(git.broken_refs("refs/turns/").unwrap())),
    ("remove_broken_ref", |git, _| assert!(!git.remove_broken_ref("refs/turns/1").unwrap())),
    ("read_ref", |git, _| drop(git.read_ref("refs/turns/1").unwrap())),
    ("list_refs", |git, _| drop(git.list_refs("refs/").unwrap())),
    ("push_new_ref", |git, world| {
        drop(git.push_new_ref("there", &RefEntry::new("refs/turns/9", world.head.clone()), &[], LIMIT));
    }),
    ("push_refs", |git, _| drop(git.push_refs("there", &["refs/heads/main".to_owned()], LIMIT))),
    ("ls_remote", |git, _| drop(git.ls_remote("there", "refs/*", LIMIT))),
    ("commit_tree", |git, world| {
        let commit = Commit::new(world.other.clone(), vec![world.head.clone()], "m", who(), when());
        git.commit_tree(&commit).unwrap();
    }),
    ("commit", |git, world| drop(git.commit(&world.head).unwrap())),
    ("log", |git, world| drop(git.log(&world.head, 9).unwrap())),
    ("is_ancestor", |git, world| {
        assert!(git.is_ancestor(&world.head, &world.head).unwrap());
    }),
    ("create_tag", |git, world| {
        let mut tag = Tag::new("turn/1", world.head.clone(), "m", who(), when());
        tag.signing = Signing::Never;
        git.create_tag(&tag).unwrap();
    }),
    ("tag", |git, _| drop(git.tag("refs/tags/turn/1").unwrap())),
    ("attach_head", |git, _| git.attach_head("refs/heads/main").unwrap()),
    ("advance_index", |git, world| drop(git.advance_index(&world.tree, &world.other))),
];

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn who() -> Identity {
    Identity::new("A", "a@example.com")
}

fn when() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_700_000_000).unwrap()
}

#[test]
fn the_table_has_every_method_of_the_seam() {
    let parts = [
        include_str!("../../src/git/vcs/read_objects.rs"),
        include_str!("../../src/git/vcs/write_objects.rs"),
        include_str!("../../src/git/vcs/worktree.rs"),
        include_str!("../../src/git/vcs/refs.rs"),
        include_str!("../../src/git/vcs/history.rs"),
    ];
    let lines = parts.iter().flat_map(|part| part.lines());
    let names = lines.filter_map(|line| line.strip_prefix("    fn ")?.split(['(', '<']).next());
    let (mut names, mut tabled): (Vec<&str>, Vec<&str>) =
        (names.collect(), CALLS.iter().map(|(name, _)| *name).collect());
    names.sort_unstable();
    tabled.sort_unstable();
    assert_eq!(tabled, names);
}

/// Programs that leave a file with their names when they run.
pub(crate) struct Markers {
    folder: PathBuf,
}

impl Markers {
    pub(crate) fn beside(scratch: &Scratch) -> Self {
        let folder = scratch.beside("ran");
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// A program that passes its input on.
    pub(crate) fn program(&self, name: &str) -> String {
        let program = self.folder.with_file_name(format!("program-{name}"));
        let mark = self.folder.join(name);
        fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\nexec cat\n", mark.display()))
            .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program.to_str().unwrap().to_owned()
    }

    pub(crate) fn ran(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// Places of a configuration that name a program which nothing of ours needs.
pub(crate) const PLACES: &[&str] = &[
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "sequence.editor",
    "core.askPass",
    "core.alternateRefsCommand",
    "core.gitProxy",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "merge.x.driver",
    "gpg.program",
    "pager.status",
    "pager.diff-files",
    "interactive.diffFilter",
    "trailer.x.command",
    "trailer.x.cmd",
    "uploadpack.packObjectsHook",
    "hook.x.command",
    "alias.status",
    "alias.update-index",
];

/// Places that choose what is done with a file on its way into and out of git.
pub(crate) const FILTERS: &[&str] = &["filter.x.clean", "filter.x.smudge", "filter.x.process"];

const HOOKS: &[&str] = &[
    "post-index-change",
    "reference-transaction",
    "pre-commit",
    "post-commit",
    "post-checkout",
    "pre-push",
    "fsmonitor-watchman",
    "update",
    "post-rewrite",
    "prepare-commit-msg",
    "commit-msg",
    "pre-auto-gc",
];

/// Plants programs in the configuration and the hooks of a repository.
pub(crate) fn plant(markers: &Markers, worktree: &Path, name: &str, places: &[&[&str]]) {
    let git_dir = run(worktree, &["rev-parse", "--absolute-git-dir"], &[]);
    let git_dir = PathBuf::from(String::from_utf8(git_dir).unwrap().trim_end());
    let key_of = |place: &str| format!("{name}-{}", place.replace('/', "-"));
    for place in places.iter().flat_map(|places| places.iter()) {
        run(worktree, &["config", place, &markers.program(&key_of(place))], &[]);
    }
    let included = git_dir.join("included");
    fs::write(&included, format!("[core]\n\tfsmonitor = {}\n", markers.program(&key_of("include")))).unwrap();
    run(worktree, &["config", "include.path", included.to_str().unwrap()], &[]);
    let hooks = git_dir.join("own-hooks");
    for folder in [&git_dir.join("hooks"), &hooks] {
        fs::create_dir_all(folder).unwrap();
        for hook in HOOKS {
            fs::copy(markers.program(&key_of(hook)), folder.join(hook)).unwrap();
        }
    }
    run(worktree, &["config", "core.hooksPath", hooks.to_str().unwrap()], &[]);
    fs::create_dir_all(git_dir.join("info")).unwrap();
    fs::write(git_dir.join("info/attributes"), "* diff=x merge=x\n").unwrap();
    if places.contains(&FILTERS) {
        fs::write(git_dir.join("info/attributes"), "* filter=x diff=x merge=x\n").unwrap();
    }
}

/// A repository with one file whose stored state differs from the file, so that a status has to read it.
pub(crate) fn inner(scratch: &Scratch, at: &str) -> PathBuf {
    let folder = scratch.path(at.as_bytes());
    fs::create_dir_all(&folder).unwrap();
    run(&folder, &["init", "-q", "-b", "main"], &[]);
    fs::write(folder.join("file"), "one\n").unwrap();
    run(&folder, &["add", "-A"], &[]);
    run(&folder, &["commit", "-q", "-m", "inside"], &[]);
    fs::write(folder.join("file"), "two\n").unwrap();
    folder
}

/// Where the agent can put a repository.
#[rstest]
#[case::a_gitlink(&["lib"], &["lib"])]
#[case::an_untracked_repository(&["nested"], &[])]
#[case::several_of_both(&["a", "lib", "deep/nested", "z"], &["lib"])]
#[case::one_in_the_ledger(&["ai/agentic-pipeline/turns/2"], &[])]
#[case::one_in_a_gitlink(&["lib", "lib/inner"], &["lib"])]
fn nothing_of_a_repository_inside_runs(#[case] repositories: &[&str], #[case] links: &[&str]) {
    let scratch = Scratch::new();
    scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{}\n".repeat(9000));
    for link in links {
        inner(&scratch, link);
    }
    check(&scratch, |markers| {
        for (at, number) in repositories.iter().zip(1..) {
            if !links.contains(at) {
                inner(&scratch, at);
            }
            let name = format!("inside{number}");
            plant(markers, &scratch.path(at.as_bytes()), &name, &[PLACES, FILTERS]);
        }
    });
}

/// The folder of the repository lies elsewhere, and the file `.git` names it.
#[test]
fn nothing_of_a_repository_behind_a_file_runs() {
    let scratch = Scratch::new();
    inner(&scratch, "lib");
    check(&scratch, |markers| {
        inner(&scratch, "nested");
        for at in ["lib", "nested"] {
            let folder = scratch.path(at.as_bytes());
            let elsewhere = scratch.beside(&format!("git-of-{at}"));
            fs::rename(folder.join(".git"), &elsewhere).unwrap();
            fs::write(folder.join(".git"), format!("gitdir: {}\n", elsewhere.display())).unwrap();
            plant(markers, &scratch.path(at.as_bytes()), at, &[PLACES, FILTERS]);
        }
    });
}

/// The folders of a repository lie in the worktree as they are.
#[test]
fn nothing_of_a_bare_repository_in_the_worktree_runs() {
    let scratch = Scratch::new();
    run(&scratch.root, &["init", "-q", "--bare", "bare"], &[]);
    check(&scratch, |markers| plant(markers, &scratch.path(b"bare"), "bare", &[PLACES, FILTERS]));
    let error = Scratch::builder().discover(&scratch.path(b"bare"));
    assert!(error.is_err(), "{error:?}");
}

#[test]
fn nothing_that_we_do_not_need_runs_in_the_repository_itself() {
    let scratch = Scratch::new();
    check(&scratch, |markers| plant(markers, &scratch.root, "outer", &[PLACES]));
}

/// The user's own filters are needed: what they make of a file is what git stores.
#[test]
fn the_filter_that_the_user_has_set_up_runs_for_his_files_alone() {
    let scratch = Scratch::new();
    let markers = Markers::beside(&scratch);
    scratch.write(".gitattributes", "*.big filter=x\n");
    scratch.commit_all("attributes");
    scratch.git(&["config", "filter.x.clean", &markers.program("clean")]);
    let cli = scratch.cli();
    scratch.write("small", "x");
    cli.snapshot(&exclude()).unwrap();
    assert_eq!(markers.ran(), Vec::<String>::new());
    scratch.write("a.big", "x");
    cli.snapshot(&exclude()).unwrap();
    assert_eq!(markers.ran(), ["clean"]);
}

/// Makes every call and looks after each whether a program ran.
pub(crate) fn check(scratch: &Scratch, plant: impl FnOnce(&Markers)) {
    scratch.write("text", "one\n");
    let head = scratch.commit_all("all");
    let there = scratch.beside("there.git");
    run(&scratch.root, &["init", "-q", "--bare", there.to_str().unwrap()], &[]);
    scratch.git(&["remote", "add", "there", there.to_str().unwrap()]);
    let cli = scratch.cli();
    let tree = scratch.oid("HEAD^{tree}");
    scratch.write("text", "two\n");
    scratch.write(".gitattributes", "* diff=x merge=x\n");
    let other = cli.snapshot(&exclude()).unwrap().tree;
    let blob = scratch.oid("HEAD:text");
    let world = World { head, tree, other, blob, exclude: exclude() };
    let markers = Markers::beside(scratch);
    plant(&markers);
    for entry in fs::read_dir(&markers.folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let discovered = Scratch::builder().discover(&scratch.root).unwrap();
    assert_eq!(markers.ran(), Vec::<String>::new(), "by discover");
    for (name, call) in CALLS {
        call(&discovered, &world);
        assert_eq!(markers.ran(), Vec::<String>::new(), "by {name}");
    }
}
