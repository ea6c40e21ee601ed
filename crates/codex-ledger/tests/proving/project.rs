//! [`Project`]: a repository with a ledger, in which turns happen.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codex_ledger::prove::{FindingCode, Severity};
use codex_ledger::{
    FileLedger, GitMode, LedgerOptions, Reader, RecordEnd, Recorded, RedactionRules, TaskHeader, TurnBegin,
    TurnEnd, TurnHeader, TurnId, Verification, VerifyLevel, verify,
};
use codex_protocol::{TransportEnd, TurnSummary, Verdict};

use crate::scratch::{LEDGER, Scratch, run};

/// A repository with a ledger, in which turns happen.
pub(crate) struct Project {
    pub(crate) scratch: Scratch,
}

impl Project {
    /// One with a commit and an empty ledger.
    pub(crate) fn new() -> Self {
        let scratch = Scratch::new();
        scratch.git(&["config", "user.name", "A"]);
        scratch.git(&["config", "user.email", "a@example.com"]);
        let project = Self { scratch };
        project.ledger().init().unwrap();
        project
    }

    /// One with three records, of which each changes a file. They are recorded once for each mode, and copied.
    pub(crate) fn with_three(mode: GitMode) -> Self {
        static MADE: [OnceLock<Project>; 3] = [const { OnceLock::new() }; 3];
        let template = MADE[mode as usize].get_or_init(|| {
            let project = Self::new();
            for number in 1..=3 {
                project.turn(mode, &format!("src/file{number}.rs"), &format!("fn f{number}() {{}}\n"));
            }
            project
        });
        let copied = Scratch::unborn();
        fs::remove_dir_all(&copied.root).unwrap();
        copy(&template.scratch.root, &copied.root);
        // Git compares times of files with those in its index.
        copied.git(&["update-index", "-q", "--refresh"]);
        Self { scratch: copied }
    }

    pub(crate) fn ledger(&self) -> FileLedger {
        ledger_at(&self.scratch.root, LedgerOptions::default())
    }

    /// A turn that writes one file.
    pub(crate) fn turn(&self, mode: GitMode, path: &str, content: &str) -> Recorded {
        turn_in(&self.ledger(), mode, || self.scratch.write(path, content))
    }

    pub(crate) fn record_path(&self, number: u64, file: &str) -> PathBuf {
        self.scratch.root.join(format!("{LEDGER}/turns/{number}/{file}"))
    }

    pub(crate) fn verify(&self) -> Verification {
        verify_at(&self.scratch.root, &VerifyLevel::Git)
    }

    /// The errors of both levels, each with the number of its record.
    pub(crate) fn errors(&self, level: &VerifyLevel) -> Vec<(FindingCode, Option<u64>)> {
        errors(&verify_at(&self.scratch.root, level))
    }
}

pub(crate) fn errors(found: &Verification) -> Vec<(FindingCode, Option<u64>)> {
    let of = |finding: &codex_ledger::Finding| (finding.code, finding.turn_id.map(TurnId::get));
    found.findings.iter().filter(|finding| finding.severity == Severity::Error).map(of).collect()
}

pub(crate) fn codes(found: &Verification) -> Vec<&'static str> {
    found.findings.iter().map(|finding| finding.code.as_str()).collect()
}

pub(crate) fn ledger_at(root: &Path, options: LedgerOptions) -> FileLedger {
    FileLedger::builder(root, RedactionRules::none())
        .vcs(Arc::new(Scratch::cli_at(root)))
        .options(options)
        .open()
        .unwrap()
}

pub(crate) fn verify_at(root: &Path, level: &VerifyLevel) -> Verification {
    verify(&Reader::at(root), &Scratch::cli_at(root), level).unwrap()
}

/// A turn in which something happens.
pub(crate) fn turn_in(ledger: &FileLedger, mode: GitMode, happens: impl FnOnce()) -> Recorded {
    let header = TurnHeader::new(TaskHeader::named("a task"), "codex@1.0.0", "tests@1.0.0").git_mode(mode);
    let mut log = ledger.open_turn(header).unwrap();
    log.begin_turn(TurnBegin::new("Do it.\n"));
    happens();
    log.end_turn(
        TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_secs(2))
            .final_response("Done."),
        &TurnSummary::new(),
    );
    log.finish(RecordEnd::new()).unwrap()
}

/// A clone beside the repository.
pub(crate) fn clone(project: &Project, name: &str, options: &[&str]) -> PathBuf {
    let to = project.scratch.beside(name);
    let from = format!("file://{}", project.scratch.root.display());
    run(&project.scratch.root, &[&["clone", "-q"], options, &[&from, to.to_str().unwrap()]].concat(), &[]);
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
