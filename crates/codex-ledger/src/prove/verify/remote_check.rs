//! Whether a remote has the same claims, tags and seals.

use std::collections::BTreeMap;
use std::time::Duration;

use super::known_refs::{KnownRefs, by_number};
use super::runs::runs;
use super::survey::Survey;
use crate::claims::{CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, SEAL_PREFIX, TAG_PREFIX};
use crate::git::Refs;
use crate::ledger_error::LedgerError;
use crate::manifest::ClaimScope;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::{LEDGER_ROOT, Oid, TurnId};

/// How long the remote may take for one answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Where the refs of the ledger on a remote point, by number.
#[derive(Debug, Default)]
pub(super) struct RemoteRefs {
    claims: BTreeMap<TurnId, Oid>,
    tags: BTreeMap<TurnId, Oid>,
    seals: BTreeMap<TurnId, Oid>,
}

impl RemoteRefs {
    pub(super) fn ask(refs: &dyn Refs, remote: &str) -> Result<Self, LedgerError> {
        let list = |prefix: &str| {
            let found = refs.ls_remote(remote, &format!("{prefix}*"), LIMIT);
            Ok::<_, LedgerError>(by_number(
                found.map_err(LedgerError::git("ask the remote for its refs"))?,
                prefix,
            ))
        };
        let mut claims = list(CLAIM_FALLBACK_PREFIX)?;
        claims.extend(list(CLAIM_PREFIX)?);
        Ok(Self { claims, tags: list(TAG_PREFIX)?, seals: list(SEAL_PREFIX)? })
    }

    /// The numbers that the remote has given out, and of which nothing is known here.
    pub(super) fn of_others(&self, survey: &Survey, refs: &KnownRefs) -> Vec<TurnId> {
        let is_of_others = |number: &&TurnId| !survey.records.contains_key(number) && !refs.knows(**number);
        self.claims.keys().filter(is_of_others).copied().collect()
    }
}

pub(super) fn check(
    remote: &str,
    there: &RemoteRefs,
    survey: &Survey,
    refs: &KnownRefs,
    findings: &mut Vec<Finding>,
) {
    let RemoteRefs { claims, tags, seals } = there;
    for (number, record) in &survey.records {
        let Some(claim) = record.ledger().and_then(|part| part.claim.as_ref()) else { continue };
        let path = format!("{CLAIM_PREFIX}{number}");
        match claims.get(number) {
            Some(there) if there.as_str() != claim.oid => {
                let sentence = format!("{remote} has the claim {there}, and the record names {}", claim.oid);
                findings.push(Finding::new(Code::RemoteClaimDiffers, path, sentence).of(*number));
            }
            None if claim.scope == ClaimScope::Remote => {
                let sentence = format!("the number was claimed on a remote, and {remote} has no such claim");
                findings.push(Finding::new(Code::RemoteClaimMissing, path, sentence).of(*number));
            }
            Some(_) | None => {}
        }
    }
    for run in runs(&there.of_others(survey, refs)) {
        let sentence = format!("{run}: claimed on {remote} by another clone");
        findings.push(Finding::new(Code::Elsewhere, format!("{LEDGER_ROOT}/turns"), sentence));
    }
    for (number, here) in &refs.claims {
        // What the record names was compared above.
        let is_recorded = survey.records.get(number).is_some_and(|record| record.ledger().is_some());
        if let Some(there) = claims.get(number).filter(|there| *there != here && !is_recorded) {
            let sentence = format!("{remote} has the claim {there}, and this repository has {here}");
            let path = format!("{CLAIM_PREFIX}{number}");
            findings.push(Finding::new(Code::RemoteClaimDiffers, path, sentence).of(*number));
        }
    }
    let kinds = [
        (TAG_PREFIX, &refs.tags, tags, Code::RemoteTagDiffers, Code::RemoteTagMissing, "tag"),
        (SEAL_PREFIX, &refs.seals, seals, Code::RemoteSealDiffers, Code::RemoteSealMissing, "seal"),
    ];
    for (prefix, here, there, differs, missing, what) in kinds {
        let mut unpushed = Vec::new();
        for (number, here) in here {
            match there.get(number) {
                Some(there) if there != here => {
                    let sentence = format!("{remote} has {there}, and this repository has {here}");
                    let path = format!("{prefix}{number}");
                    findings.push(Finding::new(differs, path, sentence).of(*number));
                }
                Some(_) => {}
                None => unpushed.push(*number),
            }
        }
        // Seals are pushed where somebody has set that; a remote without any is no news.
        if what == "seal" && there.is_empty() {
            continue;
        }
        for run in runs(&unpushed) {
            let sentence = format!("{run}: {remote} does not have the {what}");
            findings.push(Finding::new(missing, format!("{prefix}*"), sentence));
        }
    }
}
