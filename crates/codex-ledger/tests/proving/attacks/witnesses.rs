//! What speaks of records is moved, removed or made up.

use std::fs;

use codex_ledger::Reader;
use codex_ledger::prove::FindingCode as Code;

use super::{Attack, COMMIT, RECORD};
use crate::scratch::LEDGER;
use crate::site::View::{Cloned, Files, FilesOnly, Git};
use crate::site::{Site, delete};

pub(super) const ATTACKS: &[Attack] = &[
    // Witnesses are moved or removed.
    (
        "a seal is removed",
        RECORD,
        |site| {
            site.git(&["update-ref", "-d", "refs/turns-seal/2"]);
        },
        &[(Git, Code::SealMissing)],
    ),
    (
        "a seal is moved",
        RECORD,
        |site| {
            site.git(&["update-ref", "refs/turns-seal/2", "refs/turns-seal/1"]);
        },
        &[(Git, Code::SealMismatch)],
    ),
    (
        "a claim is moved",
        COMMIT,
        |site| {
            site.git(&["update-ref", "refs/turns/2", "refs/turns/1"]);
        },
        &[(Git, Code::ClaimMismatch)],
    ),
    (
        "a tag is removed",
        COMMIT,
        |site| {
            site.git(&["tag", "-d", "turn/2"]);
        },
        &[(Git, Code::TagMissing)],
    ),
    (
        "a tag is moved",
        COMMIT,
        |site| {
            site.git(&["tag", "-f", "turn/2", "HEAD"]);
        },
        &[(Git, Code::TagMoved)],
    ),
    (
        "a tag is put on a record that has a seal",
        RECORD,
        |site| {
            let message = "x\n\nTurn-Id: 3\nTurn-Uid: u\nTurn-Manifest-Sha256: 0\n";
            site.git(&["tag", "-a", "-m", message, "turn/3", "HEAD"]);
        },
        &[(Git, Code::TagMoved)],
    ),
    (
        "the heads that the git directory remembers are others",
        RECORD,
        |site| {
            let path = site.root().join(".git/turns/heads.json");
            let text = fs::read_to_string(&path).unwrap();
            let cut = text.find("\"heads\"").unwrap();
            fs::write(path, format!("{}\"heads\":{{}}}}", &text[..cut])).unwrap();
        },
        &[(Git, Code::HeadsDiffer)],
    ),
    // A journal that nobody wrote.
    (
        "a journal without entries, and a row is gone",
        RECORD,
        |site| {
            journal(site, 3, &[]);
            site.drop_rows(&[3]);
        },
        &[(FilesOnly, Code::RowMissing), (Files, Code::RowMissing)],
    ),
    (
        "a journal for a record that is gone",
        RECORD,
        |site| {
            journal(site, 3, &["intent.json"]);
            delete(site, 3);
            site.drop_rows(&[3]);
        },
        &[(Files, Code::RecordRemoved)],
    ),
    (
        "a journal for a record without its seal",
        RECORD,
        |site| {
            journal(site, 2, &["intent.json", "ran.json"]);
            site.git(&["update-ref", "-d", "refs/turns-seal/2"]);
        },
        &[(Git, Code::SealMissing)],
    ),
    (
        "a journal for an edited record",
        RECORD,
        |site| {
            journal(site, 3, &["intent.json", "open.json", "ran.json"]);
            site.rechain(3);
        },
        &[(Git, Code::SealMismatch)],
    ),
    // The index.
    (
        "a row is gone",
        RECORD,
        |site| site.drop_rows(&[2]),
        &[(FilesOnly, Code::RowMissing), (Files, Code::RowMissing)],
    ),
    (
        "a row is gone, in a commit",
        RECORD,
        |site| {
            site.drop_rows(&[2]);
            site.commit();
        },
        &[(FilesOnly, Code::RowMissing), (Cloned, Code::RowMissing)],
    ),
    (
        "the attributes are others",
        RECORD,
        |site| fs::write(site.root().join(LEDGER).join(".gitattributes"), "* text\n").unwrap(),
        &[(FilesOnly, Code::AttributesChanged)],
    ),
];

fn journal(site: &Site, number: u64, entries: &[&str]) {
    let record = Reader::at(site.root()).record(number.to_string().parse().unwrap()).unwrap().unwrap();
    let uid = &record.manifest().ledger.as_ref().unwrap().uid;
    let folder = site.root().join(".git/turns/journal").join(uid);
    fs::create_dir_all(&folder).unwrap();
    for entry in entries {
        fs::write(folder.join(entry), format!(r#"{{"uid":"{uid}","turn_id":{number}}}"#)).unwrap();
    }
}
