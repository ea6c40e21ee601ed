//! [`execute`]: the one way from flags to an exit code, for commands that run turns.

use std::process::ExitCode;

use codex_ledger::Redactor;
use tokio::runtime;

use super::SHUTDOWN;
use crate::console::{Console, Terminals};
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::interrupts::{Interrupt, Interrupts};
use crate::outcome::Outcome;
use crate::presentation::{Files, present, refuse};
use crate::result_file::ResultObject;
use crate::show::Show;

/// A command that runs turns.
pub(super) struct CommandJob<R> {
    pub(super) files: Result<Files, CliError>,
    pub(super) show: Show,
    /// What it comes to if nothing ran.
    pub(super) not_started: fn(&CliError, Option<Interrupt>) -> Outcome<R>,
    /// What programs are told last.
    pub(super) last: fn(&R) -> Option<String>,
}

/// Why nothing ran, and the signal that is to blame.
pub(super) type Refusal = (CliError, Option<Interrupt>);

/// Prepares, runs and presents a command.
pub(super) fn execute<P, R: ResultObject>(
    job: CommandJob<R>,
    prepare: impl FnOnce() -> Result<(P, Option<Redactor>), CliError>,
    work: impl AsyncFnOnce(P, &Console, &mut Interrupts) -> Result<Outcome<R>, Refusal>,
) -> ExitCode {
    let CommandJob { files, show, not_started, last } = job;
    let files = match files {
        Ok(files) => files,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let ready = prepare().and_then(|prepared| {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        Ok((prepared, runtime.map_err(CliError::Setup)?))
    });
    let ((prepared, redactor), runtime) = match ready {
        Ok(ready) => ready,
        Err(failure) => return refuse(not_started(&failure, None), &files).into(),
    };
    let files = files.redacted(redactor);
    let code = runtime.block_on(async {
        let heard = Interrupts::listen().map_err(CliError::Setup);
        let console = Console::start(Terminals::look()).map_err(CliError::Setup);
        let (mut interrupts, console) = match (heard, console) {
            (Ok(interrupts), Ok(console)) => (interrupts, console),
            (Err(failure), _) | (_, Err(failure)) => {
                return refuse(not_started(&failure, None), &files).into();
            }
        };
        let worked = work(prepared, &console, &mut interrupts).await;
        let is_over = worked.is_ok();
        let mut outcome = worked.unwrap_or_else(|(failure, interrupt)| not_started(&failure, interrupt));
        files.write(&mut outcome);
        if let (Some(object), true, Show::RawLines) = (last(&outcome.report), is_over, show) {
            console.object(object).await;
        }
        tokio::select! {
            code = present(outcome, show, console) => code.into(),
            // Standard output or standard error is stuck, and the person has waited long enough.
            heard = interrupts.next() => Code::of_interrupt(Some(heard)).into(),
        }
    });
    runtime.shutdown_timeout(SHUTDOWN);
    code
}
