//! A record is removed.

use std::fs;

use codex_ledger::prove::FindingCode as Code;

use super::{Attack, COMMIT, RECORD};
use crate::scratch::LEDGER;
use crate::site::View::{Cloned, Files, FilesOnly, Git};
use crate::site::{Site, delete, turn};

pub(super) const ATTACKS: &[Attack] = &[
    (
        "the newest is deleted",
        RECORD,
        |site| delete(site, 3),
        &[(FilesOnly, Code::RowWithoutRecord), (Files, Code::RecordRemoved)],
    ),
    (
        "the newest is deleted with its row",
        RECORD,
        |site| {
            delete(site, 3);
            site.drop_rows(&[3]);
        },
        &[(Files, Code::RecordRemoved)],
    ),
    (
        "the newest is deleted with its row, in a commit",
        RECORD,
        |site| {
            delete(site, 3);
            site.drop_rows(&[3]);
            site.commit();
        },
        &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "the newest is deleted with row and refs, in a commit",
        RECORD,
        |site| {
            delete(site, 3);
            site.drop_rows(&[3]);
            site.forget_refs();
            site.commit();
        },
        &[(Git, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "the newest is deleted with its row, in a commit of the other mode",
        COMMIT,
        |site| {
            delete(site, 3);
            site.drop_rows(&[3]);
            site.commit();
        },
        &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "one in the middle is deleted",
        RECORD,
        |site| delete(site, 2),
        &[(FilesOnly, Code::ParentMissing), (Files, Code::ParentMissing)],
    ),
    (
        "one in the middle is deleted, in a commit",
        COMMIT,
        |site| {
            delete(site, 2);
            site.commit();
        },
        &[(FilesOnly, Code::ParentMissing), (Cloned, Code::ParentMissing)],
    ),
    (
        "all are deleted",
        RECORD,
        |site| {
            fs::remove_dir_all(site.turns()).unwrap();
            site.drop_rows(&[1, 2, 3]);
        },
        &[(Files, Code::RecordRemoved)],
    ),
    (
        "all are deleted, in a commit",
        RECORD,
        |site| {
            fs::remove_dir_all(site.turns()).unwrap();
            site.drop_rows(&[1, 2, 3]);
            site.commit();
        },
        &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    (
        "deleted with its seal, before it was committed",
        RECORD,
        |site| {
            turn(site, 4);
            delete(site, 4);
            site.drop_rows(&[4]);
            site.git(&["update-ref", "-d", "refs/turns-seal/4"]);
        },
        &[(Files, Code::RecordRemoved)],
    ),
    (
        "deleted by a commit that only says that it is a revert",
        RECORD,
        |site| {
            let head = site.git(&["rev-parse", "HEAD~1"]);
            delete(site, 3);
            site.drop_rows(&[3]);
            commit_as(site, &format!("Revert it\n\nThis reverts commit {head}.\n"));
        },
        &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)],
    ),
    ("a merge drops it", RECORD, merge_away, &[(Files, Code::RecordRemoved), (Cloned, Code::RecordRemoved)]),
    (
        "hidden by a bit of the index",
        RECORD,
        |site| {
            let path = format!("{LEDGER}/turns/3/adr.md");
            site.git(&["update-index", "--assume-unchanged", &path]);
            fs::remove_file(site.file(3, "adr.md")).unwrap();
        },
        &[(Files, Code::ArtifactMissing)],
    ),
];

fn commit_as(site: &Site, message: &str) {
    site.git(&["add", "-A"]);
    site.git(&["commit", "-q", "-m", message]);
}

fn merge_away(site: &Site) {
    site.git(&["switch", "-q", "-c", "side", "HEAD~1"]);
    site.git(&["commit", "-q", "--allow-empty", "-m", "side"]);
    site.git(&["merge", "-q", "-s", "ours", "-m", "merge", "main"]);
    site.git(&["branch", "-q", "-f", "main", "side"]);
    site.git(&["switch", "-q", "main"]);
}
