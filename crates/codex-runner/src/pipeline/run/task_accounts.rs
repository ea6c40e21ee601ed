//! [`TaskAccounts`]: what the agents of several tasks say of their work, as one text for the record.

use codex_ledger::RecordEnd;
use codex_ledger::texts::AdrText;

use crate::report::{AgentReport, ignored, unusable};

/// What the agents of the tasks say, in the order of the tasks.
#[derive(Debug, Default)]
pub(crate) struct TaskAccounts {
    tasks: Vec<TaskAccount>,
}

/// What the agent of one task says.
#[derive(Debug)]
struct TaskAccount {
    title: String,
    /// Its report, or why there is none that can be used; nothing if it was not asked.
    report: Option<Result<AgentReport, String>>,
    /// Its last message about the work.
    said: Option<String>,
}

impl TaskAccounts {
    /// Adds what the agent of a task says: its report or why there is none that can be used, if it was asked, and its
    /// last message about the work, which stands where there is no report.
    pub(crate) fn push(
        &mut self,
        title: &str,
        report: Option<Result<AgentReport, String>>,
        said: Option<String>,
    ) {
        self.tasks.push(TaskAccount { title: title.to_owned(), report, said });
    }

    /// Adds all to the end of a record.
    pub(crate) fn add_to(&self, mut end: RecordEnd) -> RecordEnd {
        let reports: Vec<&AgentReport> = self.tasks.iter().filter_map(TaskAccount::report).collect();
        // Without any, the record derives both texts.
        if !reports.is_empty() {
            let parts: Vec<String> = self.tasks.iter().filter_map(TaskAccount::statement).collect();
            let decisions: Vec<_> =
                reports.into_iter().flat_map(|report| report.decisions().to_vec()).collect();
            end = end.statement_of_work(parts.join("\n\n"));
            end = end.adr(if decisions.is_empty() { AdrText::None } else { AdrText::Decisions(decisions) });
        }
        self.notes().into_iter().fold(end, RecordEnd::report_note)
    }

    /// What is to be said of reports that could not be used, in whole or in part.
    pub(crate) fn notes(&self) -> Vec<String> {
        let note = |task: &TaskAccount| {
            let note = match task.report.as_ref()? {
                Ok(report) => ignored(report)?,
                Err(why) => unusable(why),
            };
            Some(format!("{}: {note}", task.title))
        };
        self.tasks.iter().filter_map(note).collect()
    }
}

impl TaskAccount {
    fn report(&self) -> Option<&AgentReport> {
        self.report.as_ref()?.as_ref().ok()
    }

    fn statement(&self) -> Option<String> {
        let text = match self.report() {
            Some(report) => report.statement_of_work().trim(),
            None => self.said.as_deref().unwrap_or_default().trim(),
        };
        (!text.is_empty()).then(|| format!("# {}\n\n{text}", self.title))
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
        let mut accounts = TaskAccounts::default();
        accounts.push("One", Some(Ok(report("Made one.", "Use A"))), Some("One stands.".to_owned()));
        accounts.push("Two", Some(Err("the answer is no JSON".to_owned())), Some("Two stands.".to_owned()));
        accounts.push("Three", Some(Ok(report("Made three.", "Use B"))), None);
        accounts.push("Four", None, Some("Four cannot be made.\n".to_owned()));
        let end = accounts.add_to(RecordEnd::new());
        assert_eq!(
            end.statement_of_work.unwrap(),
            "# One\n\nMade one.\n\n# Two\n\nTwo stands.\n\n# Three\n\nMade three.\n\n# Four\n\nFour cannot be made.",
            "what there is no report of is derived"
        );
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
        let mut accounts = TaskAccounts::default();
        accounts.push("One", Some(Err("it was stopped".to_owned())), Some("One stands.".to_owned()));
        let end = accounts.add_to(RecordEnd::new());
        assert!(end.statement_of_work.is_none() && end.adr.is_none());
        assert_eq!(end.report_notes.len(), 1);
    }

    #[test]
    fn a_report_without_decisions_records_none() {
        let mut accounts = TaskAccounts::default();
        accounts.push("One", Some(Ok(report("Made one.", ""))), None);
        assert_eq!(accounts.add_to(RecordEnd::new()).adr, Some(AdrText::None));
    }
}
