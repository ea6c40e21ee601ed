//! `codex-turns config`: the settings in force, and where each comes from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use codex_runner::{Environment, FILE_NAME, Origin, Project, ProjectBuilder, ShownSetting};
use serde::Serialize;

use crate::arguments::ConfigArguments;
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::notices;
use crate::output::{print_json, print_out};
use crate::render::{Line, Tone};

/// What `--json` prints.
#[derive(Serialize)]
struct PrintedSettings<'a> {
    file: Option<PathBuf>,
    settings: &'a [ShownSetting],
    /// The keys of the file that do not count, since nobody has trusted it.
    ignored: Vec<&'a str>,
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

fn told(arguments: &ConfigArguments) -> Result<(), CliError> {
    let project = Project::builder(&arguments.dir, Environment::of_process()).trust(arguments.trust.given());
    let project = arguments.config.iter().fold(project, ProjectBuilder::settings_file).open()?;
    let settings = project.settings();
    let (shown, file) = (&settings.shown, settings.file().map(Path::to_owned));
    if arguments.json {
        let ignored = settings.ignored().iter().map(|claimed| claimed.key.as_str()).collect();
        print_json(&PrintedSettings { file, settings: shown, ignored });
        return Ok(());
    }
    let file = match file {
        Some(file) => file.display().to_string(),
        None => format!("no {FILE_NAME} in {}", project.root().display()),
    };
    let mut lines = vec![Line::new(Tone::Dim, &format!("# {file}"))];
    lines.extend(table(shown));
    print_out(&lines);
    notices::tell(&project.notices());
    Ok(())
}

/// One line for each, in columns; what nobody has set is dim.
fn table(settings: &[ShownSetting]) -> Vec<Line> {
    let value = |shown: &ShownSetting| {
        if shown.value.is_null() { "unset".to_owned() } else { shown.value.to_string() }
    };
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let keys = width(&mut settings.iter().map(|shown| shown.key.chars().count()));
    let values = width(&mut settings.iter().map(|shown| value(shown).chars().count().min(40)));
    let line = |shown: &ShownSetting| {
        let tone = if shown.origin == Origin::Default { Tone::Dim } else { Tone::Plain };
        let from = if shown.origin == Origin::Default { Tone::Dim } else { Tone::Good };
        Line::new(tone, &format!("{:keys$} = {:values$}", shown.key, value(shown)))
            .and(from, &format!("  {}", shown.origin))
    };
    settings.iter().map(line).collect()
}
