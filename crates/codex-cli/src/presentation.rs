//! [`Files`] and [`present`]: where the outcome of a turn goes.

use std::io;
use std::path::Path;

use crate::conduct::Show;
use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::{Failure, error_line, warning_line};
use crate::open_folder::AgentFolders;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::render::Line;
use crate::result_file::ResultObject;

/// The files that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Files {
    answer: Option<OutputFile>,
    result: Option<OutputFile>,
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
    ) -> Result<Self, Failure> {
        let prepare = |path| OutputFile::prepare(path, theirs);
        let answer = answer.map(prepare).transpose()?;
        let result = result.map(prepare).transpose()?;
        if let (Some(answer), Some(result)) = (&answer, &result)
            && answer.is_same(result)
        {
            return Err(Failure::OneFileTwice { path: answer.path().to_owned() });
        }
        if let Some(answer) = &answer {
            answer.clear()?;
        }
        Ok(Self { answer, result })
    }

    /// Writes them; tells what could not be written, and the code that follows.
    pub(crate) fn write<R: ResultObject>(&self, outcome: &mut Outcome<R>) {
        if let (Some(file), Code::Completed) = (&self.answer, outcome.code) {
            if outcome.answer.is_none() {
                outcome.notes.push(warning_line("the turn has no answer; an empty file is written for it"));
            }
            let answer = outcome.answer.as_deref().unwrap_or_default();
            outcome.unwritten(file, file.write(answer.as_bytes()));
        }
        if let Some(file) = &self.result {
            outcome.unwritten(file, file.write(&outcome.report.to_json()));
        }
    }
}

impl<R: ResultObject> Outcome<R> {
    /// A file that is not there must not look like success.
    fn unwritten(&mut self, file: &OutputFile, written: io::Result<()>) {
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
    let Outcome { code, answer, notes, closing, problems, .. } = outcome;
    let apart = show == Show::Progress && console.terminals().share_a_screen();
    let gap = || if apart { vec![Line::default()] } else { Vec::new() };
    if let (Some(answer), false) = (answer, show == Show::RawLines) {
        console.statements(gap()).await;
        console.answer(&answer).await;
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
