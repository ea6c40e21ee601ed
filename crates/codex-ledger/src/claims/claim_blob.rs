//! [`ClaimBlob`]: what a claim says.

use serde::{Deserialize, Serialize};

use crate::values::TurnId;

/// What the blob of a claim says: one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClaimBlob {
    /// The version of this shape, 1.
    pub v: u32,
    /// The number that is claimed.
    pub turn_id: TurnId,
    /// The UUID of the record.
    pub uid: String,
    /// When the turn began, `YYYY-MM-DDTHH:MM:SSZ`.
    pub started_utc: String,
    /// 128 random bits in hexadecimal digits.
    pub nonce: String,
    /// The machine, where the owner wants it to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

impl ClaimBlob {
    /// Takes all but the machine.
    pub fn new(turn_id: TurnId, uid: &str, started_utc: String, nonce: String) -> Self {
        Self { v: 1, turn_id, uid: uid.to_owned(), started_utc, nonce, host: None }
    }

    /// Reads a blob; `None` if it is no claim.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The bytes of the blob.
    ///
    /// # Panics
    ///
    /// Never: a claim has no keys that are not text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a claim has only text as keys");
        bytes.push(b'\n');
        bytes
    }

    pub(super) fn with_host(mut self, host: Option<&str>) -> Self {
        self.host = host.map(str::to_owned);
        self
    }
}
