//! The reports that a check has left.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use codex_ledger::{CheckStatus, ReportFile, tests_report};
use jiff::Timestamp;

use crate::ledger_setup::found;

/// How many reports are read.
const FILES: usize = 2_000;
/// How much of them.
const BYTES: u64 = 256 << 20;
/// The system stamps files by a clock that lags behind by as much.
const LAG: Duration = Duration::from_millis(20);

/// The reports that were written at this time or later.
pub(super) fn since(root: &Path, patterns: &[String], time: SystemTime) -> Vec<ReportFile> {
    let oldest = time.checked_sub(LAG).unwrap_or(time);
    let mut left = BYTES;
    let mut reports: Vec<ReportFile> = Vec::new();
    for path in patterns.iter().flat_map(|pattern| found(root, pattern)).take(FILES) {
        let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        if reports.iter().any(|report| report.name == name) {
            continue;
        }
        match read(&path, oldest, left) {
            Ok(Some((bytes, modified))) => {
                left -= bytes.len() as u64;
                reports.push(ReportFile::new(name, bytes, modified));
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(path = name, %error, "a report cannot be read"),
        }
    }
    reports
}

/// A file with the time of its last change, if it is one and new enough.
fn read(path: &Path, oldest: SystemTime, limit: u64) -> io::Result<Option<(Vec<u8>, Timestamp)>> {
    // Opening a named pipe would wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(path)?;
    let found = file.metadata()?;
    let modified = found.modified()?;
    if modified < oldest {
        return Ok(None);
    }
    if found.len() > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    let modified = Timestamp::try_from(modified).map_err(io::Error::other)?;
    Ok(Some((bytes, modified)))
}

/// What tests came to that ended so and left these reports.
pub(super) fn judged(status: CheckStatus, files: &[ReportFile]) -> CheckStatus {
    if status != CheckStatus::Passed || files.is_empty() {
        return status;
    }
    let bytes: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
    match tests_report(&bytes) {
        Ok(report) if report.counts.not_passed() == 0 => CheckStatus::Passed,
        Ok(_) => CheckStatus::Failed,
        Err(_) => CheckStatus::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: &str = r#"<testsuite><testcase name="a"/></testsuite>"#;
    const RED: &str = r#"<testsuite><testcase name="a"><failure/></testcase></testsuite>"#;

    #[test]
    fn only_what_was_written_since_counts() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("out")).unwrap();
        for name in ["out/old.xml", "out/new.xml", "out/other.txt"] {
            fs::write(root.path().join(name), GREEN).unwrap();
        }
        let old = File::options().write(true).open(root.path().join("out/old.xml")).unwrap();
        let now = SystemTime::now();
        old.set_modified(now - Duration::from_secs(5)).unwrap();
        let patterns = ["out/*.xml".to_owned(), "out/new.xml".to_owned()];
        let names = |time| {
            since(root.path(), &patterns, time).into_iter().map(|report| report.name).collect::<Vec<_>>()
        };
        assert_eq!(names(now - Duration::from_secs(1)), ["out/new.xml"], "once, though two patterns name it");
        assert_eq!(names(now - Duration::from_secs(9)), ["out/new.xml", "out/old.xml"]);
        assert!(names(now + Duration::from_secs(9)).is_empty());
    }

    #[test]
    fn a_folder_of_a_strange_name_is_no_pattern() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("a[b]*");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("x.xml"), GREEN).unwrap();
        assert_eq!(since(&root, &["x.xml".to_owned()], SystemTime::UNIX_EPOCH).len(), 1);
    }

    #[test]
    fn reports_decide_over_the_exit_code_where_they_are_worse() {
        let file = |text: &str| vec![ReportFile::new("x.xml", text, Timestamp::UNIX_EPOCH)];
        assert_eq!(judged(CheckStatus::Passed, &file(GREEN)), CheckStatus::Passed);
        assert_eq!(judged(CheckStatus::Passed, &file(RED)), CheckStatus::Failed);
        assert_eq!(judged(CheckStatus::Passed, &file("<html>")), CheckStatus::Error);
        assert_eq!(judged(CheckStatus::Failed, &file(GREEN)), CheckStatus::Failed);
        assert_eq!(judged(CheckStatus::Passed, &[]), CheckStatus::Passed);
    }
}
