//! One error of each kind that the layers below can end with.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{Found, InvocationError, OutputTail, ProgramError, ThreadLockError, TransportError};
use codex_ledger::{ClaimError, LedgerError, Manifest, VcsError};
use codex_protocol::{ExitKind, Limit, ThreadId};

use crate::failure::Failure;

type Sample = (&'static str, Failure);

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

fn path() -> PathBuf {
    PathBuf::from("/my/project/file")
}

fn thread() -> ThreadId {
    ThreadId::parse("019b7c2a-1111-7000-8000-000000000001").unwrap()
}

/// Whatever can keep a turn from starting, or break its transport.
pub(super) fn of_transport() -> Vec<Sample> {
    let start = |name, error| (name, Failure::Start(Arc::new(error)));
    let start_failed = |reason: &str| TransportError::StartFailed {
        exit: ExitKind::Code(1),
        reasons: vec![reason.to_owned()],
        stderr_tail: OutputTail::new(""),
    };
    let mut samples = vec![
        start("TransportError::Invocation", TransportError::Invocation(InvocationError::BlankPrompt)),
        start(
            "TransportError::Program",
            TransportError::Program(ProgramError::NotExecutable { path: path() }),
        ),
        start("TransportError::NoRuntime", TransportError::NoRuntime),
        start(
            "TransportError::Prepare",
            TransportError::Prepare { step: "make", path: path(), source: denied() },
        ),
        start(
            "TransportError::ThreadBusy",
            TransportError::ThreadBusy { thread: thread(), holder: Some(4711) },
        ),
        start(
            "TransportError::ThreadLock",
            TransportError::ThreadLock(ThreadLockError::Io { path: path(), source: denied() }),
        ),
        start("TransportError::Spawn", TransportError::Spawn { program: path(), source: denied() }),
        start("TransportError::StartFailed", start_failed("no rollout found for thread id 019b7c2a")),
        start("TransportError::StartFailed", start_failed("Error loading config.toml: invalid type")),
        start("TransportError::StartFailed", start_failed("something else")),
        start(
            "TransportError::NotCodex",
            TransportError::NotCodex { program: path(), first_line: "hello".to_owned() },
        ),
        start(
            "TransportError::ThreadMismatch",
            TransportError::ThreadMismatch { asked: thread(), got: thread() },
        ),
        start("TransportError::Cancelled", TransportError::Cancelled),
        start(
            "TransportError::TimedOut",
            TransportError::TimedOut { limit: Limit::Total, after: Duration::from_mins(2) },
        ),
        start("TransportError::SupervisorGone", TransportError::SupervisorGone),
    ];
    samples.extend(of_program());
    samples.extend(of_invocation());
    samples
}

fn of_program() -> Vec<Sample> {
    let of_program = |name, error| (name, Failure::Program(error));
    vec![
        of_program("ProgramError::Missing", ProgramError::Missing { path: path(), found: Found::CodexPath }),
        of_program("ProgramError::NotExecutable", ProgramError::NotExecutable { path: path() }),
        of_program(
            "ProgramError::NotFound",
            ProgramError::NotFound { looked_at: vec![path()], skipped: Vec::new() },
        ),
        of_program(
            "ProgramError::LauncherAlone",
            ProgramError::LauncherAlone { launcher: path(), platform: "@openai/codex-linux-x64".to_owned() },
        ),
        of_program(
            "ProgramError::VersionUnknown",
            ProgramError::VersionUnknown { path: path(), source: denied() },
        ),
        of_program(
            "ProgramError::NotCodex",
            ProgramError::NotCodex { path: path(), printed: "hello".to_owned() },
        ),
    ]
}

fn of_invocation() -> Vec<Sample> {
    let refused = |name, error| (name, Failure::Start(Arc::new(TransportError::Invocation(error))));
    let name = || "a b".to_owned();
    vec![
        refused("InvocationError::BlankPrompt", InvocationError::BlankPrompt),
        refused("InvocationError::LongPrompt", InvocationError::LongPrompt { characters: 2_000_000 }),
        refused("InvocationError::ReviewWithPrompt", InvocationError::ReviewWithPrompt),
        refused("InvocationError::ThreadId", InvocationError::ThreadId { thread: name() }),
        refused("InvocationError::Missing", InvocationError::Missing { role: "image", path: path() }),
        refused(
            "InvocationError::NotDirectory",
            InvocationError::NotDirectory { role: "working directory", path: path() },
        ),
        refused("InvocationError::NotFile", InvocationError::NotFile { role: "image", path: path() }),
        refused(
            "InvocationError::Unreadable",
            InvocationError::Unreadable { role: "image", path: path(), source: denied() },
        ),
        refused("InvocationError::ImageComma", InvocationError::ImageComma { path: "/a,b.png".into() }),
        refused(
            "InvocationError::SchemaNotJson",
            InvocationError::SchemaNotJson {
                path: path(),
                source: serde_json::from_str::<u8>("{").unwrap_err(),
            },
        ),
        refused("InvocationError::NotGitRepository", InvocationError::NotGitRepository { path: path() }),
        refused(
            "InvocationError::NestedRepository",
            InvocationError::NestedRepository {
                path: path().join("lib"),
                top: path(),
                reason: "its configuration includes other files",
            },
        ),
        refused("InvocationError::Empty", InvocationError::Empty { option: "model" }),
        refused("InvocationError::NulByte", InvocationError::NulByte { option: "prompt" }),
        refused("InvocationError::ConfigKey", InvocationError::ConfigKey { key: name() }),
        refused("InvocationError::Name", InvocationError::Name { role: "profile", name: name() }),
        refused("InvocationError::McpServerTwice", InvocationError::McpServerTwice { name: name() }),
        refused("InvocationError::VariableName", InvocationError::VariableName { name: name() }),
        refused("InvocationError::SecretTwice", InvocationError::SecretTwice { name: name() }),
        refused("InvocationError::BaseUrl", InvocationError::BaseUrl { url: "localhost:4040".to_owned() }),
        refused("InvocationError::Originator", InvocationError::Originator { originator: "ä".to_owned() }),
    ]
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
