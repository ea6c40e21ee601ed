//! One sample of each error of this crate, for tests of what people are told.

use std::io;
use std::sync::Arc;

use codex_exec::{Program, ProgramError, RuntimeError, TransportError};
use codex_ledger::{LedgerError, TurnId};
use codex_turn::AutoRunError;
use serde_json::Value;

use crate::pipeline::PipelineRequest;
use crate::runner_error::RunnerError;
use crate::settings::{Origin, SettingsError};
use crate::trust::{FileRefused, TrustError};
use crate::work::{SettingChange, SettingSource};

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

/// Returns one sample of each error, with its name.
///
/// ```
/// for (name, error) in codex_runner::samples::errors() {
///     assert!(!error.to_string().ends_with('.'), "{name}");
/// }
/// ```
pub fn errors() -> Vec<(&'static str, RunnerError)> {
    let settings = settings_errors().map(|(name, error)| (name, RunnerError::Settings(error)));
    let trust = trust_errors().map(|(name, error)| (name, RunnerError::Trust(error)));
    let others = [
        (
            "RunnerError::SettingsInProject",
            RunnerError::SettingsInProject { path: "/my/project/ci.toml".into() },
        ),
        (
            "RunnerError::Eclipsed",
            RunnerError::Eclipsed { root: "/my/project/src".into(), outer: "/my/project".into() },
        ),
        (
            "RunnerError::LeadsOut",
            RunnerError::LeadsOut {
                typed: "/my/project/lib".into(),
                root: "/my/other".into(),
                outer: "/my/project".into(),
            },
        ),
        ("RunnerError::Ledger", RunnerError::Ledger(LedgerError::not_initialised("/my/project"))),
        (
            "RunnerError::SettingsChanged",
            RunnerError::SettingsChanged {
                turn_id: TurnId::FIRST,
                changes: vec![SettingChange {
                    key: "run.model".to_owned(),
                    before: "gpt-5".into(),
                    before_source: SettingSource::Caller {
                        name: "CODEX_TURNS_RUN_MODEL".to_owned(),
                        text: "gpt-5".to_owned(),
                    },
                    now: Value::Null,
                    now_origin: Origin::Default,
                }],
            },
        ),
        ("RunnerError::NotWaiting", RunnerError::NotWaiting { turn_id: TurnId::FIRST }),
        (
            "RunnerError::Elsewhere",
            RunnerError::Elsewhere { dir: "/my/other".into(), root: "/my/project".into() },
        ),
        ("RunnerError::NoLedger", RunnerError::NoLedger { root: "/my/project".into() }),
        (
            "RunnerError::Plan",
            RunnerError::Plan { problems: PipelineRequest::new("/no/such/project").plan().problems },
        ),
        (
            "RunnerError::MissingInput",
            RunnerError::MissingInput {
                file: "tasks/TASK 02 - Report.task.md".to_owned(),
                line: 5,
                path: "src/store.txt".to_owned(),
            },
        ),
        (
            "RunnerError::TaskChanged",
            RunnerError::TaskChanged {
                turn_id: TurnId::FIRST,
                sentence: "task 3 (TASK 03 - Choose.task.md) is not what it was when the pipeline began"
                    .to_owned(),
            },
        ),
        ("RunnerError::Program", RunnerError::Program(no_codex())),
        ("RunnerError::NotCodex", RunnerError::NotCodex(Arc::new(no_codex()))),
        ("RunnerError::Start", RunnerError::Start(Arc::new(TransportError::Runtime(RuntimeError::Missing)))),
        ("RunnerError::Run", RunnerError::Run(AutoRunError::InsideRuntime)),
        ("RunnerError::Killed", RunnerError::Killed),
        (
            "RunnerError::Redaction",
            RunnerError::Redaction("the 9000000 texts to redact cannot be searched for".into()),
        ),
    ];
    settings.into_iter().chain(trust).chain(others).collect()
}

fn no_codex() -> ProgramError {
    Program::at("/no/such/codex").expect_err("it is not there")
}

fn settings_errors() -> [(&'static str, SettingsError); 4] {
    let place = || Origin::File { name: "codex-turns.toml".to_owned(), line: 3 };
    let key = || "tests.comand".to_owned();
    let problem = || "has to be a duration such as \"10m\"".to_owned();
    let nearest = Some("tests.command".to_owned());
    [
        (
            "SettingsError::Unreadable",
            SettingsError::Unreadable { path: "/my/project/codex-turns.toml".into(), source: denied() },
        ),
        ("SettingsError::Syntax", SettingsError::Syntax { place: place(), problem: problem() }),
        ("SettingsError::UnknownKey", SettingsError::UnknownKey { place: place(), key: key(), nearest }),
        ("SettingsError::Value", SettingsError::Value { place: place(), key: key(), problem: problem() }),
    ]
}

fn trust_errors() -> [(&'static str, TrustError); 10] {
    let store = || "/tmp/state/codex-turns/trust".into();
    let file = |source| TrustError::File { path: "check.sh".into(), source };
    [
        ("TrustError::StoreInReach", TrustError::StoreInReach { store: store(), place: "/tmp".into() }),
        ("TrustError::StoreOfOthers", TrustError::StoreOfOthers { store: store() }),
        ("TrustError::Store", TrustError::Store { store: store(), source: denied() }),
        ("TrustError::File", file(FileRefused::OutOfProject { target: "/tmp/check.sh".into() })),
        ("TrustError::File", file(FileRefused::NotAFile)),
        ("TrustError::File", file(FileRefused::TooLarge { limit_bytes: 1024 })),
        ("TrustError::File", file(FileRefused::Unreadable(denied()))),
        ("TrustError::ManyWords", TrustError::ManyWords { limit: 1000 }),
        (
            "TrustError::Word",
            TrustError::Word {
                name: "CODEX_TURNS_TRUST",
                text: "1".to_owned(),
                problem: "must say which bytes are trusted".to_owned(),
            },
        ),
        (
            "TrustError::Ref",
            TrustError::Ref {
                name: "--trust-ref",
                text: "origin/main".to_owned(),
                problem: "there is no such branch".to_owned(),
            },
        ),
    ]
}
