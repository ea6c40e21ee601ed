//! The heads are those that nobody names, whatever was known before.

use std::fs;
use std::path::Path;

use super::Heads;
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, Manifest, ParentLink};
use crate::system::{DiskRoot, RealDisk};
use crate::values::{Places, TurnId};

fn put(root: &Path, number: u64, parents: &[u64]) {
    let id = TurnId::new(number).unwrap();
    let mut manifest = Manifest::new(id, "2025-09-05T17:42:10Z");
    let ledger = manifest.ledger.as_mut().unwrap();
    ledger.uid = format!("uid-{number}");
    ledger.parents = parents
        .iter()
        .map(|parent| ParentLink {
            turn_id: TurnId::new(*parent).unwrap(),
            uid: format!("uid-{parent}"),
            manifest_sha256: String::new(),
            extra: Extra::new(),
        })
        .collect();
    let path = Places::below(root).manifest(id);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, manifest.to_bytes()).unwrap();
}

fn find(root: &Path) -> Vec<u64> {
    let disk = RealDisk::within([DiskRoot::at(root)]);
    let heads = Heads::find(&Places::below(root), &disk, &root.join("private/heads.json")).unwrap();
    heads.links.iter().map(|link| link.turn_id.get()).collect()
}

#[test]
fn a_chain_has_one_head_and_a_merge_of_branches_two() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    assert!(find(root).is_empty());
    put(root, 1, &[]);
    assert_eq!(find(root), [1]);
    put(root, 2, &[1]);
    put(root, 5, &[1]);
    assert_eq!(find(root), [2, 5]);
    put(root, 6, &[2, 5]);
    assert_eq!(find(root), [6]);
}

#[test]
fn what_was_known_is_forgotten_where_records_went_away_or_were_replaced() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    for number in 1..=4 {
        put(root, number, &[number - 1][usize::from(number == 1)..]);
    }
    assert_eq!(find(root), [4]);
    let turns = Places::below(root).turns();
    fs::remove_dir_all(turns.join("4")).unwrap();
    assert_eq!(find(root), [3]);
    put(root, 3, &[1]);
    fs::remove_dir_all(turns.join("1")).unwrap();
    assert_eq!(find(root), [2, 3]);
}

#[test]
fn records_that_are_known_are_not_read_again() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    for number in 1..=4 {
        put(root, number, &[number - 1][usize::from(number == 1)..]);
    }
    assert_eq!(find(root), [4]);
    fs::write(Places::below(root).manifest(TurnId::new(2).unwrap()), "unreadable").unwrap();
    put(root, 5, &[4]);
    assert_eq!(find(root), [5], "record 2 would have been no parent of 1, had it been read");
}

#[test]
fn a_record_of_a_newer_format_makes_the_ledger_read_only() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    put(root, 1, &[]);
    let path = Places::below(root).manifest(TurnId::FIRST);
    let text = fs::read_to_string(&path).unwrap().replace("turns-ledger/1", "turns-ledger/2");
    fs::write(&path, text).unwrap();
    let disk = RealDisk::within([DiskRoot::at(root)]);
    let error = Heads::find(&Places::below(root), &disk, &root.join("heads.json")).unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { format, .. } if format == "turns-ledger/2"));
}
