//! Reads and writes manifests.

use serde_json::{Value, json};

use super::{CheckStatus, Manifest, ManifestError, RecordState};
use crate::values::{TurnId, sha256_hex};

const FULL: &str = include_str!("samples/full.json");
const OLDEST: &str = include_str!("samples/oldest.json");

fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(FULL).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn keys_are_written_in_the_order_of_the_format_at_every_level() {
    let file = Manifest::read(FULL.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(file.manifest.to_bytes()).unwrap(), FULL);
    assert_eq!((file.sha256, file.newer_major), (sha256_hex(FULL.as_bytes()), false));
    assert_eq!(file.manifest.extra.len(), 0);
}

#[test]
fn the_oldest_form_is_read_and_what_it_lacks_is_none() {
    let file = Manifest::read(OLDEST.as_bytes()).unwrap();
    let manifest = file.manifest;
    assert!(!file.newer_major);
    assert_eq!((manifest.turn_id, manifest.metrics.tests_passed), (TurnId::FIRST, Some(42)));
    assert_eq!(manifest.validation.tests_status, CheckStatus::Passed);
    assert_eq!((&manifest.git, &manifest.provenance, &manifest.ledger), (&None, &None, &None));
    assert_eq!(manifest.artifacts.session_context, None);
}

#[test]
fn a_new_manifest_has_every_part_and_knows_nothing() {
    let text = String::from_utf8(Manifest::new(TurnId::FIRST, "2025-01-01T00:00:00Z").to_bytes()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    for part in ["git", "tasks", "provenance", "outputs", "ledger"] {
        assert!(value.get(part).is_some(), "{part}");
    }
    for unknown in ["testsPassed", "linesAdded", "coverageDeltaPct"] {
        assert_eq!(value["metrics"][unknown], Value::Null);
    }
    assert_eq!(value["ledger"]["state"], "interrupted");
    assert_eq!(value["validation"]["testsStatus"], "not-run");
    assert!(text.ends_with("}\n"));
}

#[test]
fn keys_and_words_of_others_are_kept_at_every_level() {
    let bytes = changed(|value| {
        value["new"] = json!({"a": [1, null]});
        value["metrics"]["new"] = json!(0.5);
        value["ledger"]["state"] = json!("paused");
        value["ledger"]["trees"]["new"] = json!("x");
        value["ledger"]["turns"][0]["usage"]["turn"]["newTokens"] = json!(7);
        value["tasks"][0]["validations"][0]["new"] = json!(true);
    });
    let manifest = Manifest::read(&bytes).unwrap().manifest;
    assert_eq!(manifest.ledger.as_ref().unwrap().state, RecordState::Unknown("paused".to_owned()));
    let kept: Value = serde_json::from_slice(&manifest.to_bytes()).unwrap();
    assert_eq!(kept, serde_json::from_slice::<Value>(&bytes).unwrap());
}

#[test]
fn a_later_major_version_is_read_and_marked() {
    let later = |format: &str| changed(|value| value["ledger"]["format"] = json!(format));
    let is_newer = |format: &str| Manifest::read(&later(format)).unwrap().newer_major;
    assert!(!is_newer("turns-ledger/1") && !is_newer("turns-ledger/1.9"));
    assert!(is_newer("turns-ledger/2") && is_newer("turns-ledger/10.1") && is_newer("other/1"));
    let other_shape = changed(|value| {
        value["ledger"]["format"] = json!("turns-ledger/2");
        value["metrics"] = json!([]);
    });
    let error = Manifest::read(&other_shape).unwrap_err();
    assert!(matches!(error, ManifestError::NewerMajor { format, .. } if format == "turns-ledger/2"));
}

#[test]
fn what_is_no_manifest_is_an_error() {
    for bytes in [&b""[..], b"null", b"{}", b"[1]", b"\xff", &FULL.as_bytes()[..FULL.len() - 3]] {
        assert!(matches!(Manifest::read(bytes), Err(ManifestError::Json(_))));
    }
    let zero = changed(|value| value["turnId"] = json!(0));
    assert!(Manifest::read(&zero).is_err());
    let negative = changed(|value| value["metrics"]["linesAdded"] = json!(-1));
    assert!(Manifest::read(&negative).is_err());
}
