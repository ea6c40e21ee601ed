//! What the errors of this crate say: all of them, in one snapshot.

use codex_fixtures::{ErrorTexts, error_texts};

use crate::{
    CodexVersion, CommandError, InvocationError, ProgramError, RuntimeError, ThreadLockError, TransportError,
    samples,
};

/// The first sample of this variant.
fn pick<E>(samples: Vec<(&'static str, E)>, variant: &str) -> E {
    let is_of = |name: &str| name.rsplit("::").next() == Some(variant);
    let found = samples.into_iter().find(|(name, _)| is_of(name));
    found.unwrap_or_else(|| panic!("{variant} has no sample")).1
}

#[test]
fn every_error_of_a_start_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let transport = |variant| pick(samples::transport_errors(), variant);
    let program = |variant| pick(samples::program_errors(), variant);
    let thread_lock = |variant| pick(samples::thread_lock_errors(), variant);
    let command = |variant| pick(samples::command_errors(), variant);
    error_texts!(
        texts,
        TransportError {
            Invocation: transport("Invocation"),
            Program: transport("Program"),
            Runtime: transport("Runtime"),
            Prepare: transport("Prepare"),
            ThreadBusy: transport("ThreadBusy"),
            ThreadLock: transport("ThreadLock"),
            Spawn: transport("Spawn"),
            StartFailed: transport("StartFailed"),
            NotCodex: transport("NotCodex"),
            ThreadMismatch: transport("ThreadMismatch"),
            Cancelled: transport("Cancelled"),
            TimedOut: transport("TimedOut"),
            Broken: transport("Broken"),
            SupervisorGone: transport("SupervisorGone"),
        }
    );
    error_texts!(
        texts,
        ProgramError {
            Missing: program("Missing"),
            NotExecutable: program("NotExecutable"),
            NotFound: program("NotFound"),
            LauncherAlone: program("LauncherAlone"),
            VersionUnknown: program("VersionUnknown"),
            NotCodex: program("NotCodex"),
        }
    );
    let (missing, no_time, no_io) = (RuntimeError::Missing, RuntimeError::NoTime, RuntimeError::NoIo);
    error_texts!(texts, RuntimeError { Missing: missing, NoTime: no_time, NoIo: no_io });
    error_texts!(texts, ThreadLockError { Busy: thread_lock("Busy"), Io: thread_lock("Io") });
    error_texts!(
        texts,
        CommandError {
            Empty: command("Empty"),
            Directory: command("Directory"),
            Spawn: command("Spawn"),
            Sandbox: command("Sandbox"),
            Note: command("Note"),
        }
    );
    texts.add("InvalidCodexVersion", &"latest".parse::<CodexVersion>().expect_err("it is no version"));
    insta::assert_snapshot!(texts);
}

#[test]
fn every_error_of_an_invocation_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let invocation = |variant| pick(samples::invocation_errors(), variant);
    error_texts!(
        texts,
        InvocationError {
            BlankPrompt: invocation("BlankPrompt"),
            LongPrompt: invocation("LongPrompt"),
            ReviewWithPrompt: invocation("ReviewWithPrompt"),
            ThreadId: invocation("ThreadId"),
            Missing: invocation("Missing"),
            NotDirectory: invocation("NotDirectory"),
            NotFile: invocation("NotFile"),
            Unreadable: invocation("Unreadable"),
            ImageComma: invocation("ImageComma"),
            SchemaNotJson: invocation("SchemaNotJson"),
            NotGitRepository: invocation("NotGitRepository"),
            NestedRepository: invocation("NestedRepository"),
            Empty: invocation("Empty"),
            NulByte: invocation("NulByte"),
            ConfigKey: invocation("ConfigKey"),
            Name: invocation("Name"),
            McpServerTwice: invocation("McpServerTwice"),
            VariableName: invocation("VariableName"),
            SecretTwice: invocation("SecretTwice"),
            BaseUrl: invocation("BaseUrl"),
            Originator: invocation("Originator"),
        }
    );
    insta::assert_snapshot!(texts);
}
