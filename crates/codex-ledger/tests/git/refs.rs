//! Refs that are made once, moved and deleted only from where they stand.

use codex_ledger::git::{Created, PushOutcome, PushedRef, RefEntry, Refs as _, Swapped, WriteObjects as _};
use codex_ledger::values::Oid;

use crate::claims::clones;
use crate::scratch::{Scratch, run};

#[test]
fn a_ref_is_made_once() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let (one, other) = (cli.write_blob(b"one").unwrap(), cli.write_blob(b"other").unwrap());
    let made = cli.create_ref("refs/turns/1", &one, &[]).unwrap();
    assert_eq!(made, Created::made(one.clone()));
    let exists = Created::exists("refs/turns/1", one.clone());
    assert_eq!(cli.create_ref("refs/turns/1", &other, &[]).unwrap(), exists);
    let absent = ["refs/turns/1".to_owned()];
    assert_eq!(cli.create_ref("refs/turns/2", &other, &absent).unwrap(), exists);
    assert_eq!(cli.read_ref("refs/turns/2").unwrap(), None);
    assert!(cli.create_ref("refs/turns/1/2", &other, &[]).is_err(), "a ref cannot be a folder");
    assert!(cli.create_ref("refs/turns/..", &other, &[]).is_err());
}

#[test]
fn a_ref_moves_only_from_where_it_stands() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let (one, other) = (cli.write_blob(b"one").unwrap(), cli.write_blob(b"other").unwrap());
    cli.create_ref("refs/turns/1", &one, &[]).unwrap();
    assert_eq!(cli.update_ref("refs/turns/1", &one, &other).unwrap(), Swapped::Elsewhere(Some(one.clone())));
    assert_eq!(cli.update_ref("refs/turns/1", &other, &one).unwrap(), Swapped::Done);
    scratch.git(&["update-ref", "-d", "refs/turns/1"]);
    assert_eq!(cli.update_ref("refs/turns/1", &one, &other).unwrap(), Swapped::Elsewhere(None));
}

#[test]
fn refs_are_listed_by_prefix_with_their_own_objects() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    scratch.git(&["tag", "-a", "-m", "x", "turn/1"]);
    scratch.git(&["tag", "turn/2"]);
    scratch.git(&["tag", "turnip"]);
    let listed = cli.list_refs("refs/tags/turn/").unwrap();
    let names: Vec<&str> = listed.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["refs/tags/turn/1", "refs/tags/turn/2"]);
    assert_eq!(listed[0].oid, scratch.oid("refs/tags/turn/1"));
    assert_ne!(listed[0].oid, scratch.oid("refs/tags/turn/1^{commit}"));
}

#[test]
fn a_push_makes_a_ref_once_and_says_who_has_it() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 2);
    let limit = std::time::Duration::from_secs(30);
    let (one, other) = (Scratch::cli_at(&folders[0]), Scratch::cli_at(&folders[1]));
    let (mine, his) = (one.write_blob(b"mine").unwrap(), other.write_blob(b"his").unwrap());
    let patterns = ["refs/turns/*".to_owned()];
    let push = |cli: &codex_ledger::GitCli, number: u64, oid: &Oid| {
        let new = RefEntry::new(format!("refs/turns/{number}"), oid.clone());
        cli.push_new_ref("origin", &new, &patterns, limit).unwrap()
    };
    assert_eq!(push(&one, 1, &mine), PushedRef::new(PushOutcome::Won, vec![]));
    assert_eq!(push(&one, 1, &mine), PushedRef::new(PushOutcome::Won, vec![]));
    push(&one, 2, &mine);
    let there = [1, 2].map(|number| RefEntry::new(format!("refs/turns/{number}"), mine.clone()));
    let taken = PushedRef::new(PushOutcome::Taken(mine.clone()), there.to_vec());
    assert_eq!(push(&other, 1, &his), taken, "a refusal says what else is taken");
    assert_eq!(other.ls_remote("origin", &patterns[0], limit).unwrap(), there);
    let tags = ["refs/tags/turn/1".to_owned(), "refs/tags/turn/2".to_owned()];
    run(&folders[0], &["tag", "-a", "-m", "x", "turn/1"], &[]);
    assert_eq!(one.push_refs("origin", &tags[..1], limit).unwrap(), [PushOutcome::Won]);
    run(&folders[1], &["tag", "-a", "-m", "y", "turn/1"], &[]);
    run(&folders[1], &["tag", "-a", "-m", "y", "turn/2"], &[]);
    let outcomes = other.push_refs("origin", &tags, limit).unwrap();
    assert!(matches!(outcomes[..], [PushOutcome::Taken(_), PushOutcome::Won]), "{outcomes:?}");
    assert_eq!(other.push_refs("origin", &tags[1..], limit).unwrap(), [PushOutcome::Won]);
}

#[test]
fn a_ref_that_cannot_be_read_is_found_and_removed_and_others_are_not() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let one = cli.write_blob(b"one").unwrap();
    for number in 1..=6 {
        cli.create_ref(&format!("refs/turns/{number}"), &one, &[]).unwrap();
    }
    let missing = "1".repeat(40);
    let left = [(2, ""), (3, "\0\0\0\0"), (4, &one.as_str()[..9]), (5, &missing)];
    for (number, left) in left {
        std::fs::write(scratch.path(format!(".git/refs/turns/{number}").as_bytes()), left).unwrap();
    }
    let broken = ["refs/turns/2", "refs/turns/3", "refs/turns/4", "refs/turns/5"];
    assert_eq!(cli.broken_refs("refs/turns/").unwrap(), broken);
    assert_eq!(cli.broken_refs("refs/turns/3").unwrap(), broken[1..2]);
    assert_eq!(cli.broken_refs("refs/turns/6").unwrap(), Vec::<String>::new());
    std::fs::write(scratch.path(b".git/refs/turns/2.lock"), "").unwrap();
    assert!(cli.remove_broken_ref("refs/turns/2").is_err(), "another git writes it");
    std::fs::remove_file(scratch.path(b".git/refs/turns/2.lock")).unwrap();
    for name in broken {
        assert!(cli.remove_broken_ref(name).unwrap(), "{name}");
        assert!(!cli.remove_broken_ref(name).unwrap(), "{name}");
        assert_eq!(cli.create_ref(name, &one, &[]).unwrap(), Created::made(one.clone()));
    }
    assert!(!cli.remove_broken_ref("refs/turns/1").unwrap());
    assert_eq!(cli.list_refs("refs/turns/").unwrap().len(), 6);
    assert_eq!(cli.broken_refs("refs/turns/").unwrap(), Vec::<String>::new());
}
