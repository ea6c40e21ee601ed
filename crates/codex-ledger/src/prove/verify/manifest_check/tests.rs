//! Contradictions and broken rules in a manifest.

use rstest::rstest;

use super::*;
use crate::manifest::{ArtifactFile, ClaimEntry, Extra, OutputFile};
use crate::values::TurnId;

/// A manifest that keeps every rule.
fn sound() -> Manifest {
    let mut manifest = Manifest::new(TurnId::FIRST, "2025-09-05T17:42:10Z");
    manifest.changes.added = vec!["a".to_owned(), "b".to_owned()];
    manifest.changes.deleted = vec!["c".to_owned()];
    manifest.metrics.files_changed = Some(3);
    let output = |path: &str| OutputFile { path: path.to_owned(), ..OutputFile::default() };
    manifest.outputs = vec![output("a"), output("b")];
    manifest.validation.adr_present = true;
    manifest.validation.changelog_present = true;
    let part = manifest.ledger.as_mut().unwrap();
    part.uid = "00000000-0000-7000-8000-000000000001".to_owned();
    let artifact = |path: &str| ArtifactFile {
        path: path.to_owned(),
        sha256: "0".repeat(64),
        ..ArtifactFile::default()
    };
    part.artifacts = vec![artifact("adr.md"), artifact("changelog.md")];
    part.claim = Some(ClaimEntry { scope: ClaimScope::Local, oid: "0".repeat(40), extra: Extra::new() });
    manifest
}

fn part(manifest: &mut Manifest) -> &mut LedgerPart {
    manifest.ledger.as_mut().unwrap()
}

#[rstest]
#[case::sound(|_: &mut Manifest| (), None)]
#[case::time(|m: &mut Manifest| m.timestamp_utc = "2025-09-05".to_owned(), Some("timestampUtc"))]
#[case::offset(|m: &mut Manifest| m.timestamp_utc = "2025-09-05T17:42:10+00:00".to_owned(), Some("timestampUtc"))]
#[case::state(|m: &mut Manifest| part(m).state = RecordState::from("great"), Some("is no state"))]
#[case::status(|m: &mut Manifest| m.validation.tests_status = CheckStatus::from("fine"), Some("status of a check"))]
#[case::uid(|m: &mut Manifest| part(m).uid = "1".to_owned(), Some("is no UUID"))]
#[case::tree(|m: &mut Manifest| part(m).trees.before = Some("abc".to_owned()), Some("object id"))]
#[case::absolute(|m: &mut Manifest| m.changes.added[0] = "/etc/passwd".to_owned(), Some("no path of the project"))]
#[case::outside(|m: &mut Manifest| m.changes.deleted[0] = "../c".to_owned(), Some("no path of the project"))]
#[case::unsorted(|m: &mut Manifest| m.changes.added.reverse(), Some("not sorted"))]
#[case::in_two_lists(|m: &mut Manifest| m.changes.deleted[0] = "a".to_owned(), Some("two lists"))]
#[case::count(|m: &mut Manifest| m.metrics.files_changed = Some(2), Some("filesChanged"))]
#[case::outputs(|m: &mut Manifest| { m.outputs.pop(); }, Some("the outputs are not"))]
#[case::unlisted(|m: &mut Manifest| m.artifacts.diff = Some("diff.patch".to_owned()), Some("diff.patch is not among"))]
#[case::no_hash(|m: &mut Manifest| part(m).artifacts[0].sha256.clear(), Some("the hash of adr.md is none"))]
#[case::twice(|m: &mut Manifest| part(m).artifacts[0].path = "changelog.md".to_owned(), Some("listed twice"))]
#[case::way_out(|m: &mut Manifest| part(m).artifacts[0].path = "../adr.md".to_owned(), Some("cannot be a file"))]
#[case::adr(|m: &mut Manifest| m.validation.adr_present = false, Some("adrPresent is false"))]
fn a_broken_rule_is_named(#[case] edit: fn(&mut Manifest), #[case] expected: Option<&str>) {
    let mut manifest = sound();
    edit(&mut manifest);
    let found = check(&manifest, &manifest.to_bytes());
    match expected {
        None => assert_eq!(found, []),
        Some(text) => assert!(
            found.iter().any(|(code, sentence)| *code == Code::ManifestInvalid && sentence.contains(text)),
            "{found:?}"
        ),
    }
}

#[test]
fn lists_that_were_cut_need_not_add_up() {
    let mut manifest = sound();
    manifest.metrics.files_changed = Some(20_000);
    part(&mut manifest).truncated.push(crate::manifest::TruncatedFile {
        path: "changes.added".to_owned(),
        ..crate::manifest::TruncatedFile::default()
    });
    assert_eq!(check(&manifest, &manifest.to_bytes()), []);
}

#[test]
fn other_bytes_for_the_same_content_are_found_unless_they_may_differ() {
    let written = |manifest: &Manifest| serde_json::to_vec(manifest).unwrap();
    let mut manifest = sound();
    let found = check(&manifest, &written(&manifest));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::ManifestReserialised]);
    manifest.task.parameters.insert("ratio".to_owned(), 0.1.into());
    assert_eq!(check(&manifest, &written(&manifest)), []);
}
