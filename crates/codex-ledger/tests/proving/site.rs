//! [`Site`]: a worktree with three records in which somebody does something.

use std::fs;
use std::path::{Path, PathBuf};

use codex_ledger::prove::{Severity, verify_files};
use codex_ledger::values::sha256_hex;
use codex_ledger::{GitMode, Manifest, Reader, VerifyLevel};

use crate::project::{Project, clone, verify_at};
use crate::scratch::LEDGER;

/// Where somebody looks who has nothing to do with the attack, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The files alone, without git.
    FilesOnly,
    /// `verify` in the repository.
    Files,
    /// `verify --git` in the repository.
    Git,
    /// `verify --git` in a clone that is made afterwards.
    Cloned,
}

/// A worktree with three records in which somebody does something.
pub(crate) struct Site {
    pub(crate) project: Project,
}

impl Site {
    pub(crate) fn new(mode: GitMode) -> Self {
        let project = Project::with_three(mode);
        if mode == GitMode::Record {
            project.scratch.commit_all("the work and its records");
        }
        Self { project }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.project.scratch.root
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.project.scratch.line(args)
    }

    pub(crate) fn record(&self, number: u64) -> PathBuf {
        self.turns().join(number.to_string())
    }

    pub(crate) fn file(&self, number: u64, name: &str) -> PathBuf {
        self.project.record_path(number, name)
    }

    pub(crate) fn turns(&self) -> PathBuf {
        self.root().join(LEDGER).join("turns")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root().join(LEDGER).join("turns_index.csv")
    }

    pub(crate) fn commit(&self) {
        self.project.scratch.commit_all("tidy up");
    }

    /// Writes a manifest as the ledger would.
    pub(crate) fn edit(&self, number: u64, edit: impl FnOnce(&mut Manifest)) {
        let path = self.file(number, "manifest.json");
        let mut manifest = Manifest::read(&fs::read(&path).unwrap()).unwrap().manifest;
        edit(&mut manifest);
        fs::write(path, manifest.to_bytes()).unwrap();
    }

    /// Replaces a text in a manifest, whatever comes of it.
    pub(crate) fn replace(&self, number: u64, from: &str, to: &str) {
        let path = self.file(number, "manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Takes rows out of the index.
    pub(crate) fn drop_rows(&self, numbers: &[u64]) {
        let text = fs::read_to_string(self.index()).unwrap();
        let is_kept = |line: &&str| !numbers.iter().any(|number| line.starts_with(&format!("{number},")));
        let kept: Vec<&str> = text.lines().filter(is_kept).collect();
        fs::write(self.index(), kept.join("\n") + "\n").unwrap();
    }

    /// Changes a log, the manifest and everything that later records say of it, as somebody would who has the program.
    pub(crate) fn rechain(&self, number: u64) {
        let log = b"nothing happened\n";
        fs::write(self.file(number, "logs/task.log"), log).unwrap();
        self.edit(number, |manifest| {
            let artifacts = &mut manifest.ledger.as_mut().unwrap().artifacts;
            let artifact = artifacts.iter_mut().find(|artifact| artifact.path == "logs/task.log").unwrap();
            (artifact.sha256, artifact.bytes) = (sha256_hex(log), log.len() as u64);
        });
        for later in number + 1..=3 {
            let hash = |number: u64| sha256_hex(&fs::read(self.file(number, "manifest.json")).unwrap());
            let before = hash(later - 1);
            self.edit(later, |manifest| {
                for parent in &mut manifest.ledger.as_mut().unwrap().parents {
                    parent.manifest_sha256.clone_from(&before);
                }
            });
        }
    }

    /// Takes everything out of the git directory that says what the records were.
    pub(crate) fn forget_refs(&self) {
        for prefix in ["refs/turns", "refs/turns-seal", "refs/tags/turn"] {
            for name in self.git(&["for-each-ref", "--format=%(refname)", prefix]).lines() {
                self.git(&["update-ref", "-d", name]);
            }
        }
        let _ = fs::remove_dir_all(self.root().join(".git/turns"));
    }

    /// The codes of all errors, as somebody sees them who looks in this way.
    pub(crate) fn errors(&self, view: View) -> Vec<&'static str> {
        let found = match view {
            View::FilesOnly => verify_files(&Reader::at(self.root())).unwrap(),
            View::Files => verify_at(self.root(), &VerifyLevel::Files),
            View::Git => verify_at(self.root(), &VerifyLevel::Git),
            View::Cloned => {
                let there = clone(&self.project, "looking", &[]);
                let found = verify_at(&there, &VerifyLevel::Git);
                fs::remove_dir_all(there).unwrap();
                found
            }
        };
        let errors = found.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.code.as_str()).collect()
    }
}

pub(crate) fn delete(site: &Site, number: u64) {
    fs::remove_dir_all(site.record(number)).unwrap();
}

pub(crate) fn turn(site: &Site, number: u64) {
    site.project.turn(GitMode::Record, &format!("src/file{number}.rs"), "fn more() {}\n");
}
