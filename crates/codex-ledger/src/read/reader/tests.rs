//! Reads ledgers that other versions and other programs wrote.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::manifest::{Extra, Manifest, Violation};
use crate::prove::{FindingCode as Code, verify_files};
use crate::read::turns_index::rebuild_index;

/// A project whose records are written by hand.
struct Handmade(TempDir);

impl Handmade {
    fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(made.reader().places().turns()).unwrap();
        fs::write(made.reader().places().attributes(), crate::values::ATTRIBUTES).unwrap();
        made
    }

    fn reader(&self) -> Reader {
        Reader::at(self.0.path())
    }

    fn write(&self, folder: &str, bytes: &[u8]) {
        let folder = self.reader().places().turns().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("manifest.json"), bytes).unwrap();
    }

    fn index(&self, manifests: &[Manifest]) {
        fs::write(self.reader().places().index(), rebuild_index(manifests)).unwrap();
    }

    fn codes(&self) -> Vec<Code> {
        verify_files(&self.reader()).unwrap().findings.into_iter().map(|finding| finding.code).collect()
    }
}

fn number(number: u64) -> TurnId {
    TurnId::new(number).unwrap()
}

/// A record without files of its own, but complete in itself.
fn manifest(turn: u64, parents: &[&Manifest]) -> Manifest {
    let mut manifest = Manifest::new(number(turn), "2025-09-05T17:42:10Z");
    let part = manifest.ledger.as_mut().unwrap();
    part.uid = format!("00000000-0000-7000-8000-{turn:012}");
    part.parents = parents
        .iter()
        .map(|parent| ParentLink {
            turn_id: parent.turn_id,
            uid: parent.ledger.as_ref().unwrap().uid.clone(),
            manifest_sha256: crate::values::sha256_hex(&parent.to_bytes()),
            extra: Extra::new(),
        })
        .collect();
    manifest
}

#[test]
fn folders_with_a_number_are_records_and_all_else_is_foreign() {
    let made = Handmade::new();
    let turns = made.reader().places().turns();
    for name in ["10", "9", "turn-3", "turn-007", "turn-T12", "01", "notes", ".open-x"] {
        fs::create_dir(turns.join(name)).unwrap();
    }
    fs::write(turns.join("8"), "a file\n").unwrap();
    assert_eq!(made.reader().numbers().unwrap(), [number(9), number(10)]);
    let foreign = made.reader().foreign().unwrap();
    let found: Vec<_> = foreign.iter().map(|entry| (&*entry.name, entry.number.map(TurnId::get))).collect();
    let expected = [
        (".open-x", None),
        ("01", None),
        ("8", Some(8)),
        ("notes", None),
        ("turn-007", Some(7)),
        ("turn-3", Some(3)),
        ("turn-T12", Some(12)),
    ];
    assert_eq!(found, expected);
    assert!(made.reader().record(number(8)).unwrap().is_none());
}

#[test]
fn records_come_in_order_and_a_broken_one_does_not_hide_the_others() {
    let made = Handmade::new();
    let (one, other) = (manifest(2, &[]), manifest(10, &[]));
    made.write("10", &other.to_bytes());
    made.write("2", &one.to_bytes());
    made.write("3", b"{");
    let found: Vec<_> = made
        .reader()
        .records()
        .unwrap()
        .map(|record| record.ok().map(|record| record.turn_id().get()))
        .collect();
    assert_eq!(found, [Some(2), None, Some(10)]);
    let head = made.reader().head().unwrap().unwrap();
    assert_eq!(
        (head.manifest(), head.manifest_sha256()),
        (&other, &*crate::values::sha256_hex(&other.to_bytes()))
    );
    let heads: Vec<u64> = made.reader().heads().unwrap().iter().map(|link| link.turn_id.get()).collect();
    assert_eq!(heads, [2, 10]);
}

#[test]
fn a_record_that_is_named_as_parent_is_no_head() {
    let made = Handmade::new();
    let first = manifest(1, &[]);
    let second = manifest(2, &[&first]);
    made.write("1", &first.to_bytes());
    made.write("2", &second.to_bytes());
    let heads = made.reader().heads().unwrap();
    assert_eq!(heads.iter().map(|link| link.turn_id.get()).collect::<Vec<_>>(), [2]);
    assert_eq!(heads[0].manifest_sha256, crate::values::sha256_hex(&second.to_bytes()));
}

#[test]
fn unknown_keys_are_kept_and_no_alarm() {
    let made = Handmade::new();
    let mut value = serde_json::to_value(manifest(1, &[])).unwrap();
    value["later"] = json!({ "key": 1 });
    value["ledger"]["trees"]["later"] = json!(true);
    made.write("1", format!("{value:#}\n").as_bytes());
    let record = made.reader().record(number(1)).unwrap().unwrap();
    assert_eq!(record.manifest().extra["later"], json!({ "key": 1 }));
    assert!(!record.is_newer_format());
    assert!(!made.codes().contains(&Code::ManifestReserialised));
}

#[test]
fn a_newer_format_is_read_and_only_its_place_in_the_chain_is_checked() {
    let made = Handmade::new();
    let mut newer = manifest(1, &[]);
    newer.ledger.as_mut().unwrap().format = "turns-ledger/2".to_owned();
    made.write("1", &newer.to_bytes());
    assert!(made.reader().record(number(1)).unwrap().unwrap().is_newer_format());
    made.index(&[]);
    assert_eq!(made.codes(), [Code::NewerFormat]);

    let mut value = serde_json::to_value(&newer).unwrap();
    value["turnId"] = json!("one");
    made.write("1", value.to_string().as_bytes());
    assert!(made.reader().record(number(1)).is_err());
    assert_eq!(made.codes(), [Code::NewerFormat]);
}

#[test]
fn what_other_programs_wrote_is_noted_and_nothing_more() {
    let made = Handmade::new();
    let mut by_hand = Manifest::new(number(1), "yesterday");
    (by_hand.ledger, by_hand.git, by_hand.provenance) = (None, None, None);
    made.write("1", &by_hand.to_bytes());
    made.write("turn-002", b"no manifest");
    fs::write(
        made.reader().places().index(),
        format!(
            "{}\n1,2025-09-05T17:42:10Z,x,,,,,,\n2,2025-09-05T17:42:10Z,y,,,,,,\n",
            crate::read::INDEX_HEADER
        ),
    )
    .unwrap();
    assert_eq!(made.codes(), [Code::ForeignEntry, Code::Unsealed]);
    assert!(made.reader().heads().unwrap().is_empty());
}

#[test]
fn what_a_record_says_against_itself_is_noted() {
    let made = Handmade::new();
    let mut marked = manifest(1, &[]);
    let violations = [("ai/x", "was changed"), ("ai/y", "was deleted"), ("ai/z", "was deleted")];
    let violations = violations.map(|(path, detail)| Violation {
        kind: "ledger-touched".to_owned(),
        path: Some(path.to_owned()),
        detail: detail.to_owned(),
        extra: Extra::new(),
    });
    marked.ledger.as_mut().unwrap().violations.extend(violations);
    made.write("1", &marked.to_bytes());
    let found = verify_files(&made.reader()).unwrap().findings;
    let marked = found.iter().filter(|finding| finding.code == Code::MarkedTurn);
    let sentences: Vec<&str> = marked.map(|finding| finding.sentence.as_str()).collect();
    let expected = [
        "the record says of itself: ledger-touched (ai/x): was changed",
        "the record says of itself: ledger-touched (ai/y and 1 more): was deleted",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn numbers_between_the_records_are_told_as_runs() {
    let made = Handmade::new();
    made.write("3", &manifest(3, &[]).to_bytes());
    made.write("9", &manifest(9, &[]).to_bytes());
    let found = verify_files(&made.reader()).unwrap().findings;
    let gaps: Vec<_> = found.iter().filter(|finding| finding.code == Code::UnexplainedGap).collect();
    let said: Vec<&str> = gaps.iter().map(|finding| finding.sentence.split(':').next().unwrap()).collect();
    assert_eq!(said, ["turns 1 to 2", "turns 4 to 8"]);
}

#[test]
fn an_absurd_number_costs_no_time() {
    let made = Handmade::new();
    made.write("9999999999999999", &manifest(9_999_999_999_999_999, &[]).to_bytes());
    assert!(made.codes().contains(&Code::UnexplainedGap));
}
