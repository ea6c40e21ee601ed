//! Keeps a record of every Codex turn in the git repository that it changed, so that what an agent did can be trusted
//! later: observed, never believed.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod abort;
mod adr;
mod cause;
mod changelog;
mod checks;
mod claim;
mod clock;
mod coverage;
mod disk;
#[cfg(test)]
mod error_texts;
mod export;
mod file_age;
mod file_ledger;
mod finding;
mod folded_turn;
mod footprint;
mod gc;
mod git_cli;
mod git_dir;
mod git_mode;
mod hash;
mod heads;
mod identities;
mod import;
mod journal;
mod junit;
mod kept;
mod ledger_error;
mod ledger_folder;
mod ledger_mark;
mod ledger_options;
mod limits;
mod locks;
mod manifest;
pub mod markdown;
mod oid;
mod parts;
mod places;
mod plain_file;
mod private_dirs;
mod project_files;
mod purge;
mod reader;
mod rebuild;
mod record;
mod record_end;
mod recover;
mod redaction;
mod repo_path;
mod report_error;
mod report_xml;
mod rollout_source;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod schema;
mod seal;
mod secret_files;
mod session_context;
mod stage;
mod staging;
mod task_log;
mod task_span;
mod tests_report;
mod tombstone;
mod touched;
mod turn_begin;
mod turn_header;
mod turn_id;
mod turn_log;
mod turn_sections;
mod turns_index;
mod vcs;
mod verify;
mod waiter;
mod watch;

pub use file_ledger::{FileLedger, FileLedgerBuilder, Resumed, ResumedTask, ResumedTurn, Waiting};
pub use git_mode::{GitMode, UnknownGitMode};
pub use ledger_folder::LedgerFolder;
pub use ledger_mark::was_recorded;
pub use ledger_options::{DirtyWorktree, EventsLog, LedgerOptions};
pub use places::{ATTRIBUTES, LEDGER_ROOT, Places};
pub use record_end::{CheckReport, RecordEnd, ReportFile, StateOverride};
pub use recover::Recovered;
pub use rollout_source::RolloutSource;
pub use stage::Stage;
pub use task_span::{TaskBegin, TaskEnd};
pub use turn_begin::{TurnBegin, TurnEnd, TurnPurpose};
pub use turn_header::{Pattern, TaskHeader, TurnHeader};
pub use turn_log::{Recorded, TurnLog};
pub use watch::Watch;

pub use export::{Exported, export};
pub use finding::{Finding, FindingCode, Severity};
pub use gc::Collected;
pub use import::{Imported, OldIndex, OldLedger, OldTurn};
pub use purge::{Holders, PurgeRequest, Purged};
pub use reader::{Foreign, Reader};
pub use rebuild::RebuiltIndex;
pub use record::Record;
pub use verify::{Verification, VerifyLevel, verify, verify_files};

pub use turn_id::{InvalidTurnId, TurnId};

pub use manifest::{
    Actor, AgentEntry, ArtifactFile, ArtifactPaths, ChangeLists, CheckStatus, ClaimEntry, ClaimScope,
    CoverageEntry, DecisionEntry, ExitEntry, Extra, FORMAT, GitState, LedgerPart, Manifest, ManifestError,
    ManifestFile, Metrics, OutputFile, ParentLink, Provenance, PurgedFile, RecordState, RedactionCount,
    RuleResult, RuleStatus, TaskEntry, TaskPart, TokenCounts, TokenSource, Trees, TruncatedFile, TurnEntry,
    TurnTokens, Validation, Violation,
};
pub use schema::{manifest_schema, manifest_schema_text};

pub use cause::Cause;
pub use ledger_error::LedgerError;

pub use abort::Abort;
pub use claim::{
    CLAIM_FALLBACK_PREFIX, CLAIM_PREFIX, Claim, ClaimBlob, ClaimError, ClaimMode, ClaimOptions, Claims,
    HeadCache, SEAL_PREFIX, TAG_PREFIX, VisibleIds,
};
pub use clock::{Clock, FixedClock, SystemClock, utc_millis, utc_seconds};
pub use disk::{Disk, DiskFile, DiskRoot, RealDisk};
pub use git_cli::{GitCli, GitCliBuilder, GitLimits, GitVersion};
pub use git_dir::{is_git_dir, share_repository};
pub use identities::{FixedIdentities, Identities, SystemIdentities};
pub use locks::LockFile;
pub use private_dirs::PrivateDirs;
pub use vcs::{
    BrokenRules, Change, ChangeKind, Changes, Commit, CommitInfo, Comparison, Created, EntryKind, Exclude,
    GitObject, Identity, LargeFile, ObjectKind, Patch, PushOutcome, ReadObjects, RefEntry, Refs, RuleFile,
    Rules, Signing, Snapshot, Standing, Swapped, Tag, TagInfo, TreeEntry, Vcs, VcsError, Worktree,
    WriteObjects,
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
    rollout_source::MockRolloutSource,
    turn_log::MockTurnLog,
    vcs::{MockReadObjects, MockRefs, MockVcs, MockWorktree, MockWriteObjects},
    waiter::MockWaiter,
};

pub use coverage::{Coverage, CoverageFormat, CoverageKind, coverage_delta, parse_coverage};
pub use junit::{TestCounts, parse_junit};
pub use report_error::ReportError;
pub use tests_report::{TestsReport, tests_report};

pub use limits::{Cut, Limited, head_and_tail};
pub use redaction::{Redacted, RedactionError, RedactionRules, Redactor, is_secret_name, parse_dotenv};
pub use secret_files::SecretFiles;

pub use adr::{Account, AdrStatus, AdrText, Decision, StatedRationale, adr};
pub use changelog::{Texts, changelog};
pub use project_files::{FileContent, ProjectFile, ProjectFileLimits, project_files};

pub use session_context::{ContextScope, ContextValue, session_context_values};
pub use task_log::TaskLog;
pub use turn_sections::{TurnSection, turn_sections};
pub use turns_index::{
    INDEX_HEADER, IndexChange, IndexFinding, IndexRow, TurnsIndex, UnknownHeader, index_change, rebuild_index,
};

// What the signatures above name.
pub use codex_protocol::{
    EventLine, ProcessFate, RolloutSummary, StopCause, ThreadId, TransportEnd, TurnSummary, TurnUsage, Usage,
    Verdict,
};
pub use jiff::{SignedDuration, Timestamp};

/// Keeps the example of the document true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/ledger.md")]
struct LedgerDocument;

/// Compiles the example of the README of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
