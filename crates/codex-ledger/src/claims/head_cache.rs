//! [`HeadCache`]: the highest number known, so that a claim need not look at every record.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::manifest::Extra;
use crate::system::plain_file::read_plain;
use crate::values::{TurnId, number_runs};

/// The file `head.json`: a hint that may be too low or missing, never a source of truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HeadCache {
    /// The version of this shape, 1.
    pub v: u32,
    /// The highest number that was ever claimed or seen.
    pub highest: u64,
    /// Which numbers were claimed here, as runs with their first and last; nothing where an earlier version has claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Vec<(u64, u64)>>,
    /// Under which prefix each remote takes claims.
    #[serde(default)]
    pub remote_prefixes: BTreeMap<String, String>,
    /// How often the last claim on a remote lost its number to others, so that the next one is careful from the beginning.
    #[serde(default)]
    pub losses: u32,
    /// How long the last push of that claim took, in milliseconds.
    #[serde(default)]
    pub push_ms: u64,
    /// Other keys, kept.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for HeadCache {
    fn default() -> Self {
        Self {
            v: 1,
            highest: 0,
            made: Some(Vec::new()),
            remote_prefixes: BTreeMap::new(),
            losses: 0,
            push_ms: 0,
            extra: Extra::new(),
        }
    }
}

impl HeadCache {
    /// Reads it; `None` if it is missing, broken or of another version.
    pub fn read(path: &Path) -> Option<Self> {
        let cache: Self = serde_json::from_slice(&read_plain(path).ok()?).ok()?;
        (cache.v == 1).then_some(cache)
    }

    /// Adds a number that was claimed here.
    pub(super) fn add_made(&mut self, number: TurnId) {
        if let Some(made) = &mut self.made {
            number_runs::add(made, number.get());
        }
    }

    /// Whether a number was claimed here; `None` where that was not kept.
    pub(crate) fn has_made(&self, number: TurnId) -> Option<bool> {
        self.made.as_ref().map(|made| number_runs::has(made, number.get()))
    }

    /// The bytes of the file.
    ///
    /// # Panics
    ///
    /// Never: a cache has no keys that are not text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a cache has only text as keys");
        bytes.push(b'\n');
        bytes
    }
}
