//! One error of each kind that the layers below can end with.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{TransportError, samples as exec};
use codex_ledger::{ClaimError, LedgerError, Manifest, VcsError};

use crate::failure::Failure;

type Sample = (&'static str, Failure);

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

fn path() -> PathBuf {
    PathBuf::from("/my/project/file")
}

/// Whatever can keep a turn from starting, or break its transport.
pub(super) fn of_transport() -> Vec<Sample> {
    let start = |(name, error)| (name, Failure::Start(Arc::new(error)));
    let refused = |(name, error)| start((name, TransportError::Invocation(error)));
    let of_program = exec::program_errors().into_iter().map(|(name, error)| (name, Failure::Program(error)));
    let of_transport = exec::transport_errors().into_iter().map(start);
    of_transport.chain(of_program).chain(exec::invocation_errors().into_iter().map(refused)).collect()
}

/// Whatever can keep the ledger from doing what it must.
pub(super) fn of_ledger() -> Vec<Sample> {
    let of_ledger = |name, error| (name, Failure::Ledger(error));
    let claim = |name, error| of_ledger(name, LedgerError::Claim(error));
    let git = || VcsError::Failed { step: "list refs", code: Some(128), stderr: "fatal: no".to_owned() };
    let (remote, ref_name) = (|| "origin".to_owned(), || "refs/turns/7".to_owned());
    let reason = || "File exists".to_owned();
    vec![
        of_ledger("LedgerError::Git", LedgerError::Git { step: "open the ledger", source: git() }),
        of_ledger(
            "LedgerError::Disk",
            LedgerError::Disk { step: "write a file", path: path(), source: denied() },
        ),
        of_ledger("LedgerError::Claim", LedgerError::Claim(ClaimError::Exhausted)),
        of_ledger(
            "LedgerError::Manifest",
            LedgerError::Manifest { path: path(), source: Manifest::read(b"{").unwrap_err() },
        ),
        of_ledger(
            "LedgerError::Integrity",
            LedgerError::Integrity { path: path(), finding: "it is no folder".to_owned() },
        ),
        of_ledger(
            "LedgerError::ReadOnly",
            LedgerError::ReadOnly { root: path(), format: "turns-ledger/2".to_owned() },
        ),
        of_ledger("LedgerError::Gone", LedgerError::Gone { root: path() }),
        of_ledger("LedgerError::Replaced", LedgerError::Replaced { path: path(), by: "a symbolic link" }),
        of_ledger("LedgerError::NotInitialised", LedgerError::NotInitialised { root: path() }),
        of_ledger("LedgerError::Busy", LedgerError::Busy { lock: path(), age: None }),
        of_ledger(
            "LedgerError::Refused",
            LedgerError::Refused {
                step: "commit what the turn will change",
                reason: "the worktree has other changes".to_owned(),
            },
        ),
        claim("ClaimError::Git", ClaimError::Git { step: "list the refs", source: git() }),
        claim("ClaimError::Disk", ClaimError::Disk { path: path(), source: denied() }),
        claim(
            "ClaimError::GaveUp",
            ClaimError::GaveUp {
                ref_name: ref_name(),
                waited: Duration::from_mins(1),
                reason: reason(),
                lock_age: None,
            },
        ),
        claim(
            "ClaimError::Denied",
            ClaimError::Denied { remote: remote(), ref_name: ref_name(), reason: reason() },
        ),
        claim(
            "ClaimError::Unreachable",
            ClaimError::Unreachable { remote: remote(), ref_name: ref_name(), reason: reason() },
        ),
        claim("ClaimError::Exhausted", ClaimError::Exhausted),
    ]
}
