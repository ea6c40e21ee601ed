//! `codex-turns doctor`: whether everything that a turn needs is there, and what to do where it is not.

mod check;
mod checks;
mod sandbox;

use std::process::ExitCode;

use serde::Serialize;
use tokio::runtime;

use crate::arguments::DoctorArguments;
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::output::{print_json, print_out};
use check::{Health, Probe};

/// What `--json` prints.
#[derive(Serialize)]
struct DoctorReport<'a> {
    healthy: bool,
    version: &'static str,
    checks: &'a [Probe],
}

/// Looks, and tells.
pub(crate) fn doctor(arguments: &DoctorArguments) -> ExitCode {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = CliError::Setup(error);
            failure.report();
            return failure.code(None).into();
        }
    };
    let checks = runtime.block_on(checks::all(arguments));
    let healthy = checks.iter().all(|check| check.health != Health::Fail);
    if arguments.json {
        let findings = DoctorReport { healthy, version: env!("CARGO_PKG_VERSION"), checks: &checks };
        print_json(&findings);
    } else {
        let lines: Vec<_> = checks.iter().flat_map(Probe::lines).collect();
        print_out(&lines);
    }
    let code = if healthy { Code::Completed } else { Code::NotStarted };
    code.into()
}
