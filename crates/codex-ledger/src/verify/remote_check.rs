//! Whether a remote has the same claims and tags.

use std::time::Duration;

use super::gap_check::runs;
use super::known_refs::{KnownRefs, by_number};
use super::survey::Survey;
use crate::claim::{CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, TAG_PREFIX};
use crate::finding::{Finding, FindingCode as Code};
use crate::ledger_error::LedgerError;
use crate::manifest::ClaimScope;
use crate::places::LEDGER_ROOT;
use crate::turn_id::TurnId;
use crate::vcs::Vcs;

/// How long the remote may take for one answer.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) fn check(
    vcs: &dyn Vcs,
    remote: &str,
    survey: &Survey,
    refs: &KnownRefs,
    findings: &mut Vec<Finding>,
) -> Result<(), LedgerError> {
    let list = |prefix: &str| {
        let found = vcs.ls_remote(remote, &format!("{prefix}*"), LIMIT);
        Ok::<_, LedgerError>(by_number(
            found.map_err(LedgerError::git("ask the remote for its refs"))?,
            prefix,
        ))
    };
    let mut claims = list(CLAIM_FALLBACK_PREFIX)?;
    claims.extend(list(CLAIM_PREFIX)?);
    let tags = list(TAG_PREFIX)?;

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
    let without: Vec<TurnId> = claims
        .keys()
        .filter(|number| !survey.records.contains_key(number) && !refs.knows(**number))
        .copied()
        .collect();
    for run in runs(&without) {
        let sentence = format!("{run}: claimed on {remote} by another clone");
        findings.push(Finding::new(Code::Elsewhere, format!("{LEDGER_ROOT}/turns"), sentence));
    }
    let mut unpushed = Vec::new();
    for (number, here) in &refs.tags {
        match tags.get(number) {
            Some(there) if there != here => {
                let sentence = format!("{remote} has {there}, and this repository has {here}");
                findings.push(
                    Finding::new(Code::RemoteTagDiffers, format!("{TAG_PREFIX}{number}"), sentence)
                        .of(*number),
                );
            }
            Some(_) => {}
            None => unpushed.push(*number),
        }
    }
    for run in runs(&unpushed) {
        let sentence = format!("{run}: {remote} does not have the tag");
        findings.push(Finding::new(Code::RemoteTagMissing, format!("{TAG_PREFIX}*"), sentence));
    }
    Ok(())
}
