//! `codex-turns trust`: what the settings of a project do, and that they may.

use std::path::Path;
use std::process::ExitCode;

use codex_runner::{
    Environment, FILE_NAME, FileList, ProjectPlace, RunnerError, TRUST_VARIABLE, TrustRecord, trust_store,
    trust_subject,
};

use crate::arguments::TrustArguments;
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::output::print_out;
use crate::render::{Line, Tone};

/// As many lines of effects are printed.
const LINES: usize = 9;
/// As much of one effect is printed.
const CHARACTERS: usize = 400;

/// Trusts the settings of a project, or shows or forgets what is trusted of it.
pub(crate) fn trust(arguments: &TrustArguments) -> ExitCode {
    let root = ProjectPlace::of(&arguments.dir).root;
    let done = if arguments.revoke { revoke(&root) } else { look(&root, arguments.show) };
    done.unwrap_or_else(|failure| {
        failure.report();
        failure.code(None)
    })
    .into()
}

fn revoke(root: &Path) -> Result<Code, CliError> {
    let forgotten = trust_store(root, &Environment::of_process())?.forget(root).map_err(RunnerError::from)?;
    let text = if forgotten { "nothing of this project is trusted any more" } else { "nothing was trusted" };
    print_out(&[Line::new(Tone::Plain, text)]);
    Ok(Code::Completed)
}

fn look(root: &Path, shows: bool) -> Result<Code, CliError> {
    let now = trust_subject(root)?;
    let files = &now.files;
    if files.paths().next().is_none() {
        let text = format!(
            "there is no {FILE_NAME}, .codex, AGENTS.md or skill in {}: there is nothing to trust",
            root.display()
        );
        print_out(&[Line::new(Tone::Plain, &text)]);
        return Ok(Code::Completed);
    }
    let has_settings = files.only(FILE_NAME).is_some();
    let subject = if has_settings { FILE_NAME } else { "what this project says to Codex" };
    let store = trust_store(root, &Environment::of_process())?;
    let before = store.load(root).map_err(RunnerError::from)?;
    let digest = files.digest();
    print_out(&told(before.as_ref(), &now));
    let is_trusted = before.as_ref().is_some_and(|before| before.files == now.files);
    let (tone, mark, text) = match (shows, is_trusted) {
        (_, true) => (Tone::Good, "✓ ", format!("{subject} is trusted as it is")),
        (true, false) => {
            (Tone::Warning, "• ", format!("{subject} is not trusted; `codex-turns trust` trusts it"))
        }
        (false, false) => {
            store.save(root, &now).map_err(RunnerError::from)?;
            (Tone::Good, "✓ ", format!("{subject} is trusted as it is now, until it changes"))
        }
    };
    print_out(&[
        Line::new(tone, mark).and(Tone::Plain, &text),
        Line::new(Tone::Dim, &format!("elsewhere, for these bytes: {TRUST_VARIABLE}={digest}")),
    ]);
    Ok(Code::Completed)
}

/// The lines of effects: all of them, or what has changed.
fn told(before: Option<&TrustRecord>, now: &TrustRecord) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    match before {
        None => {
            lines.extend(now.effects.iter().map(|effect| line(Tone::Plain, "  ", effect)));
            if now.effects.is_empty() {
                lines.push(line(Tone::Dim, "  ", "it has nothing that needs trust"));
            }
            lines.extend(others(&now.files, "with these files, as they are: "));
        }
        Some(before) if before.files == now.files => {
            lines.extend(now.effects.iter().map(|effect| line(Tone::Plain, "  ", effect)));
        }
        Some(before) => {
            let gone = before.effects.iter().filter(|effect| !now.effects.contains(effect));
            lines.extend(gone.map(|effect| line(Tone::Bad, "- ", effect)));
            let new = now.effects.iter().filter(|effect| !before.effects.contains(effect));
            lines.extend(new.map(|effect| line(Tone::Good, "+ ", effect)));
            let changed = now.files.changed(&before.files).join(", ");
            lines.push(line(Tone::Warning, "  ", &format!("changed since it was trusted: {changed}")));
        }
    }
    if lines.len() > LINES {
        let more = lines.len() - (LINES - 1);
        lines.truncate(LINES - 1);
        lines.push(line(
            Tone::Warning,
            "  ",
            &format!("and {more} more: read {FILE_NAME} before you trust it"),
        ));
    }
    lines
}

/// The files other than that of the settings.
fn others(files: &FileList, words: &str) -> Option<Line> {
    let names: Vec<&str> = files.paths().filter(|path| *path != FILE_NAME).collect();
    (!names.is_empty()).then(|| line(Tone::Dim, "  ", &format!("{words}{}", names.join(", "))))
}

fn line(tone: Tone, mark: &str, text: &str) -> Line {
    let count = text.chars().count();
    if count <= CHARACTERS {
        return Line::new(tone, mark).and(Tone::Plain, text);
    }
    let start: String = text.chars().take(CHARACTERS).collect();
    let rest = format!(" … and {} more characters: read {FILE_NAME} before you trust it", count - CHARACTERS);
    Line::new(tone, mark).and(Tone::Plain, &start).and(Tone::Warning, &rest)
}
