//! `codex-turns ledger verify`: whether the records are what they were.

use codex_ledger::VerifyLevel;
use codex_ledger::prove::{verify_files, verify_since};

use super::LedgerProject;
use crate::arguments::VerifyArguments;
use crate::exit_code::Code;
use crate::failure::{CliError, print, warning_line};
use crate::ledger_view::findings;
use crate::output::{print_json, print_out};

pub(super) fn verify(here: &LedgerProject, arguments: &VerifyArguments) -> Result<Code, CliError> {
    let reader = here.reader()?;
    let level = match &arguments.remote {
        Some(named) => {
            let configured = here.project.settings().ledger.remote.value.as_ref();
            let remote = named.as_ref().or(configured).map_or("origin", String::as_str);
            VerifyLevel::Remote(remote.to_owned())
        }
        None if arguments.git || arguments.since.is_some() => VerifyLevel::Git,
        None => VerifyLevel::Files,
    };
    let verification = match here.open() {
        Ok(ledger) => verify_since(&reader, ledger.vcs().as_ref(), &level, arguments.since.as_deref()),
        Err(_) if level == VerifyLevel::Files => {
            print(&[warning_line("git does not answer, so only the files are compared")]);
            verify_files(&reader)
        }
        Err(failure) => return Err(failure),
    };
    let verification = verification.map_err(CliError::Ledger)?;
    if arguments.json {
        print_json(&verification);
    } else {
        print_out(&findings(&verification));
    }
    Ok(match verification.exit_code() {
        0 => Code::Completed,
        7 => Code::Unfinished,
        _ => Code::Failed,
    })
}
