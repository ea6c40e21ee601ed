//! Whether a manifest keeps the rules of its format and agrees with itself.

mod unknown_keys;

use std::collections::BTreeSet;

use serde_json::Value;

use self::unknown_keys::has_unknown_keys;
use crate::manifest::{CheckStatus, ClaimScope, LedgerPart, Manifest, RecordState};
use crate::prove::finding::FindingCode as Code;
use crate::values::{Oid, RepoPath};

type ManifestFaults = Vec<(Code, String)>;

pub(super) fn check(manifest: &Manifest, bytes: &[u8]) -> ManifestFaults {
    let mut found = ManifestFaults::new();
    let Some(part) = &manifest.ledger else { return found };
    let mut invalid = |sentence: String| found.push((Code::ManifestInvalid, sentence));
    words(manifest, part, &mut invalid);
    identifiers(part, &mut invalid);
    changes(manifest, part, &mut invalid);
    artifacts(manifest, part, &mut invalid);
    if !part.parents.is_sorted_by(|one, other| one.turn_id < other.turn_id) {
        invalid("the parents are not sorted, or one is named twice".to_owned());
    }
    // The writer has one form for every content; a key of a later minor version may stand anywhere.
    let has_one_form = !has_unknown_keys(manifest) && !manifest.task.parameters.values().any(has_many_forms);
    if has_one_form && manifest.task.parameters.len() < 2 && manifest.to_bytes() != bytes {
        let sentence = "its content was written again in other bytes than the ledger writes";
        found.push((Code::ManifestReserialised, sentence.to_owned()));
    }
    found
}

fn words(manifest: &Manifest, part: &LedgerPart, invalid: &mut impl FnMut(String)) {
    if !is_utc_seconds(&manifest.timestamp_utc) {
        invalid(format!(
            "timestampUtc {:?} is no time of the form 2025-09-05T17:42:10Z",
            manifest.timestamp_utc
        ));
    }
    if let RecordState::Unknown(word) = &part.state {
        invalid(format!("{word:?} is no state"));
    }
    for status in [&manifest.validation.lint_status, &manifest.validation.tests_status] {
        if let CheckStatus::Unknown(word) = status {
            invalid(format!("{word:?} is no status of a check"));
        }
    }
    if let Some(ClaimScope::Unknown(word)) = part.claim.as_ref().map(|claim| &claim.scope) {
        invalid(format!("{word:?} is no scope of a claim"));
    }
}

fn identifiers(part: &LedgerPart, invalid: &mut impl FnMut(String)) {
    if uuid::Uuid::try_parse(&part.uid).is_err() {
        invalid(format!("the uid {:?} is no UUID", part.uid));
    }
    let claim = part.claim.as_ref().map(|claim| &claim.oid);
    for oid in claim.into_iter().chain(&part.trees.before).chain(&part.trees.after) {
        if oid.parse::<Oid>().is_err() {
            invalid(format!("{oid:?} is no full object id"));
        }
    }
}

fn changes(manifest: &Manifest, part: &LedgerPart, invalid: &mut impl FnMut(String)) {
    let changes = &manifest.changes;
    let is_cut =
        part.truncated.iter().any(|cut| cut.path.starts_with("changes") || cut.path.starts_with("outputs"));
    let mut all = BTreeSet::new();
    for (name, list) in
        [("added", &changes.added), ("modified", &changes.modified), ("deleted", &changes.deleted)]
    {
        let Some(paths) = parse(list, invalid) else { continue };
        if !paths.is_sorted_by(|one, other| one < other) {
            invalid(format!("the list of {name} files is not sorted, or names one twice"));
        }
        for path in paths {
            if !all.insert(path.clone()) {
                invalid(format!("{path} is in two lists of changed files"));
            }
        }
    }
    if is_cut {
        return;
    }
    let listed = (changes.added.len() + changes.modified.len() + changes.deleted.len()) as u64;
    if manifest.metrics.files_changed.is_some_and(|count| count != listed) {
        invalid(format!("{listed} changed files are listed and filesChanged says otherwise"));
    }
    let outputs: BTreeSet<&String> = manifest.outputs.iter().map(|output| &output.path).collect();
    let expected: BTreeSet<&String> = changes.added.iter().chain(&changes.modified).collect();
    if outputs != expected {
        invalid("the outputs are not the added and modified files".to_owned());
    }
}

fn artifacts(manifest: &Manifest, part: &LedgerPart, invalid: &mut impl FnMut(String)) {
    let mut listed = BTreeSet::new();
    for artifact in &part.artifacts {
        if artifact.path.parse::<RepoPath>().is_err() || artifact.path == "manifest.json" {
            invalid(format!("{:?} cannot be a file of a record", artifact.path));
        }
        if artifact.sha256.len() != 64
            || !artifact.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            invalid(format!("the hash of {} is none", artifact.path));
        }
        if !listed.insert(&artifact.path) {
            invalid(format!("{} is listed twice", artifact.path));
        }
    }
    let named = &manifest.artifacts;
    let single =
        [Some(&named.changelog), Some(&named.adr), named.diff.as_ref(), named.session_context.as_ref()];
    let single = single.into_iter().flatten().chain(&named.project_files);
    for path in single.chain(&named.logs).chain(&named.reports) {
        if !listed.contains(path) {
            invalid(format!("the artifact {path} is not among the files of the record"));
        }
    }
    for (name, path, present) in [
        ("adrPresent", &named.adr, manifest.validation.adr_present),
        ("changelogPresent", &named.changelog, manifest.validation.changelog_present),
    ] {
        if listed.contains(path) != present {
            invalid(format!("{name} is {present} and the list of files says otherwise"));
        }
    }
}

fn parse(list: &[String], invalid: &mut impl FnMut(String)) -> Option<Vec<RepoPath>> {
    let mut paths = Vec::with_capacity(list.len());
    for text in list {
        match text.parse() {
            Ok(path) => paths.push(path),
            Err(error) => {
                invalid(format!("{text:?} is no path of the project: {error}"));
                return None;
            }
        }
    }
    Some(paths)
}

/// Whether a time is written as the ledger writes it.
fn is_utc_seconds(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok_and(|time| crate::system::utc_seconds(time) == text)
}

/// Whether a value of the caller's may be written in several ways: the order of keys and the last digits of fractions
/// depend on how the program that wrote it was built.
fn has_many_forms(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_many_forms),
        Value::Object(map) => map.len() > 1 || map.values().any(has_many_forms),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests;
