//! Whether every record is what later records say of it.

use std::collections::BTreeMap;

use super::absent::AbsentRecords;
use super::committed::Committed;
use super::runs::runs;
use super::survey::Survey;
use super::surveyed::Surveyed;
use crate::manifest::{ParentLink, PurgedFile};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::Reader;
use crate::values::places::record_file_path;
use crate::values::{RepoPath, TurnId};

pub(super) fn check(
    reader: &Reader,
    survey: &Survey,
    absent: &AbsentRecords,
    committed: Option<&Committed<'_>>,
    findings: &mut Vec<Finding>,
) {
    let mut chain = Chain { reader, survey, absent, committed, findings };
    chain.uids();
    chain.parents();
    chain.files_gone();
}

struct Chain<'a> {
    reader: &'a Reader,
    survey: &'a Survey,
    absent: &'a AbsentRecords,
    committed: Option<&'a Committed<'a>>,
    findings: &'a mut Vec<Finding>,
}

impl Chain<'_> {
    fn uids(&mut self) {
        let mut seen: BTreeMap<&str, TurnId> = BTreeMap::new();
        for (number, record) in &self.survey.records {
            let Some(uid) = record.uid() else { continue };
            if let Some(first) = seen.insert(uid, *number) {
                let sentence = format!("it has the uid of turn {first}");
                self.find(Code::UidDuplicate, *number, sentence);
            }
        }
    }

    fn parents(&mut self) {
        for (number, record) in &self.survey.records {
            for parent in record.parents() {
                if parent.turn_id >= *number {
                    let sentence =
                        format!("it names turn {} as parent, which is not earlier", parent.turn_id);
                    self.find(Code::ParentLater, *number, sentence);
                    continue;
                }
                match self.survey.records.get(&parent.turn_id) {
                    None if self.absent.is_parent(parent) => {}
                    None => {
                        let sentence = format!("turn {number} names this record as parent, and it is gone");
                        self.find(Code::ParentMissing, parent.turn_id, sentence);
                    }
                    Some(found) => self.parent(*number, parent, found),
                }
            }
        }
    }

    fn parent(&mut self, number: TurnId, link: &ParentLink, found: &Surveyed) {
        // A record without a manifest is told of already.
        let Some(sha256) = &found.sha256 else { return };
        if *sha256 != link.manifest_sha256 {
            let sentence = format!(
                "its manifest has the hash {sha256} and had {} when turn {number} named it as parent",
                link.manifest_sha256
            );
            self.find(Code::ParentChanged, link.turn_id, sentence);
        } else if found.uid().is_some_and(|uid| uid != link.uid) {
            let sentence = format!("turn {number} names another record of this number as parent");
            self.find(Code::ParentChanged, link.turn_id, sentence);
        }
    }

    fn files_gone(&mut self) {
        let mut purged: BTreeMap<(TurnId, &str), &PurgedFile> = BTreeMap::new();
        for (number, record) in &self.survey.records {
            for file in record.ledger().iter().flat_map(|part| &part.purged) {
                purged.insert((file.turn_id, &file.path), file);
                self.purged(*number, file);
            }
        }
        let mut left_out = Vec::new();
        for (number, record) in &self.survey.records {
            for file in &record.missing {
                if purged.contains_key(&(*number, file.path.as_str())) {
                    continue;
                }
                if self.is_left_out(*number, &file.path) {
                    left_out.push(*number);
                } else {
                    let sentence = "it is gone, and no later record says that it was removed";
                    self.find_file(Code::ArtifactMissing, *number, &file.path, sentence.to_owned());
                }
            }
        }
        left_out.dedup();
        let path = self.reader.shown(&self.reader.places().turns());
        for run in runs(&left_out) {
            let sentence = format!("{run}: files are left out of this sparse checkout");
            self.findings.push(Finding::new(Code::NotCheckedOut, path.clone(), sentence));
        }
    }

    /// Whether a sparse checkout leaves a file out.
    fn is_left_out(&self, number: TurnId, file: &str) -> bool {
        let path = file.parse::<RepoPath>().ok().map(|file| record_file_path(number, &file));
        self.committed.zip(path).is_some_and(|(committed, path)| committed.is_left_out(&path))
    }

    fn purged(&mut self, by: TurnId, file: &PurgedFile) {
        let Some(record) = self.survey.records.get(&file.turn_id) else { return };
        let Some(part) = record.ledger() else { return };
        let listed = part.artifacts.iter().find(|artifact| artifact.path == file.path);
        if listed.is_none_or(|listed| listed.sha256 != file.sha256) {
            let sentence = format!(
                "turn {by} says that it removed this file, which the record had not, or with another hash"
            );
            self.find_file(Code::PurgeMismatch, file.turn_id, &file.path, sentence);
        } else if record.present.contains(&file.path) {
            let sentence = format!("turn {by} removed it, and it is there");
            self.find_file(Code::PurgedFilePresent, file.turn_id, &file.path, sentence);
        }
    }

    fn find(&mut self, code: Code, number: TurnId, sentence: String) {
        self.find_file(code, number, "manifest.json", sentence);
    }

    fn find_file(&mut self, code: Code, number: TurnId, file: &str, sentence: String) {
        let path = self.reader.shown(&self.reader.places().turn(number).join(file));
        self.findings.push(Finding::new(code, path, sentence).of(number));
    }
}
