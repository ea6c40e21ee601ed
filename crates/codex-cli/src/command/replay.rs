//! `codex-turns replay`: a recorded stream through the same fold and the same renderer.

mod of_record;

use std::env;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use codex_exec::{EventStream, TransportReport};
use codex_protocol::{Boundary, EventLine, ExitKind};
use codex_runner::AgentFolders;
use codex_turn::{Keep, Turn, TurnError, TurnResult};
use tokio::runtime;

use crate::arguments::ReplayArguments;
use crate::console::{Console, Terminals};
use crate::exit_code::Code;
use crate::failure::CliError;
use crate::outcome::Outcome;
use crate::presentation::{Files, present};
use crate::show::{Pace, Show};
use crate::watch::TurnLinesView;

/// Shows a recorded stream.
pub(crate) fn replay(arguments: &ReplayArguments) -> ExitCode {
    let code = replayed(arguments).unwrap_or_else(|failure| {
        failure.report();
        failure.code(None)
    });
    code.into()
}

fn replayed(arguments: &ReplayArguments) -> Result<Code, CliError> {
    let files = Files::prepare(None, arguments.result.as_deref(), &AgentFolders::of(Path::new("."), &[]))?;
    let (recorded, exit) = if let Some(number) = of_record::number(&arguments.file) {
        of_record::lines(number)?
    } else {
        let recorded = read(&arguments.file)
            .map_err(|source| CliError::Unreadable { path: arguments.file.clone(), source })?;
        (recorded, arguments.signal.map_or(ExitKind::Code(arguments.exit_code), ExitKind::Signal))
    };
    let lines: Vec<&[u8]> = lines(&recorded).collect();
    let no_turn = matches!(exit, ExitKind::Code(_)) && !is_turn(&lines);
    let turn = Turn::over(EventStream::from_parts(lines, TransportReport::new(exit))).keep(Keep::None);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Setup)?;
    let console = Console::start(Terminals::look()).map_err(CliError::Setup)?;
    let show = if arguments.quiet { Show::Nothing } else { Show::Progress };
    Ok(runtime.block_on(async {
        let root = env::current_dir().unwrap_or_default();
        let end = told(turn, TurnLinesView::new(show, Pace::Recorded, root, &console), &console).await;
        let mut outcome = if no_turn {
            Outcome::not_started(&CliError::NoTurn { path: arguments.file.clone() }, None)
        } else {
            judge(end)
        };
        files.write(&mut outcome);
        present(outcome, show, console).await
    }))
}

/// Shows a turn to its end.
async fn told(turn: Turn, mut view: TurnLinesView<'_>, console: &Console) -> Result<TurnResult, TurnError> {
    let mut stream = turn.stream();
    while let Some(Ok(line)) = stream.next_line().await {
        let shown = view.observe(&line, stream.summary());
        view.print(&line, shown).await;
    }
    console.lines(view.finish(stream.summary())).await;
    stream.finish().await
}

fn judge(end: Result<TurnResult, TurnError>) -> Outcome {
    match end {
        Ok(result) => Outcome::ended(&result, None, Pace::Recorded, Some(Vec::new())),
        Err(TurnError::NotCompleted(result)) => {
            Outcome::ended(&result, None, Pace::Recorded, Some(Vec::new()))
        }
        Err(error) => Outcome::not_started(&CliError::of_turn(error), None),
    }
}

/// Whether there is anything of a turn: a process that exits without it counts as one that did not start.
fn is_turn(lines: &[&[u8]]) -> bool {
    let boundary = |raw: &&[u8]| EventLine::new(1, *raw).boundary();
    lines.iter().map(boundary).any(|boundary| !matches!(boundary, Boundary::Within))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    fs::read(path)
}

/// The lines of a recording; the last one counts also where its end was cut off.
fn lines(recorded: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = recorded.strip_suffix(b"\n").unwrap_or(recorded);
    whole.split(|byte| *byte == b'\n').filter(move |_| !recorded.is_empty())
}
