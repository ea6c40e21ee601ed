//! [`ManifestFile`]: a manifest and the bytes that it was read from.

use serde::Deserialize;
use thiserror::Error;

use super::Manifest;
use crate::values::sha256_hex;

/// The name and major version of the format that this version writes.
pub const FORMAT: &str = "turns-ledger/1";
const NAME: &str = "turns-ledger/";
const MAJOR: u64 = 1;

/// A manifest as it was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ManifestFile {
    /// What it says.
    pub manifest: Manifest,
    /// The SHA-256 of the bytes it was read from.
    pub sha256: String,
    /// Whether a later major version of the format wrote it: then it may be read, and never changed or added to.
    pub newer_major: bool,
}

/// Says why bytes are no manifest.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// They are no JSON, or the JSON is no manifest.
    #[error("it is no manifest")]
    Json(#[source] serde_json::Error),
    /// A later major version wrote it in a shape that this version cannot read.
    #[error("the format {format} is newer than {FORMAT} and cannot be read")]
    #[non_exhaustive]
    NewerMajor {
        /// The format.
        format: String,
        /// Where the shape differs.
        source: serde_json::Error,
    },
}

impl Manifest {
    /// Reads `manifest.json`.
    ///
    /// Keys that this version does not know are kept. Only the eight keys of the oldest form must be there.
    ///
    /// # Errors
    ///
    /// The bytes are no manifest, or one of a newer format that cannot be read.
    pub fn read(bytes: &[u8]) -> Result<ManifestFile, ManifestError> {
        let format = format_of(bytes);
        let newer_major = format.as_deref().is_some_and(is_newer);
        match serde_json::from_slice(bytes) {
            Ok(manifest) => Ok(ManifestFile { manifest, sha256: sha256_hex(bytes), newer_major }),
            Err(source) => match format {
                Some(format) if newer_major => Err(ManifestError::NewerMajor { format, source }),
                _ => Err(ManifestError::Json(source)),
            },
        }
    }

    /// The bytes of `manifest.json`: two-space JSON with a line feed at its end.
    ///
    /// # Panics
    ///
    /// Never: a manifest has no keys that are not text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest has only text as keys");
        bytes.push(b'\n');
        bytes
    }
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    ledger: Option<HeadLedger>,
}

#[derive(Deserialize)]
struct HeadLedger {
    #[serde(default)]
    format: Option<String>,
}

fn format_of(bytes: &[u8]) -> Option<String> {
    let head: Head = serde_json::from_slice(bytes).ok()?;
    head.ledger?.format
}

/// A format of another name is as foreign as one of a later version.
fn is_newer(format: &str) -> bool {
    let major = format.strip_prefix(NAME).map(|rest| rest.split('.').next().unwrap_or(rest));
    major.and_then(|major| major.parse().ok()).is_none_or(|major: u64| major > MAJOR)
}
