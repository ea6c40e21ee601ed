//! What a person is told of each error, with what to do next and the exit code: all of them, in one snapshot.

mod samples;

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::Arc;

use codex_exec::{ProgramError, RuntimeError, TransportError};
use codex_fixtures::error_texts;
use codex_ledger::{LedgerError, TurnId};
use codex_protocol::{Limit, Verdict};
use codex_runner::{PipelineRequest, samples as runner};
use codex_turn::{CodexError, samples as turn};

use crate::failure::CliError;
use crate::failure::hint;
use crate::interrupts::Interrupt;

/// The samples with what is told of each.
#[derive(Default)]
struct Told(String);

impl Told {
    fn add(&mut self, name: &str, failure: &CliError) {
        let lines = failure.lines();
        self.line(&format!("{name} ({})", failure.code(None).number()));
        for line in &lines {
            self.line(&format!("  {}", line.text().trim_start()));
        }
        // What Codex or another program said is quoted as it is.
        let message = lines[0].text();
        assert!(!message.ends_with('.'), "{name}: {message}");
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").unwrap();
    }
}

fn pick<E>(samples: Vec<(&'static str, E)>, name: &str) -> E {
    samples.into_iter().find(|(found, _)| *found == name).unwrap().1
}

fn no_codex() -> ProgramError {
    pick(codex_exec::samples::program_errors(), "ProgramError::NotFound")
}

#[test]
fn every_failure_says_what_to_do() {
    let mut told = Told::default();
    let denied = || io::Error::other("permission denied");
    let turn_id = || TurnId::new(7).unwrap();
    let path = || "/my/project/answer.txt".into();
    error_texts!(
        told,
        CliError {
            NoPrompt: CliError::NoPrompt,
            PromptUnreadable: CliError::PromptUnreadable(denied()),
            PromptNotUtf8: CliError::PromptNotUtf8 { valid_bytes: 7 },
            Unwritable: CliError::Unwritable { path: path(), source: denied() },
            OneFileTwice: CliError::OneFileTwice { path: path() },
            Unreadable: CliError::Unreadable { path: path(), source: denied() },
            NoTurn: CliError::NoTurn { path: path() },
            Project: runner::errors().swap_remove(0).1.into(),
            NoLedger: CliError::NoLedger { root: "/my/project".into() },
            NoRecord: CliError::NoRecord { turn_id: turn_id() },
            NoFile: CliError::NoFile {
                turn_id: turn_id(),
                file: "llm_prompt.txt".to_owned(),
                files: vec!["adr.md".to_owned(), "logs/llm_prompt.txt".to_owned()],
            },
            NotKept: CliError::NotKept { turn_id: turn_id(), what: "events" },
            Plan: CliError::Plan { problems: PipelineRequest::new("/no/such/project").plan().problems },
            Ledger: CliError::Ledger(LedgerError::not_initialised("/my/project")),
            Interrupted: CliError::Interrupted(Interrupt::CtrlC),
            Program: CliError::Program(no_codex()),
            NotCodex: CliError::NotCodex(Arc::new(no_codex())),
            Codex: CliError::Codex(CodexError::TwoTransports),
            Start: CliError::Start(Arc::new(TransportError::Runtime(RuntimeError::Missing))),
            Turn: CliError::Turn(pick(turn::turn_errors(), "TurnError::Busy")),
            Run: CliError::Run(pick(turn::auto_run_errors(), "AutoRunError::Check")),
            NotOfRuns: CliError::NotOfRuns { flag: "--review", why: "a review is one turn" },
            Setup: CliError::Setup(denied()),
        }
    );
    for (name, error) in runner::errors() {
        told.add(name, &error.into());
    }
    insta::assert_snapshot!(told.0);
}

#[test]
fn every_error_of_the_layers_below_says_what_to_do() {
    let mut told = Told::default();
    for (name, failure) in samples::of_transport().into_iter().chain(samples::of_ledger()) {
        told.add(name, &failure);
    }
    insta::assert_snapshot!(told.0);
}

/// The types of the layers below are open, so the compiler cannot ask for all of their variants; their own lists
/// can, where the compiler does.
#[test]
fn no_error_of_the_layers_below_is_left_out() {
    let ours: Vec<&str> =
        samples::of_transport().into_iter().chain(samples::of_ledger()).map(|(name, _)| name).collect();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (list, types) in [
        (
            "codex-exec/src/snapshots/codex_exec__error_texts__every_error_of_a_start_is_a_sentence.snap",
            &["TransportError::", "ProgramError::"][..],
        ),
        (
            "codex-exec/src/snapshots/codex_exec__error_texts__every_error_of_an_invocation_is_a_sentence.snap",
            &["InvocationError::"],
        ),
        (
            "codex-ledger/src/snapshots/codex_ledger__error_texts__every_error_of_the_ledger_is_a_sentence.snap",
            &["LedgerError::", "ClaimError::"],
        ),
    ] {
        let text = std::fs::read_to_string(crates.join(list)).unwrap();
        let theirs: Vec<&str> =
            text.lines().filter(|line| types.iter().any(|name| line.starts_with(name))).collect();
        assert!(theirs.len() > 5, "{list} lists the errors");
        for name in theirs {
            assert!(ours.contains(&name), "{name} of {list} has no sample here");
        }
    }
}

#[test]
fn every_verdict_says_what_to_do() {
    let mut told = Told::default();
    let failed = [
        "Rate limit reached. Please try again in 90s.",
        "You've hit your usage limit: try again at Sep 2nd, 2026 3:04 PM.",
        "Quota exceeded.",
        "not logged in",
        "context window",
        "server is overloaded",
        "stream disconnected",
        "landlock",
        "invalid prompt",
        "MESSAGE",
    ]
    .map(Verdict::failed);
    let others = [
        Verdict::Interrupted,
        Verdict::Cancelled,
        Verdict::timed_out(Limit::Total),
        Verdict::timed_out(Limit::Idle),
        Verdict::out_of_budget("tokens"),
        Verdict::Truncated,
        Verdict::killed(9),
        Verdict::exited(101),
    ];
    for verdict in failed.iter().chain(&others) {
        let name = if let Verdict::Failed(failure) = verdict {
            format!("{:?}", failure.kind)
        } else {
            String::new()
        };
        told.line(&format!("{verdict} {name}"));
        told.line(&format!("  hint: {}", hint::of_verdict(verdict).as_deref().unwrap_or("(none)")));
    }
    insta::assert_snapshot!(told.0);
}
