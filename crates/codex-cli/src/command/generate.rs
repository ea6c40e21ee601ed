//! `codex-turns completions` and `codex-turns man`: what packagers install beside the program.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit_code::Code;
use crate::failure::{error_line, hint_line, print};

const NAME: &str = "codex-turns";

/// Prints a completion script.
pub(crate) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    emit(&script)
}

/// Prints the manual page of the program or of one command.
pub(crate) fn man(command: Option<&str>) -> ExitCode {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => Some(program),
        Some(name) => program.find_subcommand(name).cloned(),
    };
    let Some(page) = page else {
        let name = command.unwrap_or_default();
        print(&[
            error_line(&format!("there is no command {name}")),
            hint_line("`codex-turns help` lists the commands"),
        ]);
        return Code::Usage.into();
    };
    let mut text = Vec::new();
    match Man::new(page).render(&mut text) {
        Ok(()) => emit(&text),
        Err(error) => unwritten(&error),
    }
}

/// A reader that has seen enough is no fault.
fn emit(bytes: &[u8]) -> ExitCode {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => unwritten(&error),
        _ => Code::Completed.into(),
    }
}

fn unwritten(error: &io::Error) -> ExitCode {
    print(&[error_line(&format!("cannot write to standard output: {error}"))]);
    Code::Failed.into()
}
