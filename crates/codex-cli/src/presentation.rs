//! [`Files`] and [`present`]: where the outcome of a turn goes.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use codex_ledger::Redactor;
use codex_runner::{AgentFolders, WholeFile};

use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::{CliError, error_line, warning_line};
use crate::outcome::Outcome;
use crate::render::{Line, without_ci_commands};
use crate::result_file::ResultObject;
use crate::show::Show;

/// What is said where a build service would take a part of the answer for a command.
const CHANGED: &str = "the answer has what this build service takes for a command; standard output has it with a blank \
                       in it, and `-o FILE` writes the answer as it is";

/// The files that were asked for.
#[derive(Default)]
pub(crate) struct Files {
    answer: Option<WholeFile>,
    result: Option<WholeFile>,
    redactor: Option<Redactor>,
}

impl Files {
    /// Opens their folders, looks whether they can be written, and removes the answer of an earlier turn.
    ///
    /// # Errors
    ///
    /// They cannot.
    pub(crate) fn prepare(
        answer: Option<&Path>,
        result: Option<&Path>,
        theirs: &AgentFolders,
    ) -> Result<Self, CliError> {
        let unwritable = |path: &Path, source| CliError::Unwritable { path: path.to_owned(), source };
        let prepare = |path| WholeFile::prepare(path, theirs).map_err(|source| unwritable(path, source));
        let answer = answer.map(prepare).transpose()?;
        let result = result.map(prepare).transpose()?;
        if let (Some(answer), Some(result)) = (&answer, &result)
            && answer.is_same(result)
        {
            return Err(CliError::OneFileTwice { path: answer.path().to_owned() });
        }
        if let Some(answer) = &answer {
            answer.clear().map_err(|source| unwritable(answer.path(), source))?;
        }
        Ok(Self { answer, result, redactor: None })
    }

    /// Has secrets taken out of what is written, if this says so.
    #[must_use]
    pub(crate) fn redacted(self, redactor: Option<Redactor>) -> Self {
        Self { redactor, ..self }
    }

    /// Writes them; tells what could not be written, and the code that follows.
    pub(crate) fn write<R: ResultObject>(&self, outcome: &mut Outcome<R>) {
        if let (Some(file), Code::Completed) = (&self.answer, outcome.code) {
            if outcome.answer.is_none() {
                outcome.notes.push(warning_line("the turn has no answer; an empty file is written for it"));
            }
            let answer = outcome.answer.clone().unwrap_or_default();
            let answer = self.redactor.as_ref().map_or_else(
                || Cow::Borrowed(answer.as_bytes()),
                |redactor| redactor.redact(answer.as_bytes()).bytes.into(),
            );
            outcome.unwritten(file, file.write(&answer));
        }
        if let Some(file) = &self.result {
            let report = &outcome.report;
            let json = self
                .redactor
                .as_ref()
                .map_or_else(|| report.to_json(), |redactor| report.to_redacted_json(redactor));
            outcome.unwritten(file, file.write(json.as_bytes()));
        }
    }
}

impl<R: ResultObject> Outcome<R> {
    /// A file that is not there must not look like success.
    fn unwritten(&mut self, file: &WholeFile, written: io::Result<()>) {
        let Err(error) = written else { return };
        self.problems.push(error_line(&format!("cannot write {}: {error}", file.path().display())));
        if self.code == Code::Completed {
            self.code = Code::Failed;
            self.report.set_exit_code(Code::Failed);
        }
    }
}

/// Says why nothing runs, where there is no console to say it; tells the exit code.
pub(crate) fn refuse<R: ResultObject>(mut outcome: Outcome<R>, files: &Files) -> Code {
    files.write(&mut outcome);
    crate::failure::print(&outcome.problems);
    outcome.code
}

/// Prints an outcome and ends the console; tells the exit code.
pub(crate) async fn present<R>(outcome: Outcome<R>, show: Show, console: Console) -> Code {
    let Outcome { code, answer, mut notes, closing, problems, .. } = outcome;
    let apart = show == Show::Progress && console.terminals().share_a_screen();
    let gap = || if apart { vec![Line::default()] } else { Vec::new() };
    if let (Some(answer), false) = (answer, show == Show::RawLines) {
        console.statements(gap()).await;
        let shown = match without_ci_commands(&answer) {
            Cow::Owned(safe) if console.terminals().are_read_for_commands() => {
                notes.push(warning_line(CHANGED));
                safe
            }
            Cow::Owned(_) | Cow::Borrowed(_) => answer.clone(),
        };
        console.answer(&shown).await;
        console.statements(gap()).await;
    }
    if show != Show::Nothing {
        console.statements(notes).await;
    }
    if show == Show::Progress {
        console.statements(closing).await;
    }
    console.statements(problems).await;
    match console.finish().await {
        Ok(()) => code,
        Err(error) => {
            let line = error_line(&format!("cannot write to standard output: {error}"));
            // The console is gone; what is said now is said directly.
            crate::failure::print(&[line]);
            if code == Code::Completed { Code::Failed } else { code }
        }
    }
}
