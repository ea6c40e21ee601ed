//! What the reader of manifests promises for any bytes.

use codex_ledger::Manifest;
use codex_ledger::read::IndexRow;
use codex_ledger::texts::{Texts, changelog};

/// Takes the bytes for a manifest, writes it and reads it again.
pub(crate) fn check(bytes: &[u8]) {
    let file = match Manifest::read(bytes) {
        Ok(file) => file,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = file.manifest.to_bytes();
    let again = Manifest::read(&written).expect("what we write we read");
    assert_eq!(again.manifest, file.manifest, "nothing is lost");
    assert_eq!(again.newer_major, file.newer_major);
    assert_eq!(again.manifest.to_bytes(), written, "it is written in one way");
    assert!(IndexRow::of(&file.manifest).to_line().ends_with('\n'));
    assert!(!changelog(&file.manifest, &Texts::new()).is_empty());
}
