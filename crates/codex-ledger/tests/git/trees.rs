//! Trees made out of others, and what is read of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use codex_ledger::git::{EntryKind, PathChangeKind, ReadObjects as _, TreeEntry, WriteObjects as _};
use codex_ledger::values::RepoPath;

use crate::scratch::{Scratch, exclude, snapshot};

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn names(entries: &[TreeEntry]) -> Vec<String> {
    entries.iter().map(|entry| entry.path.to_string()).collect()
}

#[test]
fn entries_are_put_into_a_tree_and_taken_out_of_it() {
    let scratch = Scratch::new();
    scratch.write("a/one", "1");
    scratch.write("a/two", "2");
    scratch.write("b", "3");
    let cli = scratch.cli();
    let base = snapshot(&cli);
    let blob = cli.write_blob(b"new").unwrap();
    let file = |at: &str| TreeEntry::new(path(at), EntryKind::File, blob.clone());
    let with = cli.tree_with(Some(&base), &[file("a"), file("b/c"), file("new\nname")]).unwrap();
    assert_eq!(names(&cli.entries(&with, None).unwrap()), ["README.md", "a", "b/c", "new\nname"]);
    let folder = cli.entry(&base, &path("a")).unwrap().unwrap();
    assert_eq!(folder.kind, EntryKind::Folder);
    let graft = TreeEntry::new(path("deep/copy"), EntryKind::Folder, folder.oid.clone());
    let grafted = cli.tree_with(None, &[graft, file("*")]).unwrap();
    assert_eq!(names(&cli.entries(&grafted, None).unwrap()), ["*", "deep/copy/one", "deep/copy/two"]);
    assert_eq!(
        names(&cli.entries(&grafted, Some(&path("deep"))).unwrap()),
        ["deep/copy/one", "deep/copy/two"]
    );
    let without = cli.tree_without(&grafted, &[path("deep"), path("not there")]).unwrap();
    assert_eq!(names(&cli.entries(&without, None).unwrap()), ["*"]);
    let gone = cli.tree_without(&without, &[path("*")]).unwrap();
    assert!(cli.entries(&gone, None).unwrap().is_empty());
    assert_eq!(cli.entry(&grafted, &path("deep/copy")).unwrap().unwrap().oid, folder.oid);
}

#[test]
fn a_patch_leads_from_tree_to_tree_and_nothing_else_does() {
    let scratch = Scratch::new();
    scratch.write("binary", b"\0one");
    scratch.write_bytes(b"caf\xe9\n\"", "a\r\nb");
    let cli = scratch.cli();
    let before = snapshot(&cli);
    scratch.write("binary", b"\0two\xff");
    scratch.write_bytes(b"caf\xe9\n\"", "a\r\nc\r\n");
    scratch.write("new", "");
    let after = snapshot(&cli);
    let patch = cli.patch(Some(&before), &after, 1_000_000).unwrap().bytes.unwrap();
    assert_eq!(cli.apply(&before, &patch).unwrap(), Some(after.clone()));
    assert_eq!(cli.apply(&after, &patch).unwrap(), None);
    assert_eq!(cli.apply(&before, b"").unwrap(), Some(before.clone()));
    assert_eq!(cli.apply(&before, b"no patch\n").unwrap(), None);
    let at_limit = cli.patch(Some(&before), &after, patch.len() as u64).unwrap();
    assert_eq!(at_limit.bytes.as_ref(), Some(&patch));
    let too_long = cli.patch(Some(&before), &after, patch.len() as u64 - 1).unwrap();
    assert_eq!((too_long.bytes, too_long.original_bytes), (None, patch.len() as u64));
    assert_eq!(too_long.sha256, codex_ledger::values::sha256_hex(&patch));
    assert_eq!(cli.patch(Some(&after), &after, 10).unwrap().bytes, Some(Vec::new()));
}

/// The second branch has the same change on other lines of another file's history, as after a rebase.
#[test]
fn a_patch_id_survives_a_rebase_and_tells_changes_apart() {
    let scratch = Scratch::new();
    scratch.write("file", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let cli = scratch.cli();
    let base = snapshot(&cli);
    scratch.write("file", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n");
    let change = cli.patch_id(Some(&base), &snapshot(&cli)).unwrap().unwrap();
    scratch.write("other", "x\n");
    scratch.write("file", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let moved = snapshot(&cli);
    scratch.write("file", "0\n1\n2\n3\n4\nfive\n6\n7\n8\n9\n");
    assert_eq!(cli.patch_id(Some(&moved), &snapshot(&cli)).unwrap(), Some(change.clone()));
    scratch.write("file", "0\n1\n2\n3\n4\nsix\n6\n7\n8\n9\n");
    assert_ne!(cli.patch_id(Some(&moved), &snapshot(&cli)).unwrap(), Some(change));
    assert_eq!(cli.patch_id(Some(&moved), &moved).unwrap(), None);
}

#[test]
fn blobs_are_hashed_in_the_order_asked_for() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let large = vec![7_u8; 3_000_000];
    let contents: [&[u8]; 4] = [b"", b"one\n", &large, b"one\n"];
    let oids: Vec<_> = contents.iter().map(|content| cli.write_blob(content).unwrap()).collect();
    let expected: Vec<_> = contents.iter().map(|content| codex_ledger::values::sha256_hex(content)).collect();
    assert_eq!(cli.blob_sha256s(&oids).unwrap(), expected);
    let missing = "00000000000000000000000000000000000000ff".parse().unwrap();
    assert_eq!(cli.read_object(&missing).unwrap(), None);
    assert!(cli.blob_sha256s(&[oids[0].clone(), missing]).is_err());
    assert_eq!(cli.blob_sha256s(&[]).unwrap(), [""; 0]);
}

#[test]
fn a_blob_is_kept_as_it_is_whatever_is_configured() {
    let scratch = Scratch::new();
    scratch.git(&["config", "core.autocrlf", "true"]);
    scratch.write(".gitattributes", "* text=auto eol=crlf\n");
    let cli = scratch.cli();
    let oid = cli.write_blob(b"a\r\n$Id$\n").unwrap();
    assert_eq!(cli.read_object(&oid).unwrap().unwrap().bytes, b"a\r\n$Id$\n");
}

#[test]
fn a_change_of_kind_or_mode_is_a_modification() {
    let scratch = Scratch::new();
    scratch.write("file", "x");
    scratch.write("script", "x");
    let cli = scratch.cli();
    let before = snapshot(&cli);
    fs::remove_file(scratch.path(b"file")).unwrap();
    std::os::unix::fs::symlink("README.md", scratch.path(b"file")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(scratch.path(b"script"), mode).unwrap();
    let changes = cli.changes(Some(&before), &snapshot(&cli)).unwrap();
    let kinds: Vec<_> =
        changes.entries.iter().map(|change| (change.kind, change.after.as_ref().unwrap().0)).collect();
    let modified = PathChangeKind::Modified;
    assert_eq!(kinds, [(modified, EntryKind::Symlink), (modified, EntryKind::Executable)]);
    assert_eq!(changes.symlinks().collect::<Vec<_>>(), [&path("file")]);
}

#[test]
fn many_trees_are_compared_as_each_pair_is() {
    let scratch = Scratch::new();
    scratch.write(".gitattributes", "*.gen -diff\n");
    let cli = scratch.cli();
    let mut trees = vec![snapshot(&cli)];
    scratch.write("text", format!("{0} {0}\n", trees[0]));
    scratch.write("made.gen", "made\n");
    scratch.write_bytes(b"new\nline", b"a\0b");
    trees.push(snapshot(&cli));
    scratch.write("text", "other\n");
    scratch.write("made.gen", "again\n");
    scratch.write("x/y", "z");
    trees.push(snapshot(&cli));
    let pair = |before: usize, after: usize| (trees[before].clone(), trees[after].clone());
    let pairs = [pair(0, 1), pair(1, 2), pair(2, 2), pair(0, 1), pair(2, 0)];
    let found = cli.compare(&pairs, None).unwrap();
    assert_eq!(found.len(), pairs.len());
    for ((before, after), found) in pairs.iter().zip(found) {
        assert_eq!(found.changes, cli.changes(Some(before), after).unwrap());
        assert_eq!(found.patch_sha256, cli.patch(Some(before), after, 1 << 20).unwrap().sha256);
    }
    assert!(cli.compare(&[], None).unwrap().is_empty());
    let missing: codex_ledger::values::Oid = "1".repeat(40).parse().unwrap();
    assert!(cli.compare(&[pair(0, 1), (missing, trees[0].clone()), pair(1, 2)], None).is_err());
}

#[test]
fn what_is_excluded_is_in_no_comparison_and_no_patch() {
    let scratch = Scratch::new();
    scratch.write("ai/note", "x");
    let cli = scratch.cli();
    let bare = snapshot(&cli);
    let blob = cli.write_blob(b"{}").unwrap();
    let at = |at: &str| TreeEntry::new(path(at), EntryKind::File, blob.clone());
    let with_ledger = cli.tree_with(Some(&bare), &[at("ai/agentic-pipeline/turns/1/manifest.json")]).unwrap();
    let with_more = cli.tree_with(Some(&with_ledger), &[at("ai/agentic-pipelines")]).unwrap();
    let pairs = [(bare.clone(), with_ledger), (bare, with_more)];
    let exclude = exclude();
    let found = cli.compare(&pairs, Some(&exclude)).unwrap();
    assert!(found[0].changes.is_empty());
    assert_eq!(found[1].changes.added().collect::<Vec<_>>(), [&path("ai/agentic-pipelines")]);
    let patches = cli.patches(&pairs, Some(&exclude), 1 << 20).unwrap();
    assert_eq!((patches[0].original_bytes, &patches[1].sha256), (0, &found[1].patch_sha256));
    assert!(cli.patches(&pairs, None, 10).unwrap().iter().all(|patch| patch.bytes.is_none()));
    assert!(cli.patches(&[], None, 10).unwrap().is_empty());
}

#[test]
fn objects_at_many_paths_are_named_in_the_order_asked_for() {
    let scratch = Scratch::new();
    scratch.write("a/b", "1");
    scratch.write("line\nfeed", "2");
    let cli = scratch.cli();
    let tree = snapshot(&cli);
    let missing: codex_ledger::values::Oid = "1".repeat(40).parse().unwrap();
    let at = |at: &str| Some(cli.entry(&tree, &path(at)).unwrap().unwrap().oid);
    let places = |last: &str| {
        let ask = |at: &str| (tree.clone(), path(at));
        [ask("a/b"), ask("nothing missing"), (missing.clone(), path("a")), ask("a"), ask(last)]
    };
    assert_eq!(cli.oids_at(&places("README.md")).unwrap(), [at("a/b"), None, None, at("a"), at("README.md")]);
    let with_line_feed = [(tree.clone(), path("line\nfeed")), (tree.clone(), path("not\nthere"))];
    assert_eq!(cli.oids_at(&with_line_feed).unwrap(), [at("line\nfeed"), None]);
    let objects = cli.read_objects(&[missing, at("a/b").unwrap()]).unwrap();
    assert!(objects[0].is_none() && objects[1].as_ref().unwrap().bytes == b"1");
}

#[test]
fn a_difference_is_what_its_three_parts_say_one_by_one() {
    let scratch = Scratch::new();
    for (path, content) in
        [(&b"with\nnewline\t\"q\""[..], &b"a\n"[..]), (b"caf\xe9", b"b\n"), (b":x", b"c\n"), (b"run", b"d\n")]
    {
        scratch.write_bytes(path, content);
    }
    let cli = scratch.cli();
    let before = snapshot(&cli);
    assert_eq!(cli.difference(&before, &before, 100).unwrap().patch_id, None);
    scratch.write_bytes(b"with\nnewline\t\"q\"", "changed\n");
    scratch.write_bytes(b":x", "changed\0");
    scratch.write_bytes(b"new\n:y", "new");
    fs::remove_file(scratch.path(b"caf\xe9")).unwrap();
    fs::set_permissions(scratch.path(b"run"), fs::Permissions::from_mode(0o755)).unwrap();
    let with_binary = snapshot(&cli);
    scratch.write_bytes(b":x", "c\n");
    for (story, after) in [("binary", with_binary), ("text", snapshot(&cli))] {
        for limit in [1 << 20, 10] {
            let found = cli.difference(&before, &after, limit).unwrap();
            assert_eq!(found.changes, cli.changes(Some(&before), &after).unwrap(), "{story}");
            assert_eq!(found.patch, cli.patch(Some(&before), &after, limit).unwrap(), "{story}");
            assert_eq!(found.patch_id, cli.patch_id(Some(&before), &after).unwrap(), "{story}");
            assert_eq!(found.patch.bytes.is_some(), limit > 10);
        }
    }
}
