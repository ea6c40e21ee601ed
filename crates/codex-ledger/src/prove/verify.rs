//! [`verify()`]: whether the records are what they were.

mod absent;
mod ask;
mod asked;
mod attributes_check;
mod base;
mod chain_check;
mod changelog_check;
mod committed;
mod gap_check;
mod git_check;
mod heads_check;
mod history_check;
mod index_check;
mod known_refs;
mod made_here;
mod manifest_check;
mod outside;
mod patch_check;
mod record_check;
mod record_findings;
mod redacted_patch;
mod remote_check;
mod replay;
mod repository;
mod rewritten;
mod runs;
mod seal_check;
mod sealed;
mod stray;
mod survey;
mod surveyed;
mod tag_check;
mod unfinished;
mod whereabouts;
mod worktree_head;

use codex_protocol::with_causes;
use serde::Serialize;

use self::base::Base;
use self::committed::Committed;
use self::gap_check::Witnesses;
use self::index_check::IndexWitnesses;
use self::known_refs::KnownRefs;
use self::made_here::MadeHere;
use self::remote_check::RemoteRefs;
use self::survey::Survey;
use crate::git::Vcs;
use crate::ledger_error::LedgerError;
use crate::prove::finding::{Finding, FindingCode, Severity};
use crate::read::Reader;
use crate::read::reader::Presence;

/// How much is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyLevel {
    /// The files of the ledger with each other, and which refs there are.
    Files,
    /// Also the refs, commits and trees of this repository.
    Git,
    /// Also the refs of the remote of this name.
    Remote(String),
}

/// What a verification found.
///
/// As JSON it is an object with `records`, `exitCode` and `findings`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// How many records were looked at.
    pub records: u64,
    /// What was found, sorted by record, path and code.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// The gravest severity; `None` if nothing was found.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether there is neither an error nor an unfinished turn; notes are fine.
    pub fn is_clean(&self) -> bool {
        self.exit_code() == 0
    }

    /// The exit code of a verification: 0 clean, 1 an error, 7 an unfinished turn and no error.
    pub fn exit_code(&self) -> u8 {
        match self.severity() {
            None | Some(Severity::Note) => 0,
            Some(Severity::Unfinished) => 7,
            Some(Severity::Error) => 1,
        }
    }
}

impl Serialize for Verification {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut object = serializer.serialize_struct("Verification", 3)?;
        object.serialize_field("records", &self.records)?;
        object.serialize_field("exitCode", &self.exit_code())?;
        object.serialize_field("findings", &self.findings)?;
        object.end()
    }
}

/// Looks whether the records are what they were, and fit what git says. Nothing of the ledger is changed.
///
/// Records of other worktrees, branches and clones are rightly absent here: that is a note. So is a branch that was
/// rebased, squashed, cherry-picked or amended.
///
/// | level | looks at |
/// | --- | --- |
/// | [`Files`](VerifyLevel::Files) | manifests, hashes of all files, parents, rows, change logs, missing numbers, unfinished turns |
/// | [`Git`](VerifyLevel::Git) | also claims, tags, seals, commits, trees, patches, outputs, and what commits did to records |
/// | [`Remote`](VerifyLevel::Remote) | also the claims, tags and seals of a remote |
///
/// Time and memory grow with the number of records; files are read by one thread per core.
///
/// # Errors
///
/// Git cannot be asked, or the remote does not answer. What is wrong with the ledger is a finding, not an error.
pub fn verify(reader: &Reader, vcs: &dyn Vcs, level: &VerifyLevel) -> Result<Verification, LedgerError> {
    run(reader, Some(vcs), level, None)
}

/// As [`verify()`], of what came since a revision: a branch, a tag or a commit, such as the base of a pull request. Without
/// one it is [`verify()`].
///
/// The records of the latest commit that both have (the merge base) are taken as they are there: their manifests must have
/// the same bytes, no commit since may have changed or removed a file of them, and records that came since must fit to
/// them. Only those that came since are read and compared with git; [`Verification::records`] counts them.
///
/// # Errors
///
/// The revision names no commit, or one with which HEAD has none in common; or as [`verify()`].
pub fn verify_since(
    reader: &Reader,
    vcs: &dyn Vcs,
    level: &VerifyLevel,
    revision: Option<&str>,
) -> Result<Verification, LedgerError> {
    let base = revision.map(|revision| Base::find(vcs, revision)).transpose()?;
    run(reader, Some(vcs), level, base.as_ref())
}

/// As [`verify()`] of the files, where there is no git: unfinished turns are not seen, and every missing number is a gap.
///
/// ```
/// use codex_ledger::Reader;
/// use codex_ledger::prove::verify_files;
///
/// let project = tempfile::tempdir()?;
/// let found = verify_files(&Reader::at(project.path()))?;
/// assert!(found.is_clean());
/// assert_eq!(serde_json::to_string(&found)?, r#"{"records":0,"exitCode":0,"findings":[]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// None at present: what is wrong with the ledger is a finding.
pub fn verify_files(reader: &Reader) -> Result<Verification, LedgerError> {
    run(reader, None, &VerifyLevel::Files, None)
}

fn run(
    reader: &Reader,
    vcs: Option<&dyn Vcs>,
    level: &VerifyLevel,
    base: Option<&Base>,
) -> Result<Verification, LedgerError> {
    let mut findings = Vec::new();
    let records = if is_readable(reader, &mut findings) {
        let survey = Survey::take(reader, base, &mut findings);
        check(reader, vcs, level, &survey, base, &mut findings)?;
        survey.records.values().filter(|record| !record.is_of_base).count() as u64
    } else {
        0
    };
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.turn_id, finding.path.clone(), finding.code);
        key(one).cmp(&key(other))
    });
    findings.dedup();
    Ok(Verification { records, findings })
}

fn check(
    reader: &Reader,
    vcs: Option<&dyn Vcs>,
    level: &VerifyLevel,
    survey: &Survey,
    base: Option<&Base>,
    findings: &mut Vec<Finding>,
) -> Result<(), LedgerError> {
    let failed = || LedgerError::git("compare the records with git");
    let refs = vcs.map(|vcs| KnownRefs::read(vcs)).transpose()?.unwrap_or_default();
    let committed = vcs.map(Committed::read).transpose().map_err(failed())?;
    let committed = committed.as_ref();
    let made_here = vcs.map(|vcs| MadeHere::read(vcs)).unwrap_or_default();
    let unfinished = vcs.map(|vcs| unfinished::check(vcs, survey, &refs, findings)).unwrap_or_default();
    let remote = match (vcs, level) {
        (Some(vcs), VerifyLevel::Remote(remote)) => Some((remote, RemoteRefs::ask(vcs, remote)?)),
        _ => None,
    };
    let others = remote.iter().flat_map(|(_, there)| there.of_others(survey, &refs));
    let told = others.chain(unfinished.coming()).collect();
    let altered = match committed {
        Some(committed) if *level != VerifyLevel::Files => {
            let since = base.map(|base| &base.commit);
            Some(history_check::alterations(committed, since).map_err(failed())?)
        }
        _ => None,
    };
    let witnesses = Witnesses {
        reader,
        survey,
        refs: &refs,
        unfinished: &unfinished,
        committed,
        made_here: &made_here,
        altered: altered.as_deref(),
        base,
        told,
    };
    let absent = gap_check::check(&witnesses, findings)?;
    chain_check::check(reader, survey, &absent, committed, findings);
    let witnesses = IndexWitnesses { survey, unfinished: &unfinished, committed, absent: &absent };
    index_check::check(reader, &witnesses, findings);
    attributes_check::check(reader, survey, committed, findings);
    if let Some(base) = base {
        base.check(survey, findings);
    }
    if let Some(committed) = committed
        && *level != VerifyLevel::Files
    {
        heads_check::check(committed.vcs, survey, findings);
        let changed = git_check::check(committed, survey, &refs, &unfinished, &made_here, findings)?;
        let altered = altered.unwrap_or_default();
        history_check::check(reader, committed, survey, changed, altered, findings).map_err(failed())?;
        if let Some((remote, there)) = &remote {
            remote_check::check(remote, there, survey, &refs, findings);
        }
    }
    Ok(())
}

/// Whether the folders down to the records are what they must be; only then is anything below them read.
fn is_readable(reader: &Reader, findings: &mut Vec<Finding>) -> bool {
    match reader.guard() {
        Ok(Presence::Present | Presence::Absent) => true,
        Err(LedgerError::Integrity { path, finding }) => {
            let sentence = format!("nothing below was read: {finding}");
            findings.push(Finding::new(FindingCode::LedgerReplaced, reader.shown(&path), sentence));
            false
        }
        Err(error) => {
            let path = reader.shown(reader.places().root());
            findings.push(Finding::new(FindingCode::LedgerUnreadable, path, with_causes(&error)));
            false
        }
    }
}
