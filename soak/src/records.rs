//! [`Records`]: what the ledger has of all the turns, once they are over.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use codex_ledger::prove::Severity;
use codex_ledger::{FileLedger, Reader, RedactionRules, VerifyLevel, verify};

use crate::scene::Scene;

/// What the ledger has of all the turns, once they are over.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// How many records of each state there are.
    pub(crate) states: BTreeMap<String, u64>,
    numbers: BTreeSet<u64>,
    /// What is wrong, each in one sentence.
    pub(crate) problems: Vec<String>,
}

impl Records {
    /// Recovers what is unfinished in all lanes, reads all records, and verifies them.
    pub(crate) fn read(scene: &Scene) -> Result<Self> {
        let mut records = Self::default();
        for lane in 0..scene.lanes() {
            FileLedger::open(scene.lane(lane), RedactionRules::none())?
                .recover()
                .with_context(|| format!("recovery of lane {lane}"))?;
        }
        for lane in 0..scene.lanes() {
            let reader = Reader::at(scene.lane(lane));
            for record in reader.records()? {
                let record = record?;
                let number = record.manifest().turn_id.get();
                if !records.numbers.insert(number) {
                    records.problems.push(format!("two lanes have a record {number}"));
                }
                let state = record.manifest().ledger.as_ref().map_or("unknown", |part| part.state.as_str());
                *records.states.entry(state.to_owned()).or_default() += 1;
            }
            let ledger = FileLedger::open(scene.lane(lane), RedactionRules::none())?;
            let found = verify(&reader, ledger.vcs().as_ref(), &VerifyLevel::Git)?;
            for finding in found.findings.iter().filter(|finding| finding.severity > Severity::Note) {
                let (code, path, sentence) = (finding.code, &finding.path, &finding.sentence);
                records.problems.push(format!("lane {lane} does not verify: {code}: {sentence} ({path})"));
            }
        }
        let missing: Vec<String> = gaps(&records.numbers).map(|number| number.to_string()).collect();
        if !missing.is_empty() {
            records.problems.push(format!("there is no record of number {}", missing.join(", ")));
        }
        Ok(records)
    }
}

/// The numbers between 1 and the highest that are not there.
fn gaps(numbers: &BTreeSet<u64>) -> impl Iterator<Item = u64> {
    let last = numbers.last().copied().unwrap_or_default();
    (1..=last).filter(|number| !numbers.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_a_gap() {
        let gaps = |numbers: &[u64]| gaps(&numbers.iter().copied().collect()).collect::<Vec<_>>();
        assert_eq!(gaps(&[1, 2, 3]), [0; 0]);
        assert_eq!(gaps(&[2, 5]), [1, 3, 4]);
        assert_eq!(gaps(&[]), [0; 0]);
    }
}
