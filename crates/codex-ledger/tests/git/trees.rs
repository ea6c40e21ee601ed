//! Trees made out of others, and what is read of them.

use codex_ledger::{ChangeKind, EntryKind, RepoPath, TreeEntry, Vcs as _};

use crate::scratch::{Scratch, snapshot};

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
    assert_eq!(too_long.sha256, codex_ledger::sha256_hex(&patch));
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
    let expected: Vec<_> = contents.iter().map(|content| codex_ledger::sha256_hex(content)).collect();
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
    std::fs::remove_file(scratch.path(b"file")).unwrap();
    std::os::unix::fs::symlink("README.md", scratch.path(b"file")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(scratch.path(b"script"), mode).unwrap();
    let changes = cli.changes(Some(&before), &snapshot(&cli)).unwrap();
    let kinds: Vec<_> =
        changes.entries.iter().map(|change| (change.kind, change.after.as_ref().unwrap().0)).collect();
    let modified = ChangeKind::Modified;
    assert_eq!(kinds, [(modified, EntryKind::Symlink), (modified, EntryKind::Executable)]);
    assert_eq!(changes.symlinks().collect::<Vec<_>>(), [&path("file")]);
}
