//! `codex-turns trust`: what the settings of a project do, and that they may.

use std::path::Path;
use std::process::ExitCode;

use crate::arguments::{TrustArguments, TrustOptions};
use crate::config::{Belief, Claimed, Config, Effect, Environment, FILE_NAME, SettingsFile};
use crate::exit_code::Code;
use crate::failure::Failure;
use crate::output::print_out;
use crate::project::Project;
use crate::project_layer;
use crate::render::{Line, Tone};
use crate::trust::{FileList, Record};
use crate::trust_setup::{Trusting, VARIABLE, everything};

/// As many lines of effects are printed.
const LINES: usize = 9;
/// As much of one effect is printed.
const CHARACTERS: usize = 400;

/// Trusts the settings of a project, or shows or forgets what is trusted of it.
pub(crate) fn trust(arguments: &TrustArguments) -> ExitCode {
    let root = Project::of(&arguments.dir).root;
    let done = if arguments.revoke { revoke(&root) } else { look(&root, arguments.show) };
    done.unwrap_or_else(|failure| {
        failure.report();
        failure.code(None)
    })
    .into()
}

fn revoke(root: &Path) -> Result<Code, Failure> {
    let forgotten = trusting(root)?.store()?.forget(root)?;
    let text = if forgotten { "nothing of this project is trusted any more" } else { "nothing was trusted" };
    print_out(&[Line::new(Tone::Plain, text)]);
    Ok(Code::Completed)
}

fn look(root: &Path, shows: bool) -> Result<Code, Failure> {
    let file = SettingsFile::of_project(root)?;
    let files = everything(root, file.as_ref())?;
    if files.paths().next().is_none() {
        let text = format!(
            "there is no {FILE_NAME}, .codex, AGENTS.md or skill in {}: there is nothing to trust",
            root.display()
        );
        print_out(&[Line::new(Tone::Plain, &text)]);
        return Ok(Code::Completed);
    }
    let mut effects = file.as_ref().map(effects_of).transpose()?.unwrap_or_default();
    effects.extend(project_layer::effects(root));
    let subject = if file.is_some() { FILE_NAME } else { "what this project says to Codex" };
    let store = trusting(root)?.store()?;
    let before = store.load(root)?;
    let digest = files.digest();
    let now = Record::new(root, files, effects);
    print_out(&told(before.as_ref(), &now));
    let is_trusted = before.as_ref().is_some_and(|before| before.files == now.files);
    let (tone, mark, text) = match (shows, is_trusted) {
        (_, true) => (Tone::Good, "✓ ", format!("{subject} is trusted as it is")),
        (true, false) => {
            (Tone::Warning, "• ", format!("{subject} is not trusted; `codex-turns trust` trusts it"))
        }
        (false, false) => {
            store.save(root, &now)?;
            (Tone::Good, "✓ ", format!("{subject} is trusted as it is now, until it changes"))
        }
    };
    print_out(&[
        Line::new(tone, mark).and(Tone::Plain, &text),
        Line::new(Tone::Dim, &format!("elsewhere, for these bytes: {VARIABLE}={digest}")),
    ]);
    Ok(Code::Completed)
}

fn trusting(root: &Path) -> Result<Trusting<'_>, Failure> {
    Trusting::of(root, &TrustOptions::default(), &Environment::default(), &[])
}

/// What a file of settings does that needs trust, one sentence each.
///
/// # Errors
///
/// A setting cannot be understood.
pub(super) fn effects_of(file: &SettingsFile) -> Result<Vec<String>, Failure> {
    let config = Config::load(Some(file.clone()), Belief::Trusted, Environment::default(), Vec::new())?;
    Ok(sentences(&config.claimed))
}

/// A sentence for each command, and one for all other settings that have the same effect.
fn sentences(claimed: &[Claimed]) -> Vec<String> {
    let mut effects: Vec<Effect> = claimed.iter().map(|claimed| claimed.effect).collect();
    effects.sort_unstable();
    effects.dedup();
    let mut sentences = Vec::new();
    for effect in effects {
        let mut settings = claimed
            .iter()
            .filter(|claimed| claimed.effect == effect)
            .map(|Claimed { key, value, .. }| (key, value));
        let words = effect.words();
        if effect == Effect::Runs {
            sentences.extend(settings.map(|(key, value)| format!("{words} {value} ({key})")));
        } else {
            let first = settings.next().map(|(key, value)| format!("{words}: {key} = {value}"));
            sentences
                .push(settings.fold(first.unwrap_or_default(), |text, (key, value)| {
                    format!("{text}, {key} = {value}")
                }));
        }
    }
    sentences
}

/// The lines of effects: all of them, or what has changed.
fn told(before: Option<&Record>, now: &Record) -> Vec<Line> {
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

/// The files besides that of the settings.
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
