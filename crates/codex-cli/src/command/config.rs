//! `codex-turns config`: the settings in force, and where each comes from.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use crate::arguments::ConfigArguments;
use crate::config::{FILE_NAME, Origin, Shown};
use crate::exit_code::Code;
use crate::failure::Failure;
use crate::output::{print_json, print_out};
use crate::project::Project;
use crate::render::{Line, Tone};

/// What `--json` prints.
#[derive(Serialize)]
struct Settings<'a> {
    file: Option<PathBuf>,
    settings: &'a [Shown],
}

/// Tells the settings in force.
pub(crate) fn config(arguments: &ConfigArguments) -> ExitCode {
    match told(arguments) {
        Ok(()) => Code::Completed.into(),
        Err(failure) => {
            failure.report();
            failure.code(None).into()
        }
    }
}

fn told(arguments: &ConfigArguments) -> Result<(), Failure> {
    let project = Project::of(&arguments.dir);
    let settings = project.config(Vec::new())?.shown;
    let file = Some(project.root.join(FILE_NAME)).filter(|file| file.is_file());
    if arguments.json {
        let settings = Settings { file, settings: &settings };
        print_json(&settings);
        return Ok(());
    }
    let file = match file {
        Some(file) => file.display().to_string(),
        None => format!("no {FILE_NAME} in {}", project.root.display()),
    };
    let mut lines = vec![Line::new(Tone::Dim, &format!("# {file}"))];
    lines.extend(table(&settings));
    print_out(&lines);
    Ok(())
}

/// One line for each, in columns; what nobody has set is dim.
fn table(settings: &[Shown]) -> Vec<Line> {
    let value = |shown: &Shown| {
        if shown.value.is_null() { "unset".to_owned() } else { shown.value.to_string() }
    };
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let keys = width(&mut settings.iter().map(|shown| shown.key.chars().count()));
    let values = width(&mut settings.iter().map(|shown| value(shown).chars().count().min(40)));
    let line = |shown: &Shown| {
        let tone = if shown.origin == Origin::Default { Tone::Dim } else { Tone::Plain };
        let from = if shown.origin == Origin::Default { Tone::Dim } else { Tone::Good };
        Line::new(tone, &format!("{:keys$} = {:values$}", shown.key, value(shown)))
            .and(from, &format!("  {}", shown.origin))
    };
    settings.iter().map(line).collect()
}
