//! Samples of the errors of this crate, for tests of what people are told.
//!
//! Each list has the variant's name beside its sample, and at least one of each variant.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codex_protocol::{ExitKind, Limit, ThreadId};

use crate::{
    CommandError, Found, InvocationError, OutputTail, ProgramError, RuntimeError, ThreadHolder,
    ThreadLockError, TransportError,
};

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

fn program() -> PathBuf {
    PathBuf::from("/usr/local/bin/codex")
}

fn picture() -> PathBuf {
    PathBuf::from("/my/project/picture.png")
}

fn thread() -> ThreadId {
    ThreadId::from_wire("019b7c2a-1111-7000-8000-000000000001")
}

/// Returns samples of what can keep a turn from starting, or break its transport.
///
/// ```
/// for (name, error) in codex_exec::samples::transport_errors() {
///     assert!(!error.to_string().ends_with('.'), "{name}");
/// }
/// ```
pub fn transport_errors() -> Vec<(&'static str, TransportError)> {
    let start_failed = |reason: &str| {
        let stderr_tail = OutputTail::new(format!("Error: {reason}\n"));
        TransportError::start_failed(ExitKind::Code(1), stderr_tail)
    };
    vec![
        ("TransportError::Invocation", TransportError::Invocation(InvocationError::BlankPrompt)),
        ("TransportError::Program", TransportError::Program(ProgramError::NotExecutable { path: program() })),
        ("TransportError::Runtime", TransportError::Runtime(RuntimeError::NoTime)),
        ("TransportError::Prepare", TransportError::prepare("make the folder", "/state/starts", denied())),
        (
            "TransportError::ThreadBusy",
            TransportError::ThreadBusy { thread: thread(), holder: Some(ThreadHolder::new(4711)) },
        ),
        (
            "TransportError::ThreadLock",
            TransportError::ThreadLock(ThreadLockError::Io {
                path: "/state/threads".into(),
                source: denied(),
            }),
        ),
        ("TransportError::Spawn", TransportError::spawn(program(), denied())),
        ("TransportError::StartFailed", start_failed("no rollout found for thread id 019b7c2a")),
        ("TransportError::StartFailed", start_failed("Error loading config.toml: invalid type")),
        ("TransportError::StartFailed", start_failed("something else")),
        ("TransportError::NotCodex", TransportError::not_codex(program(), "hello")),
        ("TransportError::ThreadMismatch", TransportError::thread_mismatch(thread(), thread())),
        ("TransportError::Cancelled", TransportError::Cancelled),
        ("TransportError::TimedOut", TransportError::timed_out(Limit::Total, Duration::from_mins(2))),
        ("TransportError::Broken", TransportError::broken("the connection was closed")),
        ("TransportError::SupervisorGone", TransportError::SupervisorGone),
    ]
}

/// Returns samples of why there is no program to start.
pub fn program_errors() -> Vec<(&'static str, ProgramError)> {
    let platform = "@openai/codex-linux-x64".to_owned();
    vec![
        ("ProgramError::Missing", ProgramError::Missing { path: program(), found: Found::CodexPath }),
        ("ProgramError::NotExecutable", ProgramError::NotExecutable { path: program() }),
        (
            "ProgramError::NotFound",
            ProgramError::NotFound { looked_at: vec!["/usr/bin".into(), "/bin".into()], skipped: Vec::new() },
        ),
        ("ProgramError::LauncherAlone", ProgramError::LauncherAlone { launcher: program(), platform }),
        ("ProgramError::VersionUnknown", ProgramError::VersionUnknown { path: program(), source: denied() }),
        ("ProgramError::NotCodex", ProgramError::NotCodex { path: program(), printed: "hello".to_owned() }),
    ]
}

/// Returns samples of why an invocation is refused.
///
/// # Panics
///
/// Never: a text that is cut is not JSON.
pub fn invocation_errors() -> Vec<(&'static str, InvocationError)> {
    let name = || "a b".to_owned();
    let not_json = serde_json::from_str::<u8>("{").expect_err("it is cut");
    let nested = InvocationError::NestedRepository {
        path: "/my/project/lib".into(),
        top: "/my/project".into(),
        reason: "its configuration includes other files",
    };
    let not_directory =
        InvocationError::NotDirectory { role: "working directory", path: "/my/project/gone".into() };
    let unreadable = InvocationError::Unreadable { role: "image", path: picture(), source: denied() };
    vec![
        ("InvocationError::BlankPrompt", InvocationError::BlankPrompt),
        ("InvocationError::LongPrompt", InvocationError::LongPrompt { characters: 2_000_000 }),
        ("InvocationError::ReviewWithPrompt", InvocationError::ReviewWithPrompt),
        ("InvocationError::ThreadId", InvocationError::ThreadId { thread: "last".to_owned() }),
        ("InvocationError::Missing", InvocationError::Missing { role: "image", path: picture() }),
        ("InvocationError::NotDirectory", not_directory),
        ("InvocationError::NotFile", InvocationError::NotFile { role: "image", path: picture() }),
        ("InvocationError::Unreadable", unreadable),
        ("InvocationError::ImageComma", InvocationError::ImageComma { path: "/my/project/a,b.png".into() }),
        (
            "InvocationError::SchemaNotJson",
            InvocationError::SchemaNotJson { path: "/my/schema.json".into(), source: not_json },
        ),
        ("InvocationError::NotGitRepository", InvocationError::NotGitRepository { path: "/tmp".into() }),
        ("InvocationError::NestedRepository", nested),
        ("InvocationError::Empty", InvocationError::Empty { option: "model" }),
        ("InvocationError::NulByte", InvocationError::NulByte { option: "prompt" }),
        ("InvocationError::ConfigKey", InvocationError::ConfigKey { key: name() }),
        ("InvocationError::Name", InvocationError::Name { role: "profile", name: name() }),
        ("InvocationError::McpServerTwice", InvocationError::McpServerTwice { name: "host".to_owned() }),
        ("InvocationError::VariableName", InvocationError::VariableName { name: "A=B".to_owned() }),
        ("InvocationError::SecretTwice", InvocationError::SecretTwice { name: "TOKEN".to_owned() }),
        ("InvocationError::BaseUrl", InvocationError::BaseUrl { url: "localhost:4040".to_owned() }),
        ("InvocationError::Originator", InvocationError::Originator { originator: "ä".to_owned() }),
    ]
}

/// Returns samples of why a thread could not be locked.
pub fn thread_lock_errors() -> Vec<(&'static str, ThreadLockError)> {
    vec![
        ("ThreadLockError::Busy", ThreadLockError::Busy { thread: thread(), holder: None }),
        ("ThreadLockError::Io", ThreadLockError::Io { path: "/state/threads".into(), source: denied() }),
    ]
}

/// Returns samples of why a command was not started.
pub fn command_errors() -> Vec<(&'static str, CommandError)> {
    vec![
        ("CommandError::Empty", CommandError::Empty),
        ("CommandError::Directory", CommandError::directory("/gone")),
        ("CommandError::Spawn", CommandError::spawn("cargo", denied())),
        ("CommandError::Sandbox", CommandError::sandbox("bwrap: Creating new namespace failed")),
        ("CommandError::Note", CommandError::Note { path: "/state".into(), source: denied() }),
    ]
}
