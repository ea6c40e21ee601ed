//! A record is hidden behind another name.

use std::fs;
use std::os::unix::fs::symlink;

use codex_ledger::prove::FindingCode as Code;

use super::{Attack, COMMIT, RECORD};
use crate::site::View::{Cloned, Files, FilesOnly, Git};
use crate::site::{Site, delete};

pub(super) const ATTACKS: &[Attack] = &[
    (
        "the newest is renamed",
        RECORD,
        |site| rename(site, 3, "turn-003"),
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "one in the middle is renamed",
        RECORD,
        |site| rename(site, 2, "turn-002"),
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "the first is renamed",
        COMMIT,
        |site| rename(site, 1, "turn-T1"),
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "all are renamed",
        RECORD,
        rename_all,
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "all are renamed, in a commit",
        RECORD,
        |site| {
            rename_all(site);
            site.commit();
        },
        &[(FilesOnly, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "all are renamed, and their rows are gone",
        RECORD,
        |site| {
            rename_all(site);
            site.drop_rows(&[1, 2, 3]);
            site.commit();
        },
        &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "renamed, without row and refs",
        RECORD,
        |site| {
            rename(site, 3, "turn-003");
            site.drop_rows(&[3]);
            site.forget_refs();
            site.commit();
        },
        &[(Git, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "a link takes its place",
        RECORD,
        |site| {
            rename(site, 3, "x");
            symlink("x", site.record(3)).unwrap();
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "a link of another name stands for it",
        COMMIT,
        |site| {
            rename(site, 3, "x");
            symlink("x", site.turns().join("turn-3")).unwrap();
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "a file takes its place",
        RECORD,
        |site| {
            rename(site, 2, "x");
            fs::write(site.record(2), "").unwrap();
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "a file of another name stands for it",
        RECORD,
        |site| {
            delete(site, 3);
            fs::write(site.turns().join("turn-3"), "").unwrap();
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "an empty folder takes its place",
        RECORD,
        |site| {
            delete(site, 3);
            fs::create_dir(site.record(3)).unwrap();
        },
        &[(FilesOnly, Code::ManifestMissing), (Files, Code::RecordRemoved)],
    ),
    (
        "an empty folder of another name stands for it",
        RECORD,
        |site| {
            delete(site, 3);
            fs::create_dir(site.turns().join("turn-3")).unwrap();
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
    (
        "an empty folder stands for it, and the row is gone",
        RECORD,
        |site| {
            delete(site, 3);
            site.drop_rows(&[3]);
            fs::create_dir(site.turns().join("turn-3")).unwrap();
        },
        &[(Files, Code::RecordRemoved)],
    ),
    (
        "links take the places of all",
        RECORD,
        |site| {
            rename_all(site);
            for number in 1..=3 {
                symlink(format!("turn-00{number}"), site.record(number)).unwrap();
            }
        },
        &[(FilesOnly, Code::RecordRemoved), (Files, Code::RecordRemoved)],
    ),
];

fn rename(site: &Site, number: u64, name: &str) {
    fs::rename(site.record(number), site.turns().join(name)).unwrap();
}

fn rename_all(site: &Site) {
    for number in 1..=3 {
        rename(site, number, &format!("turn-00{number}"));
    }
}
