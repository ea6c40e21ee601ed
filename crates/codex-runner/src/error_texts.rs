//! What the errors of this crate say: all of them, in one snapshot.

use codex_fixtures::{ErrorTexts, error_texts};

use crate::samples;
use crate::trust::Digest;
use crate::{
    AgentReport, AgentReportError, FileRefused, NotADigest, RunnerError, SettingsError, StarterError,
    TrustError,
};

/// The sample of this name, which every variant has.
fn sample(name: &str) -> RunnerError {
    let found = samples::errors().into_iter().find(|(found, _)| *found == name);
    found.unwrap_or_else(|| panic!("{name} has no sample")).1
}

fn settings(name: &str) -> SettingsError {
    let RunnerError::Settings(error) = sample(&format!("SettingsError::{name}")) else { panic!("{name}") };
    error
}

fn trust(name: &str) -> TrustError {
    let RunnerError::Trust(error) = sample(&format!("TrustError::{name}")) else { panic!("{name}") };
    error
}

#[test]
fn every_error_of_the_runner_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let answer = |text: &str| AgentReport::read(text).expect_err("it is no report");
    error_texts!(
        texts,
        AgentReportError {
            TooLong: answer(&" ".repeat(AgentReport::LIMIT_BYTES + 1)),
            NotJson: answer("All done!"),
            Part: answer(r#"{"statementOfWork": 7}"#),
            NoObject: answer("[]"),
            Empty: answer(r#"{"statementOfWork": "", "decisions": []}"#),
        }
    );
    error_texts!(
        texts,
        RunnerError {
            Settings: RunnerError::Settings(settings("Value")),
            Trust: RunnerError::Trust(trust("Word")),
            SettingsInProject: sample("RunnerError::SettingsInProject"),
            Eclipsed: sample("RunnerError::Eclipsed"),
            LeadsOut: sample("RunnerError::LeadsOut"),
            SettingsChanged: sample("RunnerError::SettingsChanged"),
            NotWaiting: sample("RunnerError::NotWaiting"),
            Ledger: sample("RunnerError::Ledger"),
            Elsewhere: sample("RunnerError::Elsewhere"),
            NoLedger: sample("RunnerError::NoLedger"),
            Plan: sample("RunnerError::Plan"),
            MissingInput: sample("RunnerError::MissingInput"),
            TaskChanged: sample("RunnerError::TaskChanged"),
            Program: sample("RunnerError::Program"),
            NotCodex: sample("RunnerError::NotCodex"),
            Start: sample("RunnerError::Start"),
            Run: sample("RunnerError::Run"),
            Killed: sample("RunnerError::Killed"),
            Redaction: sample("RunnerError::Redaction"),
        }
    );
    error_texts!(
        texts,
        SettingsError {
            Unreadable: settings("Unreadable"),
            Syntax: settings("Syntax"),
            UnknownKey: settings("UnknownKey"),
            Value: settings("Value"),
        }
    );
    error_texts!(
        texts,
        TrustError {
            StoreInReach: trust("StoreInReach"),
            StoreOfOthers: trust("StoreOfOthers"),
            Store: trust("Store"),
            File: trust("File"),
            ManyWords: trust("ManyWords"),
            Word: trust("Word"),
            Ref: trust("Ref"),
        }
    );
    error_texts!(
        texts,
        FileRefused {
            OutOfProject: FileRefused::OutOfProject { target: "/tmp/check.sh".into() },
            NotAFile: FileRefused::NotAFile,
            TooLarge: FileRefused::TooLarge { limit_bytes: 1024 },
            Unreadable: FileRefused::Unreadable(std::io::Error::other("permission denied")),
        }
    );
    let scratch = tempfile::tempdir().expect("there is a folder for temporary files");
    std::fs::write(scratch.path().join("ai"), "a file").expect("the folder can be written to");
    let no_starter: StarterError = crate::write_starter(scratch.path()).expect_err("a file is in the way");
    texts.add("StarterError", &no_starter);
    let no_digest: NotADigest = "sha1:7".parse::<Digest>().expect_err("it is not a digest");
    texts.add("NotADigest", &no_digest);
    insta::assert_snapshot!(texts);
}
