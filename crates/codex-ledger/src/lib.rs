//! Keeps a record of every Codex turn in the git repository that it changed, so that what an agent did can be trusted
//! later: observed, never believed.
//!
//! What most programs need is on this page. Everything else is in the modules below, and the page of each says where
//! to begin.
//!
//! | to | begin with | modules |
//! | --- | --- | --- |
//! | record turns | [`FileLedger`], [`RedactionRules`], [`TurnLog`] | [`record`], [`redaction`], [`claims`] |
//! | read records | [`Reader`], [`Manifest`] | [`read`], [`manifest`] |
//! | prove records | [`verify()`] | [`prove`] |
//! | remove, copy and import records | [`FileLedger::purge`] | [`upkeep`] |
//! | ask git | [`GitCli`], [`Vcs`] | [`git`] |
//! | write and read what is in a record | [`texts::changelog()`], [`reports::tests_report`] | [`texts`], [`reports`] |
//! | replace the disk, the clock or the waiting | [`system::Disk`] | [`system`] |
//! | name what is in git and in the ledger | [`TurnId`], [`values::Oid`] | [`values`] |
//!
//! `cargo run -p codex-ledger --example record` records a turn, reads the record and proves it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cause;
pub mod claims;
#[cfg(test)]
mod error_texts;
pub mod git;
mod ledger_error;
pub mod manifest;
pub mod prove;
pub mod read;
pub mod record;
pub mod redaction;
pub mod reports;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
pub mod system;
pub mod texts;
pub mod upkeep;
pub mod values;

// Inlined, so that each has its first sentence on this page.
#[doc(inline)]
pub use self::{
    git::{GitCli, Vcs},
    manifest::{CheckStatus, Manifest},
    prove::{Finding, Verification, VerifyLevel, verify},
    read::{Reader, Record},
    record::{
        CheckResult, FileLedger, GitMode, LedgerOptions, RecordEnd, Recorded, ReportFile, TaskHeader,
        TurnBegin, TurnEnd, TurnHeader, TurnLog,
    },
    redaction::{RedactionRules, Redactor},
    values::TurnId,
};
pub use cause::Cause;
pub use ledger_error::LedgerError;

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
