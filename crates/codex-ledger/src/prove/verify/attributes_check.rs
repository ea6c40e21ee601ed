//! Whether the file is intact that keeps git from changing the bytes of records.

use std::io;

use super::committed::Committed;
use super::survey::Survey;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::Reader;
use crate::system::plain_file::read_plain;
use crate::values::places::repo_path;
use crate::values::{ATTRIBUTES, LEDGER_ROOT};

pub(super) fn check(
    reader: &Reader,
    survey: &Survey,
    committed: Option<&Committed<'_>>,
    findings: &mut Vec<Finding>,
) {
    let path = reader.places().attributes();
    let (code, sentence) = match read_plain(&path) {
        Ok(bytes) if bytes == ATTRIBUTES.as_bytes() => return,
        Ok(_) => (
            Code::AttributesChanged,
            "it does not say what the ledger wrote, so git may change bytes of records",
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if survey.records.values().all(|record| record.ledger().is_none()) {
                return;
            }
            let path = repo_path(&format!("{LEDGER_ROOT}/.gitattributes"));
            if committed.is_some_and(|committed| committed.is_left_out(&path)) {
                return;
            }
            (Code::AttributesMissing, "it is gone, so git may change bytes of records")
        }
        Err(_) => (Code::AttributesChanged, "it is no file that can be read"),
    };
    findings.push(Finding::new(code, reader.shown(&path), sentence));
}
