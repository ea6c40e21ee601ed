//! Commits and tags that are written beside the user's index.

use codex_ledger::git::{
    Commit, Created, EntryKind, Identity, ReadObjects as _, Refs as _, Signing, Swapped, Tag, TreeEntry,
    WholeCommit, Worktree as _, WriteObjects as _,
};
use codex_ledger::values::RepoPath;
use rstest::rstest;

use crate::scratch::{Scratch, snapshot};

fn identity() -> Identity {
    Identity::new("Ann Ünal", "ann@example.com")
}

#[test]
fn a_commit_has_its_parents_message_author_and_time() {
    let scratch = Scratch::new();
    scratch.git(&["config", "commit.gpgSign", "true"]);
    let cli = scratch.cli();
    let head = cli.head().unwrap().unwrap();
    scratch.write("new", "x");
    let message = "turn: 1 täsk\n\n# not a comment\n\nTurn-Id: 1\n";
    let when = "2025-09-05T17:42:10.9Z".parse().unwrap();
    let commit = Commit::new(snapshot(&cli), vec![head.clone()], message, identity(), when);
    let oid = cli.commit_tree(&commit).unwrap();
    assert_eq!(cli.commit_tree(&commit).unwrap(), oid, "the same every time");
    let info = cli.commit(&oid).unwrap().unwrap();
    assert_eq!((info.tree, info.parents, info.message.as_str()), (commit.tree, vec![head.clone()], message));
    let by_git = scratch.line(&["log", "-1", "--format=%an <%ae> %at %cn %ct", oid.as_str()]);
    assert_eq!(by_git, "Ann Ünal <ann@example.com> 1757094130 Ann Ünal 1757094130");
    assert!(cli.is_ancestor(&head, &oid).unwrap() && !cli.is_ancestor(&oid, &head).unwrap());
    let log = cli.log(&oid, 5).unwrap();
    assert_eq!(log.iter().map(|commit| commit.message.as_str()).collect::<Vec<_>>(), [message, "first\n"]);
    assert_eq!(cli.log(&oid, 1).unwrap().len(), 1);
    assert_eq!(cli.commit(&cli.write_blob(b"").unwrap()).unwrap(), None);
}

/// One start of git makes what many did: the same commit, byte for byte.
#[rstest]
#[case::sha1(&[])]
#[case::sha256(&["--object-format=sha256"])]
fn a_whole_commit_is_the_same_as_one_made_piece_by_piece(#[case] options: &[&str]) {
    let scratch = Scratch::with(options);
    scratch.write(".gitattributes", "* text eol=crlf filter=none\n");
    scratch.write("src/a", "a\n");
    scratch.commit_all("first");
    let cli = scratch.cli();
    let tree = snapshot(&cli);
    let path = |text: &[u8]| RepoPath::from_bytes(text).unwrap();
    let files: Vec<(RepoPath, Vec<u8>)> = [
        (b"turns/1/logs/task.log".as_slice(), b"done\r\n".to_vec()),
        (b"turns/1/logs.txt", Vec::new()),
        (b"turns/1/a \"quoted\"\nname\xff", b"\0".to_vec()),
        (b"turns/1/manifest.json", b"data 3\n{}\n".to_vec()),
    ]
    .map(|(name, bytes)| (path(name), bytes))
    .into();
    let trees = vec![(path(b"before"), tree.clone()), (path(b"after"), tree)];
    let message = "seal: turn 1\n\nTurn-Id: 1\n";
    let when = "2025-09-05T17:42:10Z".parse().unwrap();
    let whole = WholeCommit::new(trees.clone(), files.clone(), message, identity(), when);
    let Created::Made { oid, signed: false, .. } =
        cli.create_whole_commit("refs/turns-seal/1", &whole).unwrap()
    else {
        panic!("there was no such ref");
    };
    let folders = trees.into_iter().map(|(path, tree)| TreeEntry::new(path, EntryKind::Folder, tree));
    let blobs = files.into_iter().map(|(path, bytes)| {
        let blob = cli.write_blob(&bytes).unwrap();
        TreeEntry::new(path, EntryKind::File, blob)
    });
    let tree = cli.tree_with(None, &folders.chain(blobs).collect::<Vec<_>>()).unwrap();
    let by_pieces = cli.commit_tree(&Commit::new(tree, Vec::new(), message, identity(), when)).unwrap();
    assert_eq!(oid, by_pieces);
    assert_eq!(cli.read_ref("refs/turns-seal/1").unwrap(), Some(by_pieces));
    scratch.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_whole_commit_replaces_nothing_and_an_empty_tree_leaves_no_trace() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let head = cli.head().unwrap().unwrap();
    let name = "refs/turns-seal/1";
    let path: RepoPath = "before".parse().unwrap();
    let file = ("after".parse().unwrap(), b"x".to_vec());
    let empty = cli.tree_with(None, &[]).unwrap();
    let when = "2025-01-01T00:00:00Z".parse().unwrap();
    let whole = WholeCommit::new(vec![(path, empty)], vec![file], "seal", identity(), when);
    assert!(matches!(cli.create_whole_commit(name, &whole).unwrap(), Created::Made { .. }));
    assert_eq!(scratch.line(&["ls-tree", "--name-only", name]), "after");
    scratch.git(&["update-ref", name, head.as_str()]);
    assert_eq!(cli.create_whole_commit(name, &whole).unwrap(), Created::exists(name, head.clone()));
    assert_eq!(cli.read_ref(name).unwrap(), Some(head));
}

/// This is what a commit beside the index looks like to the user: nothing is staged, nothing has changed.
#[test]
fn the_index_follows_a_commit_that_was_made_beside_it() {
    let scratch = Scratch::new();
    scratch.write("tracked", "x");
    scratch.commit_all("second");
    let cli = scratch.cli();
    let head = cli.head().unwrap().unwrap();
    scratch.write("tracked", "y");
    scratch.write("new", "x");
    let tree = snapshot(&cli);
    let when = "2025-01-01T00:00:00Z".parse().unwrap();
    let commit =
        cli.commit_tree(&Commit::new(tree.clone(), vec![head.clone()], "w", identity(), when)).unwrap();
    let branch = format!("refs/heads/{}", cli.branch().unwrap().unwrap());
    assert_eq!(cli.update_ref(&branch, &commit, &head).unwrap(), Swapped::Done);
    assert_ne!(scratch.line(&["status", "--porcelain"]), "");
    cli.advance_index(&cli.tree_of(&head).unwrap(), &tree).unwrap();
    assert_eq!(scratch.line(&["status", "--porcelain"]), "");
}

/// What the user has staged stays; below the ledger what is staged can only be an older state of it.
#[test]
fn what_is_staged_is_kept_and_everything_else_follows() {
    let scratch = Scratch::new();
    let index = "ai/agentic-pipeline/turns_index.csv";
    for (path, text) in [("kept", "x"), ("gone", "x"), (index, "one\n")] {
        scratch.write(path, text);
    }
    scratch.commit_all("second");
    let cli = scratch.cli();
    let before = cli.tree_of(&cli.head().unwrap().unwrap()).unwrap();
    for (path, text) in [("kept", "y"), ("new", "y"), (index, "one\ntwo\nthree\n")] {
        scratch.write(path, text);
    }
    scratch.git(&["rm", "-q", "gone"]);
    let after = snapshot(&cli);
    scratch.git(&["reset", "-q"]);
    scratch.write("kept", "staged");
    scratch.git(&["add", "kept"]);
    scratch.write(index, "one\ntwo\n");
    scratch.git(&["add", index]);
    let error = cli.advance_index(&before, &after).unwrap_err();
    assert_eq!(
        error.to_string(),
        "git could not bring the index to the new commit (exit code 128): something else is staged: kept"
    );
    let staged = scratch.line(&["ls-files", "-s", "kept"]);
    assert!(staged.contains(&cli.write_blob(b"staged").unwrap().to_string()), "{staged}");
    let others = ["diff", "--cached", "--name-only", after.as_str()];
    assert_eq!(scratch.line(&others), "kept");
}

#[test]
fn head_goes_to_another_branch_without_a_checkout() {
    let scratch = Scratch::new();
    scratch.write("README.md", "changed\n");
    let cli = scratch.cli();
    let head = cli.head().unwrap().unwrap();
    cli.create_ref("refs/heads/turn/1", &head, &[]).unwrap();
    scratch.git(&["tag", "turn/1"]);
    cli.attach_head("refs/heads/turn/1").unwrap();
    assert_eq!(cli.branch().unwrap().as_deref(), Some("turn/1"));
    assert_eq!(scratch.line(&["status", "--porcelain"]), " M README.md");
    scratch.git(&["checkout", "-q", "--detach"]);
    assert_eq!((cli.branch().unwrap(), cli.head().unwrap()), (None, Some(head)));
}

fn tag(scratch: &Scratch, signing: Signing) -> Tag {
    let when = "2025-01-01T00:00:00Z".parse().unwrap();
    let mut tag = Tag::new("turn/1", scratch.oid("HEAD"), "Turn-Id: 1\n", identity(), when);
    tag.signing = signing;
    tag
}

#[test]
fn a_tag_is_made_once_and_read_back() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let Created::Made { oid, signed: false, .. } = cli.create_tag(&tag(&scratch, Signing::Auto)).unwrap()
    else {
        panic!("the tag was not there")
    };
    let exists = Created::exists("refs/tags/turn/1", oid.clone());
    assert_eq!(cli.create_tag(&tag(&scratch, Signing::Auto)).unwrap(), exists);
    let info = cli.tag("refs/tags/turn/1").unwrap().unwrap();
    assert_eq!((info.oid, info.target, info.message.as_str()), (oid, scratch.oid("HEAD"), "Turn-Id: 1\n"));
    assert_eq!(cli.tag("refs/tags/turn/2").unwrap(), None);
    scratch.git(&["tag", "light"]);
    assert_eq!(cli.tag("refs/tags/light").unwrap(), None);
}

#[test]
fn a_signature_that_fails_is_an_error_only_where_it_is_required() {
    let scratch = Scratch::new();
    scratch.git(&["config", "gpg.program", "/bin/false"]);
    let cli = scratch.cli();
    assert!(cli.create_tag(&tag(&scratch, Signing::Required)).is_err());
    assert_eq!(cli.tag("refs/tags/turn/1").unwrap(), None);
    scratch.git(&["config", "tag.gpgSign", "true"]);
    let made = cli.create_tag(&tag(&scratch, Signing::Auto)).unwrap();
    assert!(matches!(made, Created::Unsigned { .. }), "{made:?}");
    assert!(!cli.tag("refs/tags/turn/1").unwrap().unwrap().message.contains("SIGNATURE"));
}

#[test]
fn a_key_that_signs_signs() {
    let scratch = Scratch::new();
    let signer = scratch.beside("signer");
    let script = "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n\
                  echo '-----BEGIN PGP SIGNATURE-----'\necho '-----END PGP SIGNATURE-----'\n";
    std::fs::write(&signer, script).unwrap();
    std::fs::set_permissions(&signer, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    scratch.git(&["config", "gpg.program", signer.to_str().unwrap()]);
    scratch.git(&["config", "user.signingKey", "ann"]);
    let cli = scratch.cli();
    let made = cli.create_tag(&tag(&scratch, Signing::Required)).unwrap();
    assert!(matches!(made, Created::Made { signed: true, .. }));
    let message = cli.tag("refs/tags/turn/1").unwrap().unwrap().message;
    assert!(message.starts_with("Turn-Id: 1\n-----BEGIN PGP SIGNATURE-----"), "{message}");
}

#[test]
fn names_and_settings_are_those_of_the_configuration() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    assert_eq!((cli.user_name().unwrap(), cli.identity().unwrap()), (None, None));
    scratch.git(&["config", "user.name", "Ann Ünal"]);
    assert_eq!((cli.user_name().unwrap().as_deref(), cli.identity().unwrap()), (Some("Ann Ünal"), None));
    scratch.git(&["config", "user.email", "ann@example.com"]);
    assert_eq!(cli.identity().unwrap(), Some(identity()));
}
