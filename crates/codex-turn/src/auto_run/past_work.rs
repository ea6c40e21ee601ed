//! [`PastWork`]: what a turn that did not complete had already done, which decides how it is tried again.

use codex_protocol::{ItemDetails, ThreadItem, Verdict};

use super::StepKind;
use crate::TurnResult;

/// What a turn that did not complete had already done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PastWork {
    /// Nothing, for certain: the same prompt again repeats nothing.
    Nothing,
    /// Something, or nobody can say; and there is a thread to continue.
    Something,
    /// Something, or nobody can say; and the thread is unknown, so that it cannot be continued.
    OutOfReach,
}

/// How many things are told to the agent.
const LISTED: usize = 20;

impl PastWork {
    pub(crate) fn of(turn: &TurnResult) -> Self {
        if is_nothing(turn) {
            return Self::Nothing;
        }
        if turn.thread_id.is_some() { Self::Something } else { Self::OutOfReach }
    }

    /// How the turn is tried again, and with which prompt; `None`: it cannot be.
    ///
    /// `prompt` is what the turn was told, `asked` what is wanted: they differ where the turn went on with
    /// one that had broken off itself.
    pub(crate) fn again(self, turn: &TurnResult, asked: &str, prompt: &str) -> Option<(StepKind, String)> {
        match self {
            Self::Nothing => Some((StepKind::RetrySamePrompt, prompt.to_owned())),
            Self::Something => Some((StepKind::RetryAfterWork, resume_prompt(turn, asked))),
            Self::OutOfReach => None,
        }
    }
}

/// Whether it is certain that the turn did nothing.
///
/// A turn that Codex itself ended has printed all that ran. One that was cut off may have run a command whose
/// item had not been printed yet; then only Codex's own record of the thread can tell.
fn is_nothing(turn: &TurnResult) -> bool {
    let nothing_printed = turn.items().iter().all(|item| matches!(item.details, ItemDetails::Error(_)));
    let nothing_unseen = match turn.unseen_calls() {
        Some(calls) => calls.is_empty(),
        None => matches!(turn.verdict, Verdict::Failed(_)),
    };
    nothing_printed && nothing_unseen
}

fn resume_prompt(turn: &TurnResult, asked: &str) -> String {
    let mut done: Vec<String> = turn.items().iter().filter_map(told).collect();
    if let Some(calls) = turn.unseen_calls() {
        done.extend(
            calls
                .iter()
                .map(|call| format!("- called {}, with an outcome that is not known", short(&call.name))),
        );
    }
    let more = done.len().saturating_sub(LISTED);
    done.truncate(LISTED);
    if more > 0 {
        done.push(format!("- and {more} more things"));
    }
    if done.is_empty() {
        done.push("- nothing that was reported; commands may have run all the same".to_owned());
    }
    format!(
        "The last turn broke off before it was finished ({}). Until then it had done this:\n\n{}\n\n\
         What was done stays done: do not do it again. Look at how things are now, then do what is left of \
         what was asked for:\n\n{asked}",
        short(&turn.verdict.to_string()),
        done.join("\n"),
    )
}

fn told(item: &ThreadItem) -> Option<String> {
    Some(match &item.details {
        ItemDetails::CommandExecution(command) => match command.exit_code {
            Some(code) => format!("- ran {}, which exited with code {code}", short(&command.command)),
            None => format!("- started {}, whose end is not known", short(&command.command)),
        },
        ItemDetails::FileChange(change) => {
            let paths: Vec<_> = change.changes.iter().map(|update| update.path.as_str()).collect();
            format!("- changed files ({}): {}", change.status, short(&paths.join(", ")))
        }
        ItemDetails::McpToolCall(call) => {
            format!("- called the tool {}.{} ({})", call.server, call.tool, call.status)
        }
        ItemDetails::CollabToolCall(call) => format!("- used another agent ({})", call.tool),
        ItemDetails::WebSearch(search) => format!("- searched the web for {}", short(&search.query)),
        ItemDetails::AgentMessage(_)
        | ItemDetails::Reasoning(_)
        | ItemDetails::TodoList(_)
        | ItemDetails::Error(_) => return None,
        ItemDetails::Unknown(_) | _ => format!("- did something of the kind {}", item.name()),
    })
}

fn short(text: &str) -> String {
    let mut line: String = text.chars().take(200).collect();
    if line.len() < text.len() {
        line.push_str("...");
    }
    format!("`{}`", line.replace(['\n', '\r', '`'], " "))
}
