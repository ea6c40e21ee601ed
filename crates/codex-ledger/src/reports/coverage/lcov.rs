//! [`read`]: lcov's tracefiles.

use std::collections::{BTreeMap, HashMap};

use super::{Coverage, CoverageKind};
use crate::reports::report_error::ReportError;

/// Counts each line of each file once, however many tests have a record of it.
pub(super) fn read(bytes: &[u8]) -> Result<Coverage, ReportError> {
    let text = String::from_utf8_lossy(bytes);
    let mut files: BTreeMap<&str, File> = BTreeMap::new();
    let mut open: Option<&str> = None;
    let mut last_line = 0;
    for (number, line) in (1..).zip(text.lines()) {
        last_line = number;
        let line = line.trim();
        if line == "end_of_record" {
            open = None;
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        if key == "SF" {
            files.entry(value).or_default();
            open = Some(value);
            continue;
        }
        let Some(file) = open.and_then(|name| files.get_mut(name)) else { continue };
        match key {
            "DA" => {
                let mut parts = value.split(',');
                let (line, hits) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let line = count("DA", line)?;
                let is_hit = count("DA", hits.trim_start_matches('-'))? > 0 && !hits.starts_with('-');
                *file.lines.entry(line).or_default() |= is_hit;
            }
            "LF" => file.found = file.found.max(count("LF", value)?),
            "LH" => file.hit = file.hit.max(count("LH", value)?),
            _ => {}
        }
    }
    if let Some(name) = open {
        return Err(ReportError::Truncated { line: last_line, element: name.to_owned() });
    }
    if files.is_empty() {
        let found = "it has no SF record".to_owned();
        return Err(ReportError::Format { expected: "a coverage report", found });
    }
    let (hit, found) =
        files.values().map(File::totals).fold((0, 0), |sum, add| (sum.0 + add.0, sum.1 + add.1));
    Coverage::counted(CoverageKind::LcovLines, hit, found)
}

#[derive(Default)]
struct File {
    lines: HashMap<u64, bool>,
    found: u64,
    hit: u64,
}

impl File {
    /// How many lines are covered, and how many there are; the totals that are stated only where nothing else
    /// is.
    fn totals(&self) -> (u64, u64) {
        if self.lines.is_empty() {
            return (self.hit, self.found);
        }
        (self.lines.values().filter(|is_hit| **is_hit).count() as u64, self.lines.len() as u64)
    }
}

fn count(name: &str, value: &str) -> Result<u64, ReportError> {
    value.trim().parse().map_err(|_| ReportError::Number { name: name.to_owned(), value: value.to_owned() })
}
