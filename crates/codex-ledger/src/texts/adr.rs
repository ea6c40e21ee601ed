//! [`adr`]: the decision record of a turn, `adr.md`.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::manifest::Manifest;
use crate::texts::markdown::{code_span, inline, prose};

/// Says where the text of a decision record comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AdrText {
    /// Nobody has stated anything.
    #[default]
    None,
    /// What the agent itself said of its work; no decision in the form of the record.
    Stated(StatedRationale),
    /// Decisions in the form of the record, one or several.
    Decisions(Vec<Decision>),
}

/// Holds what an agent said of its work, which is not what it thought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct StatedRationale {
    /// Its final message.
    pub final_message: Option<String>,
    /// The summaries of its reasoning that it published.
    pub reasoning_summaries: Vec<String>,
    /// What is to be said about where this comes from.
    pub notes: Vec<String>,
}

impl StatedRationale {
    /// What an agent said at the end.
    pub fn new(final_message: impl Into<String>) -> Self {
        Self { final_message: Some(final_message.into()), ..Self::default() }
    }

    /// Adds a summary of its reasoning.
    #[must_use = "this returns the changed rationale"]
    pub fn reasoning_summary(mut self, summary: impl Into<String>) -> Self {
        self.reasoning_summaries.push(summary.into());
        self
    }

    fn is_empty(&self) -> bool {
        self.final_message.iter().chain(&self.reasoning_summaries).all(|text| text.trim().is_empty())
    }
}

/// Holds one decision; an empty text is written as "not stated".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Decision {
    /// What it is called.
    pub title: String,
    /// Whether it stands.
    pub status: AdrStatus,
    /// The problem.
    pub context: String,
    /// What else could have been done.
    pub options_considered: String,
    /// What was chosen.
    pub decision: String,
    /// What was made because of it; where nobody says, the files of the record.
    pub result: String,
    /// What follows from it, good and bad.
    pub consequences: String,
    /// Files that somebody says came of it; they are compared with those that were seen to change.
    pub named_files: Vec<String>,
    /// Whose account of it this is.
    pub account: Account,
}

/// Says whose account of a decision it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "it is the agent's or it is not")]
pub enum Account {
    /// That of whoever keeps the record.
    #[default]
    Given,
    /// The agent's, and the record says so.
    Agent,
}

impl Decision {
    /// A proposed decision of which nothing is stated but its title.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// Says whether a decision stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "the format of the record knows these three")]
pub enum AdrStatus {
    /// It is not settled.
    #[default]
    Proposed,
    /// It is settled.
    Accepted,
    /// It stands no more.
    Deprecated,
}

impl AdrStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Accepted, Self::Deprecated];

    /// The word for it in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proposed => "Proposed",
            Self::Accepted => "Accepted",
            Self::Deprecated => "Deprecated",
        }
    }
}

const NOT_STATED: &str = "not stated\n";
/// Stands above an account of the agent's.
const AGENT_ACCOUNT: &str = "This decision is the agent's own account of it.";
/// How many files a result names; the manifest has all.
const FILES_NAMED: usize = 20;

/// Writes `adr.md`.
///
/// What a turn states is written as its statement, with status Proposed, since nobody has decided anything;
/// where it states nothing, the record says so.
///
/// ```
/// use codex_ledger::{Manifest, TurnId};
/// use codex_ledger::texts::{AdrText, adr};
///
/// let text = adr(&Manifest::new(TurnId::new(7)?, "2025-09-05T17:42:10Z"), &AdrText::None);
/// assert!(text.starts_with("# Architecture Decision Record\n\nNo decision recorded\n\n**Turn**: 7\n"));
/// # Ok::<(), codex_ledger::values::InvalidTurnId>(())
/// ```
pub fn adr(manifest: &Manifest, text: &AdrText) -> String {
    match text {
        AdrText::Decisions(decisions) if !decisions.is_empty() => {
            let records: Vec<String> = decisions.iter().map(|decision| record(manifest, decision)).collect();
            records.join("\n--\n\n")
        }
        AdrText::Stated(stated) if !stated.is_empty() => record(manifest, &statement(manifest, stated)),
        AdrText::None | AdrText::Stated(_) | AdrText::Decisions(_) => {
            record(manifest, &Decision::titled("No decision recorded"))
        }
    }
}

fn statement(manifest: &Manifest, stated: &StatedRationale) -> Decision {
    let summaries = stated.reasoning_summaries.iter().filter(|text| !text.trim().is_empty());
    let summaries: Vec<&str> = summaries.map(String::as_str).collect();
    let mut context = stated.notes.join("\n\n");
    if !summaries.is_empty() {
        let gap = if context.is_empty() { "" } else { "\n\n" };
        let summaries = summaries.join("\n\n");
        context = format!("{context}{gap}The agent's published summaries of its reasoning:\n\n{summaries}");
    }
    let decision = match stated.final_message.as_deref().map(str::trim) {
        None | Some("") => String::new(),
        Some(message) => format!("As stated in the agent's final message:\n\n{message}"),
    };
    let title = format!("Rationale stated for {}", manifest.task.name);
    Decision { context, decision, ..Decision::titled(title) }
}

fn record(manifest: &Manifest, decision: &Decision) -> String {
    let title = inline(&decision.title);
    let title = if title.is_empty() { "not stated" } else { &title };
    let result = result(manifest, decision);
    let context = match decision.account {
        Account::Given => decision.context.clone(),
        Account::Agent => format!("{AGENT_ACCOUNT}\n\n{}", or_not_stated(&decision.context)),
    };
    format!(
        "# Architecture Decision Record\n\n{title}\n\n**Turn**: {turn}\n\n**Status**: {status}\n\n\
         **Date**: {date}\n\n**Context**  \n\n{context}\n**Options Considered**\n\n{options}\n\
         **Decision**  \n\n{choice}\n**Result**\n\n{result}\n**Consequences**  \n\n{consequences}",
        turn = manifest.turn_id,
        status = decision.status.word(),
        date = date(&manifest.timestamp_utc),
        context = body(&context),
        options = body(&decision.options_considered),
        choice = body(&decision.decision),
        consequences = body(&decision.consequences),
    )
}

fn body(text: &str) -> String {
    let text = prose(text, 1);
    if text.trim().is_empty() { NOT_STATED.to_owned() } else { text }
}

fn or_not_stated(text: &str) -> &str {
    if text.trim().is_empty() { NOT_STATED } else { text }
}

/// What came of a decision: the words that are given, and of the files that are named those that did change.
fn result(manifest: &Manifest, decision: &Decision) -> String {
    let is_silent = decision.result.trim().is_empty();
    if decision.named_files.is_empty() {
        return if is_silent { files(manifest) } else { body(&decision.result) };
    }
    let mut text = if is_silent { String::new() } else { body(&decision.result) + "\n" };
    let changes = &manifest.changes;
    let (mut seen, mut unseen) = (String::new(), String::new());
    for path in &decision.named_files {
        let verb =
            [("added", &changes.added), ("modified", &changes.modified), ("deleted", &changes.deleted)]
                .into_iter()
                .find(|(_, paths)| paths.contains(path));
        let _ = match verb {
            Some((verb, _)) => writeln!(seen, "- {verb} {}", code_span(path)),
            None => writeln!(unseen, "- {}", code_span(path)),
        };
    }
    text.push_str(&seen);
    if !unseen.is_empty() {
        let gap = if seen.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{gap}Named as a result, and not among the files that changed:\n\n{unseen}");
    }
    text
}

/// The files that came of the turn, as the manifest has them.
fn files(manifest: &Manifest) -> String {
    let changes = &manifest.changes;
    let new = changes.added.iter().map(|path| ("added", path));
    let existing = changes.modified.iter().map(|path| ("modified", path));
    let mut text = String::new();
    for (verb, path) in new.chain(existing).take(FILES_NAMED) {
        let _ = writeln!(text, "- {verb} {}", code_span(path));
    }
    let more = (changes.added.len() + changes.modified.len()).saturating_sub(FILES_NAMED);
    if more > 0 {
        let _ = writeln!(text, "- and {more} more, which `manifest.json` lists");
    }
    if text.is_empty() { NOT_STATED.to_owned() } else { text }
}

/// `2025-09-05T17:42:10Z` as `2025-09-05 - 17:42`.
fn date(timestamp: &str) -> String {
    match (timestamp.get(..10), timestamp.get(11..16)) {
        (Some(day), Some(time)) => inline(&format!("{day} - {time}")),
        _ => inline(timestamp),
    }
}

#[cfg(test)]
mod tests;
