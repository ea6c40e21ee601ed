//! `codex-turns ledger`: what is done with records.

mod change;
mod list;
mod show;
mod verify;

use std::process::ExitCode;

use codex_ledger::{FileLedger, Reader};
use codex_runner::{Environment, Project, ProjectNotice};
use jiff::Timestamp;

use crate::arguments::{LedgerArguments, LedgerCommand};
use crate::exit_code::Code;
use crate::failure::{CliError, print};
use crate::notices;

/// Does what is asked.
pub(crate) fn ledger(arguments: &LedgerArguments) -> ExitCode {
    let done = LedgerProject::at(arguments).and_then(|here| match &arguments.command {
        LedgerCommand::Init => change::init(&here),
        LedgerCommand::List(arguments) => list::list(&here, arguments),
        LedgerCommand::Show(arguments) => show::show(&here, arguments),
        LedgerCommand::Verify(arguments) => verify::verify(&here, arguments),
        LedgerCommand::Recover(arguments) => change::recover(&here, arguments),
        LedgerCommand::RebuildIndex => change::rebuild_index(&here),
        LedgerCommand::Import => change::import(&here),
        LedgerCommand::Export { folder } => change::export(&here, folder),
        LedgerCommand::Purge(arguments) => change::purge(&here, arguments),
        LedgerCommand::Gc { keep } => change::gc(&here, *keep),
    });
    let code = done.unwrap_or_else(|failure| {
        failure.report();
        failure.code(None)
    });
    code.into()
}

/// The project that a command works in.
struct LedgerProject {
    project: Project,
}

impl LedgerProject {
    fn at(arguments: &LedgerArguments) -> Result<Self, CliError> {
        let project = Project::open(&arguments.dir, Environment::of_process())?;
        let only_reads = matches!(
            arguments.command,
            LedgerCommand::List(_) | LedgerCommand::Show(_) | LedgerCommand::Verify(_)
        );
        if !only_reads {
            notices::tell(&project.notices());
        }
        Ok(Self { project })
    }

    /// The records, to be read.
    ///
    /// # Errors
    ///
    /// There are none, and never were.
    fn reader(&self) -> Result<Reader, CliError> {
        self.must_have_ledger()?;
        Ok(Reader::at(self.project.root()))
    }

    /// The ledger.
    ///
    /// # Errors
    ///
    /// There is no repository, or git is missing.
    fn open(&self) -> Result<FileLedger, CliError> {
        self.project.open_ledger(None).map_err(CliError::Ledger)
    }

    /// The ledger, with nothing unfinished, to be changed.
    ///
    /// # Errors
    ///
    /// There is none.
    fn settled(&self) -> Result<FileLedger, CliError> {
        self.must_have_ledger()?;
        notices::tell(&self.project.remotes()?);
        let ledger = self.open()?;
        let recovered = self.project.recover(&ledger);
        notices::tell(&recovered.iter().map(ProjectNotice::recovered).collect::<Vec<_>>());
        Ok(ledger)
    }

    fn must_have_ledger(&self) -> Result<(), CliError> {
        if self.project.place().has_ledger() {
            return Ok(());
        }
        self.project.must_not_miss_ledger()?;
        Err(CliError::NoLedger { root: self.project.root().to_owned() })
    }

    /// Says how many turns wait to be recovered, where a command only reads.
    fn tell_unfinished(&self) {
        let Ok(ledger) = self.open() else { return };
        let waiting = ledger.waiting().unwrap_or_default();
        notices::tell(&waiting.iter().map(ProjectNotice::waiting).collect::<Vec<_>>());
        let unfinished = ledger.unfinished().unwrap_or(0).saturating_sub(waiting.len());
        if unfinished > 0 {
            let turns =
                if unfinished == 1 { "turn is running or waits" } else { "turns are running or wait" };
            let text = format!("{unfinished} {turns} for `codex-turns ledger recover`");
            print(&[crate::failure::warning_line(&text)]);
        }
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// What a command that has done what it was asked ends with.
const DONE: Result<Code, CliError> = Ok(Code::Completed);
