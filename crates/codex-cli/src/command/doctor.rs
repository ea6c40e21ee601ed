//! `codex-turns doctor`: whether everything that a turn needs is there, and what to do where it is not.

mod check;
mod checks;
mod sandbox;

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use tokio::runtime;

use crate::arguments::DoctorArguments;
use crate::exit_code::Code;
use crate::failure::Failure;
use crate::render::Line;
use check::{Check, Health};

/// What `--json` prints.
#[derive(Serialize)]
struct Findings<'a> {
    healthy: bool,
    version: &'static str,
    checks: &'a [Check],
}

/// Looks, and tells.
pub(crate) fn doctor(arguments: &DoctorArguments) -> ExitCode {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::Setup(error);
            failure.report();
            return failure.code(None).into();
        }
    };
    let checks = runtime.block_on(checks::all(arguments));
    let healthy = checks.iter().all(|check| check.health != Health::Fail);
    if arguments.json {
        let findings = Findings { healthy, version: env!("CARGO_PKG_VERSION"), checks: &checks };
        let json = serde_json::to_string_pretty(&findings).expect("findings have only keys that are strings");
        // A reader that has seen enough is no fault.
        let _ = writeln!(io::stdout(), "{json}");
    } else {
        let lines: Vec<_> = checks.iter().flat_map(Check::lines).collect();
        print_out(&lines);
    }
    let code = if healthy { Code::Completed } else { Code::NotStarted };
    code.into()
}

fn print_out(lines: &[Line]) {
    let mut stdout = anstream::stdout().lock();
    for line in lines {
        // A reader that has seen enough is no fault.
        let _ = writeln!(stdout, "{}", line.painted());
    }
}
