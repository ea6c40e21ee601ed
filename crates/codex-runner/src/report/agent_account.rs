//! [`AgentAccount`]: the agent's account of its work, or why there is none.

use codex_ledger::RecordEnd;

use super::AgentReport;

/// The agent's account of its work, or why there is none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentAccount {
    /// The report, or one sentence on why there is none.
    pub report: Result<AgentReport, String>,
    /// What the turn has used, as far as that is known.
    pub tokens: Option<u64>,
    /// Whether asking was stopped.
    pub is_stopped: bool,
}

impl AgentAccount {
    /// Adds the account to the end of a record, or why there is none.
    pub(crate) fn add_to(&self, end: RecordEnd) -> RecordEnd {
        match &self.report {
            Ok(report) => {
                let end = end.statement_of_work(report.statement_of_work()).adr(report.adr());
                ignored(report).into_iter().fold(end, RecordEnd::report_note)
            }
            Err(why) => end.report_note(unusable(why)),
        }
    }

    /// Returns the sentence on what of the account could not be used.
    pub fn note(&self) -> Option<String> {
        match &self.report {
            Ok(report) => ignored(report),
            Err(why) => Some(unusable(why)),
        }
    }
}

/// The sentence about an answer that is no report.
pub(crate) fn unusable(why: &str) -> String {
    format!("The agent was asked for a report, and there is none that can be used: {why}.")
}

/// The sentence about what a report has that nobody asked for.
pub(crate) fn ignored(report: &AgentReport) -> Option<String> {
    let keys = report.ignored();
    let text = format!(
        "The agent's report also has {}, which was left out: what changed and what was tested is observed.",
        keys.join(", "),
    );
    (!keys.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_of_a_report_is_noted() {
        let account = |answer: &str| {
            let report = AgentReport::read(answer).map_err(|error| error.to_string());
            AgentAccount { report, tokens: None, is_stopped: false }
        };
        let whole = r#"{"statementOfWork":"Added a parser.","decisions":[]}"#;
        assert_eq!(account(whole).note(), None);
        let more = r#"{"statementOfWork":"Added a parser.","decisions":[],"filesAdded":["forged.rs"]}"#;
        assert!(account(more).note().is_some_and(|note| note.contains("filesAdded")));
        assert!(account("All done!").note().is_some_and(|note| note.contains("none that can be used")));
    }
}
