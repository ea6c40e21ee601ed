//! Whether the change log names the files that the manifest names.

use crate::manifest::Manifest;
use crate::texts::{Texts, changelog};

/// The first of the sections that follow from the manifest alone; no free text comes after it.
const FIRST: &[u8] = b"\n## Files Added\n";

/// One sentence, if they differ.
pub(super) fn check(manifest: &Manifest, bytes: &[u8]) -> Option<&'static str> {
    let path = &manifest.artifacts.changelog;
    let part = manifest.ledger.as_ref()?;
    let is_redacted = part.redactions.iter().any(|redaction| redaction.path == *path);
    let is_cut = part.truncated.iter().any(|cut| cut.path == *path || cut.path.starts_with("changes"));
    if is_redacted || is_cut {
        return None;
    }
    let expected = changelog(manifest, &Texts::new());
    match (tables(bytes), tables(expected.as_bytes())) {
        (None, _) => Some("it has no table of the files that were added"),
        (found, expected) if found == expected => None,
        _ => Some("its tables of changed files are not those of the manifest"),
    }
}

fn tables(changelog: &[u8]) -> Option<&[u8]> {
    memchr::memmem::rfind(changelog, FIRST).map(|at| &changelog[at..])
}
