//! [`Hint`]: whether the model is told what tools there are.

use super::tool_set::Tools;

/// Whether the model is told what tools there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Shown,
    LeftOut,
}

/// The sentence for the model, if there is to be one.
///
/// A model of Codex's catalogue is shown the namespaces of servers and not their tools, which it has to search for.
/// Beside the name of a namespace Codex puts what its server says of itself, so this is the place: nothing of
/// the caller's or the user's instructions is replaced.
pub(super) fn hint(tools: &Tools) -> Option<String> {
    (tools.hint == Hint::Shown).then(|| {
        let names: Vec<_> = tools.all.iter().map(|one| format!("`{}`", one.name)).collect();
        format!(
            "Functions of the program that runs this turn: {}. Where they are not listed among your tools, find \
             them with `tool_search`; prefer them to a shell command for what they do.",
            names.join(", ")
        )
    })
}
