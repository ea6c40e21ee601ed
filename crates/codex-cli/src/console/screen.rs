//! [`Screen`]: standard error, with a status line below what was printed where it is a terminal.

use std::env;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd;

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Width, terminal_size_of};

use crate::logging;
use crate::render::{Line, for_terminal};

/// How wide a line may be where there is no terminal: longer ones are commands and paths that nobody reads whole.
const PLAIN_COLUMNS: usize = 240;
/// Where the terminal does not say.
const USUAL_COLUMNS: usize = 80;

/// Which outputs are terminals, and what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminals {
    /// Standard output.
    pub(crate) output: Destination,
    /// Standard error.
    pub(crate) error: Destination,
    /// Whether standard error takes colours.
    colors: Colors,
    /// Whether standard output is the log of a build service.
    log: Log,
}

/// Whether standard output goes to the log of a build service, which looks for commands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    ReadForCommands,
    NotRead,
}

/// Variables by which a build service says that it reads commands from what is printed.
const READERS: [&str; 3] = ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"];

/// What an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A terminal, on which the cursor can be moved.
    Terminal,
    /// A terminal that only prints.
    DumbTerminal,
    /// A file or a pipe.
    Other,
}

/// Whether a line may be cut to the width of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Cut,
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colors {
    Shown,
    LeftOut,
}

impl Terminals {
    /// Looks at the outputs of this process.
    pub(crate) fn look() -> Self {
        let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let destination = |is_terminal| match (is_terminal, dumb) {
            (false, _) => Destination::Other,
            (true, false) => Destination::Terminal,
            (true, true) => Destination::DumbTerminal,
        };
        let colors = match AutoStream::choice(&io::stderr()) {
            ColorChoice::Never => Colors::LeftOut,
            ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => Colors::Shown,
        };
        let is_set =
            |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
        let is_read = READERS.iter().any(is_set) && !is_file(io::stdout());
        Self {
            log: if is_read { Log::ReadForCommands } else { Log::NotRead },
            output: destination(io::stdout().is_terminal()),
            error: destination(io::stderr().is_terminal()),
            colors,
        }
    }

    /// Whether a status line can be drawn. A log would be mixed up with it.
    pub(crate) fn is_live(self) -> bool {
        self.error == Destination::Terminal && !logging::is_on()
    }

    /// Whether what is printed to standard output is looked through for commands.
    pub(crate) fn are_read_for_commands(self) -> bool {
        self.log == Log::ReadForCommands
    }

    /// Whether answer and progress appear in one place.
    pub(crate) fn share_a_screen(self) -> bool {
        self.output != Destination::Other && self.error != Destination::Other
    }
}

/// Standard error, with a status line below what was printed.
#[derive(Debug)]
pub(super) struct Screen {
    terminals: Terminals,
    /// The status line as it was drawn last, and how many columns it took then.
    drawn: Option<(Line, usize)>,
}

impl Screen {
    pub(super) fn new(terminals: Terminals) -> Self {
        Self { terminals, drawn: None }
    }

    /// Prints lines above the status line.
    pub(super) fn print(&mut self, lines: &[Line], fit: Fit) {
        let columns = self.columns();
        let status = self.drawn.take();
        let mut text = status.as_ref().map(|(_, width)| erased(*width, columns)).unwrap_or_default();
        for line in lines {
            // Writing to a string cannot fail.
            let _ = match fit {
                Fit::Cut => writeln!(text, "{}", self.painted(&line.cut(columns))),
                Fit::Whole => writeln!(text, "{}", self.painted(line)),
            };
        }
        if let Some((line, _)) = status {
            text.push_str(&self.draw(line, columns));
        }
        emit(&text);
    }

    /// Draws the status line, over the one before.
    pub(super) fn status(&mut self, line: Line) {
        if !self.terminals.is_live() {
            return;
        }
        let columns = self.columns();
        let mut text = self.drawn.take().map(|(_, width)| erased(width, columns)).unwrap_or_default();
        text.push_str(&self.draw(line, columns));
        emit(&text);
    }

    /// Takes the status line away.
    pub(super) fn clear(&mut self) {
        if let Some((_, width)) = self.drawn.take() {
            emit(&erased(width, self.columns()));
        }
    }

    /// The answer as standard output takes it.
    pub(super) fn answer(&self, answer: &str) -> String {
        match self.terminals.output {
            Destination::Terminal | Destination::DumbTerminal => for_terminal(answer),
            Destination::Other => answer.to_owned(),
        }
    }

    fn draw(&mut self, line: Line, columns: usize) -> String {
        // The last column stays free: a full line makes some terminals begin the next.
        let cut = line.cut(columns.saturating_sub(1));
        let text = self.painted(&cut);
        self.drawn = Some((line, cut.columns()));
        text
    }

    fn painted(&self, line: &Line) -> String {
        match self.terminals.colors {
            Colors::Shown => line.painted(),
            Colors::LeftOut => line.text(),
        }
    }

    /// How wide a line may be now.
    fn columns(&self) -> usize {
        match self.terminals.error {
            Destination::Other => PLAIN_COLUMNS,
            Destination::Terminal | Destination::DumbTerminal => {
                let size = terminal_size_of(io::stderr());
                size.map_or(USUAL_COLUMNS, |(Width(columns), _)| usize::from(columns)).max(1)
            }
        }
    }
}

/// Whether an output is a plain file.
fn is_file(output: impl AsFd) -> bool {
    let file = output.as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|found| found.is_file())
}

/// The codes that erase a line of this width. It takes several rows where the terminal has become narrower.
fn erased(width: usize, columns: usize) -> String {
    let rows_above = width.saturating_sub(1) / columns;
    if rows_above == 0 { "\r\u{1b}[J".to_owned() } else { format!("\r\u{1b}[{rows_above}A\u{1b}[J") }
}

fn emit(text: &str) {
    // There is nobody to tell that standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 80, "\r\u{1b}[J")]
    #[case(79, 80, "\r\u{1b}[J")]
    #[case::made_narrower(79, 40, "\r\u{1b}[1A\u{1b}[J")]
    #[case::much_narrower(79, 20, "\r\u{1b}[3A\u{1b}[J")]
    fn a_status_line_is_erased_whole(#[case] width: usize, #[case] columns: usize, #[case] expected: &str) {
        assert_eq!(erased(width, columns), expected);
    }
}
