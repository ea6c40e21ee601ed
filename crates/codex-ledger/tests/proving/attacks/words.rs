//! A word of a manifest would switch checks off.

use codex_ledger::prove::FindingCode as Code;

use super::{Attack, COMMIT, RECORD};
use crate::site::View::{Cloned, FilesOnly, Git};
use crate::site::delete;

pub(super) const ATTACKS: &[Attack] = &[
    (
        "tag: null",
        COMMIT,
        |site| site.replace(3, "\"tag\": \"turn/3\"", "\"tag\": null"),
        &[(Git, Code::SealMismatch)],
    ),
    (
        "tag: null, in a commit",
        COMMIT,
        |site| {
            site.replace(3, "\"tag\": \"turn/3\"", "\"tag\": null");
            site.commit();
        },
        &[(Git, Code::SealMismatch), (Cloned, Code::SealMismatch)],
    ),
    (
        "another tag",
        COMMIT,
        |site| site.replace(3, "\"tag\": \"turn/3\"", "\"tag\": \"turn/2\""),
        &[(Git, Code::TagMissing)],
    ),
    (
        "claim: null",
        RECORD,
        |site| {
            site.edit(3, |manifest| manifest.ledger.as_mut().unwrap().claim = None);
            site.commit();
        },
        &[(Git, Code::ClaimMismatch), (Cloned, Code::RecordChanged)],
    ),
    (
        "claim: null, without the claim",
        RECORD,
        |site| {
            site.edit(3, |manifest| manifest.ledger.as_mut().unwrap().claim = None);
            site.git(&["update-ref", "-d", "refs/turns/3"]);
        },
        &[(Git, Code::SealMismatch)],
    ),
    (
        "a later format",
        RECORD,
        |site| site.replace(3, "turns-ledger/1", "turns-ledger/9"),
        &[(Git, Code::SealMismatch)],
    ),
    (
        "a later format of a tagged one",
        COMMIT,
        |site| site.replace(3, "turns-ledger/1", "turns-ledger/9"),
        &[(Git, Code::SealMismatch)],
    ),
    (
        "a later format, in a commit",
        RECORD,
        |site| {
            site.replace(3, "turns-ledger/1", "turns-ledger/9");
            site.commit();
        },
        &[(Git, Code::SealMismatch), (Cloned, Code::RecordChanged)],
    ),
    (
        "a later format of another shape",
        RECORD,
        |site| {
            site.replace(3, "turns-ledger/1", "turns-ledger/9");
            site.replace(3, "\"turnId\": 3", "\"turnId\": [3]");
        },
        &[(Git, Code::SealMismatch)],
    ),
    (
        "a later format, and its parent is gone",
        RECORD,
        |site| {
            site.replace(3, "turns-ledger/1", "turns-ledger/9");
            delete(site, 2);
            site.drop_rows(&[2]);
        },
        &[(FilesOnly, Code::ParentMissing)],
    ),
    (
        "a foreign format",
        RECORD,
        |site| site.replace(3, "turns-ledger/1", "other/1"),
        &[(Git, Code::SealMismatch)],
    ),
    (
        "only the oldest keys",
        RECORD,
        |site| site.edit(3, |manifest| manifest.ledger = None),
        &[(Git, Code::ManifestInvalid)],
    ),
    (
        "only the oldest keys, in a commit",
        RECORD,
        |site| {
            site.edit(3, |manifest| manifest.ledger = None);
            site.commit();
        },
        &[(Git, Code::ManifestInvalid), (Cloned, Code::RecordChanged)],
    ),
    (
        "a state that is none",
        RECORD,
        |site| site.replace(3, "\"state\": \"completed\"", "\"state\": \"perfect\""),
        &[(FilesOnly, Code::ManifestInvalid), (Git, Code::SealMismatch)],
    ),
    (
        "parents: []",
        RECORD,
        |site| site.edit(3, |manifest| manifest.ledger.as_mut().unwrap().parents.clear()),
        &[(Git, Code::SealMismatch)],
    ),
];
