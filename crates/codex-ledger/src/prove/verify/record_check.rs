//! Whether one record is what its own manifest says.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use codex_protocol::with_causes;

use super::stray::is_stray;
use super::surveyed::{NewerRecord, Surveyed};
use super::{changelog_check, manifest_check};
use crate::manifest::{ArtifactFile, Manifest, ManifestError};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::reader::{FileKind, FoundFile, files_below};
use crate::read::{IndexRow, Reader};
use crate::system::plain_file::{open_plain, read_manifest, read_plain};
use crate::values::{Hasher, RepoPath, TurnId, sha256_hex};

const MANIFEST: &str = "manifest.json";

pub(super) fn check(reader: &Reader, number: TurnId) -> (Surveyed, Vec<Finding>) {
    let mut record =
        OneRecord { reader, number, folder: &reader.places().turn(number), findings: Vec::new() };
    let surveyed = record.check();
    (surveyed, record.findings)
}

/// A record that an earlier commit had: its manifest is read, so that others can be compared with it.
pub(super) fn of_base(reader: &Reader, number: TurnId) -> Surveyed {
    let mut surveyed =
        Surveyed { present: vec![MANIFEST.to_owned()], is_of_base: true, ..Surveyed::default() };
    let Ok(bytes) = read_manifest(&reader.places().manifest(number)) else { return surveyed };
    surveyed.sha256 = Some(sha256_hex(&bytes));
    match Manifest::read(&bytes) {
        Ok(file) => {
            surveyed.newer = file.newer_major.then(|| NewerRecord::read(&bytes));
            let mut manifest = file.manifest;
            slim(&mut manifest);
            surveyed.manifest = Some(manifest);
        }
        Err(ManifestError::NewerMajor { .. }) => surveyed.newer = Some(NewerRecord::read(&bytes)),
        Err(ManifestError::Json(_)) => {}
    }
    surveyed
}

struct OneRecord<'a> {
    reader: &'a Reader,
    number: TurnId,
    folder: &'a Path,
    findings: Vec<Finding>,
}

impl OneRecord<'_> {
    fn check(&mut self) -> Surveyed {
        let mut surveyed = Surveyed::default();
        let files = match files_below(self.folder) {
            Ok(files) => files,
            Err(error) => {
                self.find(Code::LedgerUnreadable, "", format!("the folder cannot be read: {error}"));
                return surveyed;
            }
        };
        surveyed.present = files.iter().map(|file| file.path.to_string()).collect();
        let Some(bytes) = self.manifest_bytes(&files) else { return surveyed };
        surveyed.sha256 = Some(sha256_hex(&bytes));
        let file = match Manifest::read(&bytes) {
            Ok(file) => file,
            Err(ManifestError::NewerMajor { format, .. }) => {
                surveyed.newer = Some(NewerRecord::read(&bytes));
                self.find(
                    Code::NewerFormat,
                    MANIFEST,
                    format!("it has the format {format}; its content was not checked"),
                );
                return surveyed;
            }
            Err(error @ ManifestError::Json(_)) => {
                self.find(Code::ManifestUnreadable, MANIFEST, with_causes(&error));
                return surveyed;
            }
        };
        let mut manifest = file.manifest;
        if manifest.turn_id != self.number {
            let sentence = format!(
                "the folder is that of turn {} and the manifest that of turn {}",
                self.number, manifest.turn_id
            );
            self.find(Code::NumberMismatch, MANIFEST, sentence);
        }
        if file.newer_major {
            surveyed.newer = Some(NewerRecord::read(&bytes));
            self.find(Code::NewerFormat, MANIFEST, "a later version wrote it; its content was not checked");
        } else if manifest.ledger.is_none() {
            self.find(
                Code::Unsealed,
                MANIFEST,
                "it has only the oldest keys, so there is nothing to check it against",
            );
        } else {
            for (code, sentence) in manifest_check::check(&manifest, &bytes) {
                self.find(code, MANIFEST, sentence);
            }
            surveyed.missing = self.artifacts(&manifest, &files);
            self.changelog(&manifest);
            self.marks(&manifest);
            surveyed.row = Some(IndexRow::of(&manifest));
        }
        slim(&mut manifest);
        surveyed.manifest = Some(manifest);
        surveyed
    }

    fn manifest_bytes(&mut self, files: &[FoundFile]) -> Option<Vec<u8>> {
        match files.iter().find(|file| file.path.as_bytes() == MANIFEST.as_bytes()) {
            None => {
                self.find(Code::ManifestMissing, MANIFEST, "the record has no manifest");
                None
            }
            Some(FoundFile { kind: FileKind::Other, .. }) => {
                self.find(Code::ArtifactReplaced, MANIFEST, "this is a symbolic link or no file");
                None
            }
            Some(_) => match read_manifest(&self.folder.join(MANIFEST)) {
                Ok(bytes) => Some(bytes),
                Err(error) => {
                    self.find(Code::LedgerUnreadable, MANIFEST, format!("it cannot be read: {error}"));
                    None
                }
            },
        }
    }

    /// Compares the files that are there with those that are listed, and gives those that are listed and gone.
    fn artifacts(&mut self, manifest: &Manifest, files: &[FoundFile]) -> Vec<ArtifactFile> {
        let mut listed: BTreeMap<RepoPath, &ArtifactFile> = BTreeMap::new();
        for artifact in manifest.ledger.iter().flat_map(|part| &part.artifacts) {
            if let Ok(path) = artifact.path.parse() {
                listed.insert(path, artifact);
            }
        }
        for file in files.iter().filter(|file| file.path.as_bytes() != MANIFEST.as_bytes()) {
            let name = file.path.to_string();
            if !listed.contains_key(&file.path) && is_stray(file.path.as_bytes()) {
                self.find(
                    Code::StrayFile,
                    &name,
                    "a desktop or an editor left it; it is no part of the record",
                );
                continue;
            }
            match (listed.remove(&file.path), file.kind) {
                (None, _) => self.find(Code::ArtifactUnlisted, &name, "the manifest does not list it"),
                (Some(_), FileKind::Other) => {
                    self.find(Code::ArtifactReplaced, &name, "this is a symbolic link or no file");
                }
                (Some(artifact), FileKind::File) => self.artifact(&file.path, artifact),
            }
        }
        listed.into_values().cloned().collect()
    }

    fn artifact(&mut self, path: &RepoPath, artifact: &ArtifactFile) {
        match hash_of(&self.folder.join(OsStr::from_bytes(path.as_bytes()))) {
            Ok((_, bytes)) if bytes != artifact.bytes => {
                let sentence =
                    format!("it has {bytes} bytes and had {} when it was recorded", artifact.bytes);
                self.find(Code::ArtifactChanged, &artifact.path, sentence);
            }
            Ok((sha256, _)) if sha256 != artifact.sha256 => {
                let sentence =
                    format!("its hash is {sha256} and was {} when it was recorded", artifact.sha256);
                self.find(Code::ArtifactChanged, &artifact.path, sentence);
            }
            Ok(_) => {}
            Err(error) => {
                self.find(Code::LedgerUnreadable, &artifact.path, format!("it cannot be read: {error}"));
            }
        }
    }

    fn changelog(&mut self, manifest: &Manifest) {
        let path = manifest.artifacts.changelog.clone();
        let Ok(relative) = path.parse::<RepoPath>() else { return };
        let Ok(bytes) = read_plain(&self.folder.join(OsStr::from_bytes(relative.as_bytes()))) else { return };
        if let Some(sentence) = changelog_check::check(manifest, &bytes) {
            self.find(Code::ChangelogDiffers, &path, sentence);
        }
    }

    fn marks(&mut self, manifest: &Manifest) {
        // An agent that moves the ledger away touches every file of it, and one note says so as well as a thousand.
        let mut alike: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for violation in manifest.ledger.iter().flat_map(|part| &part.violations) {
            let paths = alike.entry((&violation.kind, &violation.detail)).or_default();
            paths.extend(violation.path.as_deref());
        }
        for ((kind, detail), paths) in alike {
            let place = match paths.as_slice() {
                [] => String::new(),
                [path] => format!(" ({path})"),
                [path, others @ ..] => format!(" ({path} and {} more)", others.len()),
            };
            let sentence = format!("the record says of itself: {kind}{place}: {detail}");
            self.find(Code::MarkedTurn, MANIFEST, sentence);
        }
    }

    fn find(&mut self, code: Code, path: &str, sentence: impl Into<String>) {
        let place = if path.is_empty() { self.folder.to_owned() } else { self.folder.join(path) };
        self.findings.push(Finding::new(code, self.reader.shown(&place), sentence).of(self.number));
    }
}

fn hash_of(path: &Path) -> io::Result<(String, u64)> {
    let mut file = open_plain(path)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let bytes = hasher.bytes();
    Ok((hasher.finish(), bytes))
}

/// Drops what no later check looks at, so that thousands of records fit into memory.
fn slim(manifest: &mut Manifest) {
    manifest.outputs = Vec::new();
    manifest.tasks = Vec::new();
    if let Some(part) = &mut manifest.ledger {
        part.turns = Vec::new();
        part.violations = Vec::new();
    }
}
