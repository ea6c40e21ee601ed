//! [`Accounts`]: what the agents of several tasks say of their work, as one text for the record.

use codex_ledger::{AdrText, AgentReport, RecordEnd};

use super::super::account::{ignored, unusable};

/// What the agents of the tasks say, in the order of the tasks.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    tasks: Vec<(String, Result<AgentReport, String>)>,
}

impl Accounts {
    /// Adds what the agent of a task says, or why it says nothing that can be used.
    pub(super) fn push(&mut self, title: &str, report: Result<AgentReport, String>) {
        self.tasks.push((title.to_owned(), report));
    }

    /// Adds all to the end of a record.
    pub(super) fn add_to(&self, mut end: RecordEnd) -> RecordEnd {
        let reports = || self.tasks.iter().filter_map(|(title, report)| Some((title, report.as_ref().ok()?)));
        if reports().next().is_some() {
            let stated = reports().filter(|(_, report)| !report.statement_of_work().trim().is_empty());
            let parts: Vec<String> = stated
                .map(|(title, report)| format!("# {title}\n\n{}", report.statement_of_work().trim()))
                .collect();
            let decisions: Vec<_> = reports().flat_map(|(_, report)| report.decisions().to_vec()).collect();
            end = end.statement_of_work(parts.join("\n\n"));
            end = end.adr(if decisions.is_empty() { AdrText::None } else { AdrText::Decisions(decisions) });
        }
        self.notes().into_iter().fold(end, RecordEnd::report_note)
    }

    /// What is to be said of reports that could not be used, in whole or in part.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |(title, report): &(String, Result<AgentReport, String>)| {
            let note = match report {
                Ok(report) => ignored(report)?,
                Err(why) => unusable(why),
            };
            Some(format!("{title}: {note}"))
        };
        self.tasks.iter().filter_map(note).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(statement: &str, title: &str) -> AgentReport {
        let empty =
            r#""context":"","optionsConsidered":[],"decision":"","result":"","consequences":"","files":[]"#;
        let decision = format!(r#"{{"title":"{title}","status":"Accepted",{empty}}}"#);
        let decisions = if title.is_empty() { String::new() } else { decision };
        AgentReport::read(&format!(r#"{{"statementOfWork":"{statement}","decisions":[{decisions}]}}"#))
            .unwrap()
    }

    #[test]
    fn accounts_become_one_statement_and_one_list_of_decisions() {
        let mut accounts = Accounts::default();
        accounts.push("One", Ok(report("Made one.", "Use A")));
        accounts.push("Two", Err("the answer is no JSON".to_owned()));
        accounts.push("Three", Ok(report("Made three.", "Use B")));
        let end = accounts.add_to(RecordEnd::new());
        assert_eq!(end.statement_of_work.unwrap(), "# One\n\nMade one.\n\n# Three\n\nMade three.");
        let Some(AdrText::Decisions(decisions)) = end.adr else { panic!("there are decisions") };
        assert_eq!(
            decisions.iter().map(|decision| decision.title.as_str()).collect::<Vec<_>>(),
            ["Use A", "Use B"]
        );
        assert_eq!(end.report_notes.len(), 1);
        assert!(end.report_notes[0].starts_with("Two: The agent was asked"), "{:?}", end.report_notes);
    }

    #[test]
    fn without_a_report_the_derived_texts_stay() {
        let mut accounts = Accounts::default();
        accounts.push("One", Err("it was stopped".to_owned()));
        let end = accounts.add_to(RecordEnd::new());
        assert!(end.statement_of_work.is_none() && end.adr.is_none());
        assert_eq!(end.report_notes.len(), 1);
    }

    #[test]
    fn a_report_without_decisions_records_none() {
        let mut accounts = Accounts::default();
        accounts.push("One", Ok(report("Made one.", "")));
        assert_eq!(accounts.add_to(RecordEnd::new()).adr, Some(AdrText::None));
    }
}
