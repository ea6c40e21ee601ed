//! `codex-turns init`: a small working pipeline for a project that has none.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use codex_runner::{
    Environment, FILE_NAME, ProjectKind, ProjectPlace, StarterFile, trust_as_written, write_starter,
};

use crate::arguments::InitArguments;
use crate::exit_code::Code;
use crate::failure::{CliError, print};
use crate::output::print_out;
use crate::render::{Line, Tone};

/// Writes the starter.
pub(crate) fn init(arguments: &InitArguments) -> ExitCode {
    let code = match starter_of(&arguments.dir) {
        Ok(()) => Code::Completed,
        Err(failure) => {
            failure.report();
            failure.code(None)
        }
    };
    code.into()
}

fn starter_of(dir: &Path) -> Result<(), CliError> {
    let project = ProjectPlace::of(dir);
    if let Err(source) = fs::read_dir(&project.root) {
        return Err(CliError::Unwritable { path: project.root, source });
    }
    let files = write_starter(&project.root).map_err(|error| CliError::Unwritable {
        path: project.root.join(error.path),
        source: error.source,
    })?;
    print_out(&files.iter().map(line).collect::<Vec<_>>());
    if files.iter().any(|file| file.path == FILE_NAME && file.is_new) {
        // To ask for the file is to ask for what it says.
        let trusted = trust_as_written(&project.root, &Environment::of_process());
        print(&trusted.err().map(|error| CliError::from(error).lines()).unwrap_or_default());
    }
    let mut next = Vec::new();
    if project.kind == ProjectKind::Plain {
        next.push("git init                     pipelines leave a record, and that needs git");
    }
    next.extend([
        "codex-turns pipeline check   look at the plan; nothing runs",
        "codex-turns pipeline run     run the tasks, one after the other, into one record",
    ]);
    print_out(&[Line::new(Tone::Strong, "next:")]);
    print_out(&next.iter().map(|text| Line::new(Tone::Plain, &format!("  {text}"))).collect::<Vec<_>>());
    Ok(())
}

fn line(file: &StarterFile) -> Line {
    let path = &file.path;
    if file.is_new {
        Line::new(Tone::Good, "✓ ").and(Tone::Plain, path)
    } else {
        Line::new(Tone::Dim, "• ").and(Tone::Dim, &format!("{path} was there and stays"))
    }
}
