//! [`CheckReports`]: the reports that a check has left, told from those that lay there before.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use codex_ledger::manifest::Violation;
use codex_ledger::reports::tests_report;
use codex_ledger::{CheckStatus, ReportFile};
use jiff::Timestamp;

use crate::files_matching::{Matching, SearchLimits, files_matching, open_below};

/// How much of the reports is read.
const BYTES: u64 = 256 << 20;
/// How large a report is whose contents are compared, since the clock of its times may stand still between two writes.
const COMPARED_BYTES: u64 = 1 << 20;
/// How far the clocks of file systems may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(5);
/// How many files are named one by one.
const NAMED: usize = 3;

/// Says that a report has a time that is still to come.
const FROM_THE_FUTURE: &str = "report-from-the-future";
/// Says that what has the name of a report is a link, or a file that other folders have too.
const LINKED: &str = "report-linked";

/// What matched the patterns of reports before a command was started.
#[derive(Debug, Default)]
pub(super) struct ReportsBefore(BTreeMap<PathBuf, Stamp>);

/// What tells a file that was written from one that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    changed: (i64, i64),
    modified: (i64, i64),
    size: u64,
    /// Of a small one.
    contents: Option<Vec<u8>>,
}

/// The reports that a command has written.
#[derive(Debug, Default)]
pub(super) struct CheckReports {
    pub(super) files: Vec<ReportFile>,
    pub(super) violations: Vec<Violation>,
    /// What is good to know of what was not counted.
    pub(super) notes: Vec<String>,
}

impl ReportsBefore {
    /// Looks at what matches, before the command is started.
    pub(super) fn look(root: &Path, patterns: &[String], stop: &AtomicBool) -> Self {
        let found = files_matching(root, patterns, SearchLimits::default(), stop);
        let mut left = BYTES;
        let mut stamps = BTreeMap::new();
        for path in found.files {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if let Ok((file, metadata)) = open_below(root, &path) {
                let stamp = Stamp::of(&file, &metadata, &mut left);
                stamps.insert(path, stamp);
            }
        }
        Self(stamps)
    }
}

impl Stamp {
    fn of(file: &File, metadata: &Metadata, left: &mut u64) -> Self {
        let is_small = metadata.len() <= COMPARED_BYTES.min(*left);
        let contents = is_small.then(|| contents(file, metadata.len()).ok()).flatten();
        *left -= contents.as_ref().map_or(0, |contents| contents.len() as u64);
        Self {
            file: (metadata.dev(), metadata.ino()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            size: metadata.len(),
            contents,
        }
    }

    /// Whether this is the same file, which nobody has written since.
    fn is_untouched(&self, metadata: &Metadata, bytes: &[u8]) -> bool {
        let is_same = self.file == (metadata.dev(), metadata.ino())
            && self.changed == (metadata.ctime(), metadata.ctime_nsec())
            && self.modified == (metadata.mtime(), metadata.mtime_nsec())
            && self.size == metadata.len();
        is_same && self.contents.as_ref().is_none_or(|contents| contents == bytes)
    }
}

impl CheckReports {
    /// Reads what was written since `before`; `name` is that of the check.
    pub(super) fn since(
        before: &ReportsBefore,
        root: &Path,
        patterns: &[String],
        name: &str,
        stop: &AtomicBool,
    ) -> Self {
        let found = files_matching(root, patterns, SearchLimits::default(), stop);
        let mut reports = Self::default();
        reports.links(&found, name);
        let latest = SystemTime::now() + AHEAD;
        let (mut left, mut untouched) = (BYTES, Vec::new());
        for path in &found.files {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let Some(named) = path.to_str() else { continue };
            match read(root, path, left) {
                Ok((metadata, bytes)) => {
                    left -= bytes.len() as u64;
                    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    if modified > latest {
                        reports.refuse(
                            FROM_THE_FUTURE,
                            named,
                            "has a time that is still to come, and does not count",
                        );
                    } else if metadata.nlink() > 1 {
                        reports.refuse(LINKED, named, "has another name elsewhere, and does not count");
                    } else if before.0.get(path).is_some_and(|stamp| stamp.is_untouched(&metadata, &bytes)) {
                        untouched.push(named);
                    } else if let Ok(modified) = Timestamp::try_from(modified) {
                        reports.files.push(ReportFile::new(named, bytes, modified));
                    }
                }
                Err(error) => reports.notes.push(format!("{name}.report: {named} cannot be read: {error}")),
            }
        }
        if !untouched.is_empty() {
            let text =
                format!("{name}.report: the command has not written {}: not counted", list(&untouched));
            reports.notes.push(text);
        }
        if found.is_cut {
            let text = format!("{name}.report: not every file was looked at: name the folder in the pattern");
            reports.notes.push(text);
        }
        reports
    }

    fn links(&mut self, found: &Matching, name: &str) {
        for link in found.links.iter().take(NAMED) {
            let link = link.to_string_lossy();
            self.notes.push(format!("{name}.report: {link} is a link, and links are not followed"));
            self.violate(LINKED, &link, "is a link, and was not read");
        }
    }

    fn refuse(&mut self, kind: &str, path: &str, what: &str) {
        self.notes.push(format!("the report {path} {what}"));
        self.violate(kind, path, what);
    }

    fn violate(&mut self, kind: &str, path: &str, what: &str) {
        let mut violation = Violation::new(kind, format!("a report of the checks {what}"));
        violation.path = Some(path.to_owned());
        self.violations.push(violation);
    }
}

fn list(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A file with what is known of it.
fn read(root: &Path, path: &Path, limit: u64) -> io::Result<(Metadata, Vec<u8>)> {
    let (file, metadata) = open_below(root, path)?;
    if metadata.len() > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let bytes = contents(&file, limit)?;
    Ok((metadata, bytes))
}

fn contents(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
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
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    const GREEN: &str = r#"<testsuite><testcase name="a"/></testsuite>"#;
    const RED: &str = r#"<testsuite><testcase name="a"><failure/></testcase></testsuite>"#;

    struct Scene {
        root: tempfile::TempDir,
        before: ReportsBefore,
    }

    impl Scene {
        /// Notes what is there once `prepare` has run.
        fn after(prepare: impl FnOnce(&Path)) -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir(root.path().join("out")).unwrap();
            prepare(root.path());
            let before = ReportsBefore::look(root.path(), &Self::patterns(), &AtomicBool::new(false));
            Self { root, before }
        }

        fn patterns() -> [String; 2] {
            ["out/*.xml".to_owned(), "out/a.xml".to_owned()]
        }

        fn reports(&self) -> CheckReports {
            let stop = AtomicBool::new(false);
            CheckReports::since(&self.before, self.root.path(), &Self::patterns(), "tests", &stop)
        }
    }

    fn names(reports: &CheckReports) -> Vec<&str> {
        reports.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn kinds(reports: &CheckReports) -> Vec<(&str, &str)> {
        let kind = |violation: &'_ Violation| (violation.kind.clone(), violation.path.clone().unwrap());
        let kinds: Vec<_> = reports.violations.iter().map(kind).collect();
        assert_eq!(kinds.len(), reports.violations.len());
        reports.violations.iter().map(|one| (one.kind.as_str(), one.path.as_deref().unwrap())).collect()
    }

    #[test]
    fn what_lay_there_before_does_not_count() {
        let scene = Scene::after(|root| fs::write(root.join("out/a.xml"), GREEN).unwrap());
        let reports = scene.reports();
        assert_eq!(names(&reports), [""; 0]);
        assert_eq!(reports.notes, ["tests.report: the command has not written out/a.xml: not counted"]);
        fs::write(scene.root.path().join("out/b.xml"), GREEN).unwrap();
        fs::write(scene.root.path().join("out/a.xml"), RED).unwrap();
        assert_eq!(names(&scene.reports()), ["out/a.xml", "out/b.xml"], "once, though two patterns name one");
    }

    #[test]
    fn a_report_that_is_written_again_with_the_same_bytes_counts() {
        let scene = Scene::after(|root| fs::write(root.join("out/a.xml"), GREEN).unwrap());
        let path = scene.root.path().join("out/a.xml");
        fs::remove_file(&path).unwrap();
        // Another file keeps the number of the old one from being taken again.
        fs::write(scene.root.path().join("out/taken"), "").unwrap();
        fs::write(&path, GREEN).unwrap();
        assert_eq!(names(&scene.reports()), ["out/a.xml"]);
    }

    #[test]
    fn an_old_time_does_not_hide_what_was_written() {
        let scene = Scene::after(|root| fs::write(root.join("out/a.xml"), GREEN).unwrap());
        let path = scene.root.path().join("out/a.xml");
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, RED).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(names(&scene.reports()), ["out/a.xml"]);
    }

    #[test]
    fn a_report_from_the_future_is_a_violation() {
        let scene = Scene::after(|root| {
            fs::write(root.join("out/a.xml"), GREEN).unwrap();
            let file = File::options().write(true).open(root.join("out/a.xml")).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_hours(1)).unwrap();
        });
        let reports = scene.reports();
        assert_eq!((names(&reports), kinds(&reports)), (Vec::new(), vec![(FROM_THE_FUTURE, "out/a.xml")]));
    }

    #[test]
    fn links_and_files_with_another_name_are_violations() {
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("x"), GREEN).unwrap();
        let scene = Scene::after(|_| {});
        let out = scene.root.path().join("out");
        symlink(elsewhere.path().join("x"), out.join("a.xml")).unwrap();
        fs::write(out.join("real"), GREEN).unwrap();
        fs::hard_link(out.join("real"), out.join("b.xml")).unwrap();
        let reports = scene.reports();
        assert_eq!(names(&reports), [""; 0]);
        assert_eq!(kinds(&reports), [(LINKED, "out/a.xml"), (LINKED, "out/b.xml")]);
        assert_eq!(reports.notes.len(), 2, "{:?}", reports.notes);
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
