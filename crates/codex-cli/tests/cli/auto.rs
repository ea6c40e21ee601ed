//! `codex-turns auto`: turn after turn until the checks pass.

mod json;
mod signals;
mod steps;
mod stops;
mod terminal;

use std::process::Command;

use codex_fixtures::{FakeCodex, FakeScript};

use crate::scratch::{Ran, Scratch, THREAD};

/// A check that passes once `done` is there, and says more than one line until then.
pub(crate) const CHECK: &str = "test -e done || { echo 'is not'; echo 'done yet'; exit 3; }";

/// Codex that plays these turns, one for each start.
pub(crate) fn turns(scripts: impl IntoIterator<Item = FakeScript>) -> FakeCodex {
    let starts = scripts.into_iter().fold(FakeCodex::builder(), codex_fixtures::FakeCodexBuilder::start);
    starts.build()
}

/// A turn that does not do it.
pub(crate) fn red() -> FakeScript {
    FakeScript::completed_turn("I think it is done.")
}

/// A turn that does.
pub(crate) fn green() -> FakeScript {
    FakeScript::new().write_file("done", "").then(FakeScript::completed_turn("Now it is done."))
}

/// A turn that fails with this message, before it did anything.
pub(crate) fn failing(message: &str) -> FakeScript {
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#))
        .exit(1)
}

/// `codex-turns auto`, with the shell within reach.
pub(crate) fn command(scratch: &Scratch, fake: &FakeCodex, arguments: &[&str]) -> Command {
    let mut command = scratch.command(Some(&fake.path()));
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").arg("auto").args(arguments);
    command
}

pub(crate) fn auto(scratch: &Scratch, fake: &FakeCodex, arguments: &[&str]) -> Ran {
    Ran::from(command(scratch, fake, arguments).output().unwrap())
}

/// Text without how long anything took.
pub(crate) fn timeless(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end().trim_matches(['(', ')', ',']);
        let number = bare.strip_suffix('s').filter(|number| number.parse::<f64>().is_ok());
        words.push(number.map_or_else(|| word.to_owned(), |_| word.replace(bare, "TIME")));
    }
    words.concat()
}
