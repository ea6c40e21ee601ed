//! What the errors of this crate say: all of them, in one snapshot.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codex_fixtures::{ErrorTexts, error_texts};
use codex_protocol::{ExitKind, Limit, ThreadId};

use crate::{
    CodexVersion, CommandError, Found, InvocationError, OutputTail, ProgramError, ThreadLockError,
    TransportError,
};

const CODEX: &str = "/usr/local/bin/codex";

fn thread() -> ThreadId {
    ThreadId::parse("019b7c2a-1111-7000-8000-000000000001").expect("it is a UUID")
}

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

#[test]
fn every_error_of_a_start_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    error_texts!(
        texts,
        TransportError {
            Invocation: TransportError::Invocation(InvocationError::BlankPrompt),
            Program: TransportError::Program(ProgramError::NotExecutable { path: CODEX.into() }),
            NoRuntime: TransportError::NoRuntime,
            Prepare: TransportError::Prepare {
                step: "make the folder",
                path: "/state/starts".into(),
                source: denied()
            },
            ThreadBusy: TransportError::ThreadBusy { thread: thread(), holder: Some(4711) },
            ThreadLock: TransportError::ThreadLock(ThreadLockError::Io {
                path: "/state/threads".into(),
                source: denied()
            }),
            Spawn: TransportError::Spawn { program: CODEX.into(), source: denied() },
            StartFailed: TransportError::StartFailed {
                exit: ExitKind::Code(1),
                reasons: vec!["no rollout found".to_owned()],
                stderr_tail: OutputTail::new("Error: no rollout found\n"),
            },
            NotCodex: TransportError::NotCodex { program: CODEX.into(), first_line: "hello".to_owned() },
            ThreadMismatch: TransportError::ThreadMismatch { asked: thread(), got: thread() },
            Cancelled: TransportError::Cancelled,
            TimedOut: TransportError::TimedOut { limit: Limit::Idle, after: Duration::from_mins(2) },
            SupervisorGone: TransportError::SupervisorGone,
        }
    );
    error_texts!(
        texts,
        ProgramError {
            Missing: ProgramError::Missing { path: CODEX.into(), found: Found::CodexPath },
            NotExecutable: ProgramError::NotExecutable { path: CODEX.into() },
            NotFound: ProgramError::NotFound {
                looked_at: vec!["/usr/bin".into(), "/bin".into()],
                skipped: Vec::new()
            },
            LauncherAlone: ProgramError::LauncherAlone {
                launcher: CODEX.into(),
                platform: "@openai/codex-linux-x64".to_owned(),
            },
            VersionUnknown: ProgramError::VersionUnknown { path: CODEX.into(), source: denied() },
            NotCodex: ProgramError::NotCodex { path: CODEX.into(), printed: "hello".to_owned() },
        }
    );
    error_texts!(
        texts,
        ThreadLockError {
            Busy: ThreadLockError::Busy { thread: thread(), holder: None },
            Io: ThreadLockError::Io { path: "/state/threads".into(), source: denied() },
        }
    );
    error_texts!(
        texts,
        CommandError {
            Empty: CommandError::Empty,
            Directory: CommandError::Directory { path: "/gone".into() },
            Spawn: CommandError::Spawn { program: "cargo".into(), source: denied() },
            Sandbox: CommandError::Sandbox { said: "bwrap: Creating new namespace failed".to_owned() },
            Note: CommandError::Note { path: "/state".into(), source: denied() },
        }
    );
    texts.add("InvalidCodexVersion", &"latest".parse::<CodexVersion>().expect_err("it is no version"));
    insta::assert_snapshot!(texts);
}

#[test]
fn every_error_of_an_invocation_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let path = || PathBuf::from("/my/project/picture.png");
    let no_json = || serde_json::from_str::<u8>("{").expect_err("it is cut");
    error_texts!(
        texts,
        InvocationError {
            BlankPrompt: InvocationError::BlankPrompt,
            LongPrompt: InvocationError::LongPrompt { characters: 2_000_000 },
            ReviewWithPrompt: InvocationError::ReviewWithPrompt,
            ThreadId: InvocationError::ThreadId { thread: "last".to_owned() },
            Missing: InvocationError::Missing { role: "image", path: path() },
            NotDirectory: InvocationError::NotDirectory { role: "working directory", path: path() },
            NotFile: InvocationError::NotFile { role: "image", path: path() },
            Unreadable: InvocationError::Unreadable { role: "output schema", path: path(), source: denied() },
            ImageComma: InvocationError::ImageComma { path: "/my/project/a,b.png".into() },
            SchemaNotJson: InvocationError::SchemaNotJson {
                path: "/my/schema.json".into(),
                source: no_json()
            },
            NotGitRepository: InvocationError::NotGitRepository { path: "/tmp".into() },
            NestedRepository: InvocationError::NestedRepository {
                path: "/my/project/lib".into(),
                top: "/my/project".into(),
                reason: "its configuration includes other files",
            },
            Empty: InvocationError::Empty { option: "model" },
            NulByte: InvocationError::NulByte { option: "prompt" },
            ConfigKey: InvocationError::ConfigKey { key: "a b".to_owned() },
            Name: InvocationError::Name { role: "profile", name: "a b".to_owned() },
            McpServerTwice: InvocationError::McpServerTwice { name: "host".to_owned() },
            VariableName: InvocationError::VariableName { name: "A=B".to_owned() },
            SecretTwice: InvocationError::SecretTwice { name: "TOKEN".to_owned() },
            BaseUrl: InvocationError::BaseUrl { url: "localhost:4040".to_owned() },
            Originator: InvocationError::Originator { originator: "ä".to_owned() },
        }
    );
    insta::assert_snapshot!(texts);
}
