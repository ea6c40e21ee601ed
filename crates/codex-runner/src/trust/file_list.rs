//! [`FileList`]: files of a project, each with the hash of its bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use codex_ledger::values::sha256_hex;
use serde::{Deserialize, Serialize};

/// Begins a digest as people and programs write it.
const PREFIX: &str = "sha256:";

/// Files of a project by their paths, each with the SHA-256 of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileList(BTreeMap<String, String>);

impl FileList {
    /// Adds a file with its bytes.
    pub fn add(&mut self, path: impl Into<String>, bytes: &[u8]) {
        self.add_hashed(path, sha256_hex(bytes));
    }

    /// Adds a file whose hash is known.
    pub fn add_hashed(&mut self, path: impl Into<String>, sha256: impl Into<String>) {
        self.0.insert(path.into(), sha256.into());
    }

    /// Adds all of these files.
    pub fn add_all(&mut self, files: &Self) {
        self.0.extend(files.0.clone());
    }

    /// Returns whether all of these files are here, with the same bytes.
    pub fn contains(&self, files: &Self) -> bool {
        files.0.iter().all(|(path, hash)| self.0.get(path) == Some(hash))
    }

    /// Returns the paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the list of this one file, if it is here.
    pub fn only(&self, path: &str) -> Option<Self> {
        let (path, hash) = self.0.get_key_value(path)?;
        Some(Self([(path.clone(), hash.clone())].into()))
    }

    /// Returns the paths that are not the same in both, sorted.
    pub fn changed<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        let mut paths: Vec<&str> = self.paths().chain(before.paths()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.retain(|path| self.0.get(*path) != before.0.get(*path));
        paths
    }

    /// Returns the digest of the whole list.
    pub fn digest(&self) -> Digest {
        let mut text = Vec::new();
        for (path, hash) in &self.0 {
            // No path has a NUL in it, so that no two lists have one text.
            text.extend([path.as_bytes(), b"\0", hash.as_bytes(), b"\n"].concat());
        }
        Digest(sha256_hex(&text))
    }
}

/// The digest of a [`FileList`], written `sha256:` and 64 digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// A text is not a digest.
#[derive(Debug, thiserror::Error)]
#[error("a digest is `sha256:` and 64 hexadecimal digits")]
#[non_exhaustive]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.strip_prefix(PREFIX).ok_or(NotADigest)?;
        let is_hex = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| Self(digits.to_ascii_lowercase())).ok_or(NotADigest)
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", self.0)
    }
}
