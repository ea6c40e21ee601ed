//! Keeps a record of every Codex turn in the git repository that it changed, so that what an agent did can be trusted
//! later: observed, never believed.

mod claim;
mod clock;
mod coverage;
mod disk;
mod git_cli;
mod hash;
mod identities;
mod junit;
mod ledger_error;
mod limits;
mod locks;
mod manifest;
mod oid;
mod private_dirs;
mod redaction;
mod repo_path;
mod report_error;
mod report_xml;
mod schema;
mod tests_report;
mod turn_id;
mod vcs;
mod waiter;

pub use turn_id::{InvalidTurnId, TurnId};

pub use manifest::{
    Actor, AgentEntry, ArtifactFile, ArtifactPaths, ChangeLists, CheckStatus, ClaimEntry, ClaimScope,
    CoverageEntry, ExitEntry, Extra, FORMAT, GitState, LedgerPart, Manifest, ManifestError, ManifestFile,
    Metrics, OutputFile, ParentLink, Provenance, PurgedFile, RecordState, RedactionCount, RuleResult,
    RuleStatus, TaskEntry, TaskPart, TokenCounts, TokenSource, Trees, TruncatedFile, TurnEntry, TurnTokens,
    Validation, Violation,
};
pub use schema::{manifest_schema, manifest_schema_text};

pub use ledger_error::LedgerError;

pub use claim::{
    CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, Claim, ClaimBlob, ClaimError, ClaimMode, ClaimOptions, Claims,
    HeadCache, SEAL_PREFIX, TAG_PREFIX, VisibleIds,
};
pub use clock::{Clock, FixedClock, SystemClock, utc_millis, utc_seconds};
pub use disk::{Disk, DiskFile, DiskRoot, RealDisk};
pub use git_cli::{GitCli, GitCliBuilder, GitLimits};
pub use identities::{FixedIdentities, Identities, SystemIdentities};
pub use locks::LockFile;
pub use private_dirs::PrivateDirs;
pub use vcs::{
    Change, ChangeKind, Changes, Commit, CommitInfo, Created, EntryKind, Exclude, GitObject, Identity,
    ObjectKind, Patch, PushOutcome, RefEntry, Signing, Snapshot, Swapped, Tag, TagInfo, TreeEntry, Vcs,
    VcsError,
};
pub use waiter::{SkippingWaiter, SystemWaiter, Waiter};

pub use hash::{Hasher, sha256_hex};
pub use oid::{InvalidOid, Oid, TreeId};
pub use repo_path::{InvalidRepoPath, RepoPath};

#[cfg(feature = "mock")]
pub use {
    clock::MockClock,
    disk::{MockDisk, MockDiskFile},
    identities::MockIdentities,
    vcs::MockVcs,
    waiter::MockWaiter,
};

pub use coverage::{Coverage, CoverageFormat, CoverageKind, coverage_delta, parse_coverage};
pub use junit::{TestCounts, parse_junit};
pub use report_error::ReportError;
pub use tests_report::{TestsReport, tests_report};

pub use limits::{Cut, Limited, head_and_tail};
pub use redaction::{Redacted, RedactionError, RedactionRules, Redactor, is_secret_name, parse_dotenv};
