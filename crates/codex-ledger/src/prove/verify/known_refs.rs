//! [`KnownRefs`]: the refs of the ledger in this repository.

use std::collections::BTreeMap;

use crate::claims::{CLAIM_PREFIX, SEAL_PREFIX, TAG_PREFIX};
use crate::git::{RefEntry, Refs};
use crate::ledger_error::LedgerError;
use crate::values::{Oid, TurnId};

/// Where the refs of the ledger point, by number.
#[derive(Debug, Default)]
pub(super) struct KnownRefs {
    pub(super) claims: BTreeMap<TurnId, Oid>,
    pub(super) tags: BTreeMap<TurnId, Oid>,
    pub(super) seals: BTreeMap<TurnId, Oid>,
}

impl KnownRefs {
    pub(super) fn read(refs: &dyn Refs) -> Result<Self, LedgerError> {
        let list = |prefix| {
            let found = refs.list_refs(prefix).map_err(LedgerError::git("list the refs of the ledger"))?;
            Ok::<_, LedgerError>(by_number(found, prefix))
        };
        Ok(Self { claims: list(CLAIM_PREFIX)?, tags: list(TAG_PREFIX)?, seals: list(SEAL_PREFIX)? })
    }

    /// Whether anything says that the number was given out.
    pub(super) fn knows(&self, number: TurnId) -> bool {
        self.claims.contains_key(&number)
            || self.tags.contains_key(&number)
            || self.seals.contains_key(&number)
    }
}

/// The refs whose names are a number after the prefix.
pub(super) fn by_number(refs: Vec<RefEntry>, prefix: &str) -> BTreeMap<TurnId, Oid> {
    refs.into_iter()
        .filter_map(|entry| Some((entry.name.strip_prefix(prefix)?.parse().ok()?, entry.oid)))
        .collect()
}

/// The value of a line `Key: value` in the message of a tag or a commit.
pub(super) fn trailer<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    message.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
}
