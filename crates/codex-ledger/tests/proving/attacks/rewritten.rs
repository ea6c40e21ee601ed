//! A record is written anew, and the chain with it.

use std::fs;

use codex_ledger::prove::FindingCode as Code;
use codex_ledger::values::sha256_hex;

use super::{Attack, COMMIT, RECORD};
use crate::scratch::run;
use crate::site::Site;
use crate::site::View::{Cloned, FilesOnly, Git};

pub(super) const ATTACKS: &[Attack] = &[
    ("edited and chained again", RECORD, |site| site.rechain(2), &[(Git, Code::SealMismatch)]),
    (
        "edited and chained again, in a commit",
        RECORD,
        |site| {
            site.rechain(2);
            site.commit();
        },
        &[(Git, Code::SealMismatch), (Cloned, Code::RecordChanged)],
    ),
    (
        "edited and chained again, in a commit of the other mode",
        COMMIT,
        |site| {
            site.rechain(1);
            site.commit();
        },
        &[(Git, Code::SealMismatch), (Cloned, Code::SealMismatch)],
    ),
    (
        "edited and chained again, without refs",
        COMMIT,
        |site| {
            site.rechain(1);
            site.forget_refs();
            site.commit();
        },
        &[(Git, Code::RecordChanged), (Cloned, Code::RecordChanged)],
    ),
    (
        "the newest edited, without refs",
        RECORD,
        |site| {
            site.rechain(3);
            site.forget_refs();
            site.commit();
        },
        &[(Git, Code::RecordChanged), (Cloned, Code::RecordChanged)],
    ),
    (
        "the newest edited, without refs and a commit",
        RECORD,
        |site| {
            site.rechain(3);
            site.forget_refs();
        },
        &[(Git, Code::RecordChanged)],
    ),
    (
        "edited in one commit of several",
        RECORD,
        |site| {
            site.rechain(3);
            site.commit();
            site.project.scratch.write("more.txt", "x");
            site.commit();
        },
        &[(Git, Code::SealMismatch), (Cloned, Code::RecordChanged)],
    ),
    ("edited in a merge", RECORD, merge_edited, &[(Git, Code::SealMismatch), (Cloned, Code::RecordChanged)]),
    (
        "a log is edited, in a commit",
        RECORD,
        |site| {
            fs::write(site.file(2, "logs/task.log"), "x\n").unwrap();
            site.commit();
        },
        &[(FilesOnly, Code::ArtifactChanged), (Cloned, Code::ArtifactChanged)],
    ),
    (
        "the patch of one in the middle is another, and the only commit has it",
        RECORD,
        |site| {
            repatch(site, 2);
            site.forget_refs();
            site.git(&["add", "-A"]);
            site.git(&["commit", "-q", "--amend", "-m", "records"]);
        },
        &[(Cloned, Code::PatchDiffers)],
    ),
    (
        "an output has another hash",
        RECORD,
        |site| {
            output(site);
            reseal(site, 3);
        },
        &[(Git, Code::OutputDiffers)],
    ),
    (
        "a redaction is claimed, and the patch is another",
        RECORD,
        |site| {
            redact(site, "[REDACTED:dotenv]", "fn evil() {}");
            reseal(site, 3);
        },
        &[(Git, Code::PatchDiffers)],
    ),
    (
        "a redaction is claimed, and a line is hidden behind it",
        RECORD,
        |site| {
            redact(site, "", "+[REDACTED:home]\n+fn evil() {}");
            reseal(site, 3);
        },
        &[(Git, Code::PatchDiffers)],
    ),
];

fn merge_edited(site: &Site) {
    site.git(&["switch", "-q", "-c", "side", "HEAD~1"]);
    site.git(&["commit", "-q", "--allow-empty", "-m", "side"]);
    site.git(&["switch", "-q", "main"]);
    site.git(&["merge", "-q", "--no-commit", "side"]);
    site.rechain(3);
    site.git(&["add", "-A"]);
    site.git(&["commit", "-q", "-m", "merge"]);
}

fn output(site: &Site) {
    site.edit(3, |manifest| manifest.outputs[0].sha256 = Some("0".repeat(64)));
}

fn redact(site: &Site, mark: &str, text: &str) {
    let path = site.file(3, "diff.patch");
    let text_before = fs::read_to_string(&path).unwrap();
    let changed = text_before.replace("fn f3() {}", &format!("{text} {mark}"));
    fs::write(path, &changed).unwrap();
    site.edit(3, |manifest| {
        let part = manifest.ledger.as_mut().unwrap();
        let artifact = part.artifacts.iter_mut().find(|artifact| artifact.path == "diff.patch").unwrap();
        (artifact.sha256, artifact.bytes) = (sha256_hex(changed.as_bytes()), changed.len() as u64);
        for rule in ["dotenv", "home"] {
            let count = serde_json::json!({"rule": rule, "path": "diff.patch", "count": 1});
            part.redactions.push(serde_json::from_value(count).unwrap());
        }
    });
}

fn reseal(site: &Site, number: u64) {
    let hash = sha256_hex(&fs::read(site.file(number, "manifest.json")).unwrap());
    let name = format!("refs/turns-seal/{number}");
    let message = site.git(&["log", "-1", "--format=%B", &name]);
    let said = message.lines().find(|line| line.starts_with("Turn-Manifest-Sha256")).unwrap().to_owned();
    let message = message.replace(&said, &format!("Turn-Manifest-Sha256: {hash}"));
    let tree = site.git(&["rev-parse", &format!("{name}^{{tree}}")]);
    let commit = String::from_utf8(run(site.root(), &["commit-tree", "-m", &message, &tree], &[])).unwrap();
    site.git(&["update-ref", &name, commit.trim()]);
}

/// Changes the patch of a record and everything that says what it was.
fn repatch(site: &Site, number: u64) {
    let path = site.file(number, "diff.patch");
    let evil = fs::read_to_string(&path).unwrap().replace("fn f2() {}", "fn evil() {}");
    fs::write(path, &evil).unwrap();
    site.edit(number, |manifest| {
        let artifacts = &mut manifest.ledger.as_mut().unwrap().artifacts;
        let artifact = artifacts.iter_mut().find(|artifact| artifact.path == "diff.patch").unwrap();
        (artifact.sha256, artifact.bytes) = (sha256_hex(evil.as_bytes()), evil.len() as u64);
    });
    site.rechain(number);
}
