//! [`AgentReport`]: what an agent says of its own work, when it is asked for it in a form.

use std::fmt;

use serde_json::{Map, Value, json};

use codex_ledger::texts::{Account, AdrStatus, AdrText, Decision};

/// What an agent says of its own work, read from its answer to [`AgentReport::PROMPT`].
///
/// It is the agent's account and nothing else: which files changed, what was run and what the tests said comes from
/// what was observed, whatever stands here.
///
/// ```
/// use codex_runner::AgentReport;
///
/// let answer = r#"{"statementOfWork":"Added a parser.","decisions":[],"filesAdded":["forged.rs"]}"#;
/// let report = AgentReport::read(answer)?;
/// assert_eq!(report.statement_of_work(), "Added a parser.");
/// assert_eq!(report.ignored(), ["filesAdded"]);
/// assert_eq!(
///     AgentReport::read("All done!").unwrap_err().to_string(),
///     "the answer is no JSON: expected value at line 1 column 1",
/// );
/// # Ok::<(), codex_runner::AgentReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentReport {
    statement_of_work: String,
    decisions: Vec<Decision>,
    ignored: Vec<String>,
}

impl AgentReport {
    /// How long an answer may be, in bytes.
    pub const LIMIT_BYTES: usize = 256 * 1024;
    /// How long a text within it may be, in characters.
    pub const TEXT_CHARACTERS: usize = 16_000;
    /// How long a title or a path may be, in characters.
    pub const LINE_CHARACTERS: usize = 300;
    /// How many decisions there may be, and how many options and files each may name.
    pub const MOST: usize = 50;

    /// What the agent is asked, with an answer of the [schema](AgentReport::schema).
    pub const PROMPT: &str = "\
The work is over: change nothing and run nothing any more. Report on what you did in this conversation since the \
last report, as JSON of the given schema.

- statementOfWork: what was done, for a reader who was not there, in a few sentences.
- decisions: one entry for each choice that could have gone another way: a library or pattern instead of \
another, a new folder or layout, something that concerns many places, and also the one choice within a small change. \
The reasoning behind the work belongs here, in short.
  - status: Accepted if it is carried out, Proposed if it still has to be agreed to, Deprecated if it was given up.
  - context: the problem. optionsConsidered: what was thought of before, one text each. decision: what was chosen, \
and what the pattern or the constraints of the project had to do with it. result: what came of it. \
consequences: what it costs and what it brings.
  - files: the files that came of it, relative to the top of the project.

Files, commands and tests are observed by others and compared with what you say. Where there is nothing to say, \
leave a text or a list empty. Make nothing up.";

    /// The form of the answer, strict as the service wants it.
    pub fn schema() -> Value {
        let text = json!({ "type": "string" });
        let texts = json!({ "type": "array", "items": { "type": "string" } });
        let status = AdrStatus::ALL.map(AdrStatus::word);
        let decision = json!({
            "title": text,
            "status": { "type": "string", "enum": status },
            "context": text,
            "optionsConsidered": texts,
            "decision": text,
            "result": text,
            "consequences": text,
            "files": texts,
        });
        json!({
            "type": "object",
            "properties": {
                "statementOfWork": text,
                "decisions": { "type": "array", "items": {
                    "type": "object",
                    "required": DECISION_KEYS,
                    "properties": decision,
                    "additionalProperties": false,
                } },
            },
            "required": ["statementOfWork", "decisions"],
            "additionalProperties": false,
        })
    }

    /// Reads an answer. What nobody asked for is left out, and [`ignored`](AgentReport::ignored) names it.
    ///
    /// # Errors
    ///
    /// The answer is no such report, or longer than one may be. None of it is used then.
    pub fn read(answer: &str) -> Result<Self, AgentReportError> {
        if answer.len() > Self::LIMIT_BYTES {
            return Err(AgentReportError::TooLong { bytes: answer.len() });
        }
        let value: Value = serde_json::from_str(answer)
            .map_err(|error| AgentReportError::NotJson { problem: error.to_string() })?;
        let mut fields = Fields::of(value, "the report".to_owned())?;
        let statement_of_work = fields.text("statementOfWork", Self::TEXT_CHARACTERS)?;
        let listed = fields.list("decisions")?;
        let mut ignored = fields.rest();
        let mut decisions = Vec::new();
        for (number, value) in (1..).zip(listed) {
            let mut fields = Fields::of(value, format!("decision {number}"))?;
            decisions.push(fields.decision()?);
            ignored.extend(fields.rest().into_iter().map(|key| format!("decisions.{key}")));
        }
        ignored.sort();
        ignored.dedup();
        if statement_of_work.trim().is_empty() && decisions.is_empty() {
            return Err(AgentReportError::Empty);
        }
        Ok(Self { statement_of_work, decisions, ignored })
    }

    /// What was done, in the agent's words.
    pub fn statement_of_work(&self) -> &str {
        &self.statement_of_work
    }

    /// The decisions, as the agent's.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The keys of the answer that nobody asked for, such as lists of files.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The decisions for the record; without any, the record says that none was stated.
    pub fn adr(&self) -> AdrText {
        if self.decisions.is_empty() { AdrText::None } else { AdrText::Decisions(self.decisions.clone()) }
    }
}

const DECISION_KEYS: [&str; 8] =
    ["title", "status", "context", "optionsConsidered", "decision", "result", "consequences", "files"];

/// Says why an answer is no report; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AgentReportError {
    /// It is longer than a report may be.
    #[error("the answer has {bytes} bytes, more than {} may be", AgentReport::LIMIT_BYTES)]
    #[non_exhaustive]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is prose, or half of something.
    #[error("the answer is no JSON: {problem}")]
    #[non_exhaustive]
    NotJson {
        /// What is wrong with it.
        problem: String,
    },
    /// A part is missing, of another kind, or too long.
    #[error("{place}: `{key}` {problem}")]
    #[non_exhaustive]
    Part {
        /// Which object.
        place: String,
        /// Which of its keys.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It is JSON of another form.
    #[error("{place} is no object")]
    #[non_exhaustive]
    NoObject {
        /// Which one.
        place: String,
    },
    /// It says nothing.
    #[error("the answer states neither work nor decisions")]
    Empty,
}

/// The fields of one object of the answer; each is taken once.
struct Fields {
    place: String,
    map: Map<String, Value>,
}

impl Fields {
    fn of(value: Value, place: String) -> Result<Self, AgentReportError> {
        match value {
            Value::Object(map) => Ok(Self { place, map }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(AgentReportError::NoObject { place })
            }
        }
    }

    fn wrong(&self, key: &str, problem: impl fmt::Display) -> AgentReportError {
        AgentReportError::Part {
            place: self.place.clone(),
            key: key.to_owned(),
            problem: problem.to_string(),
        }
    }

    fn text(&mut self, key: &str, limit: usize) -> Result<String, AgentReportError> {
        match self.map.remove(key) {
            Some(Value::String(text)) if text.chars().count() <= limit => Ok(text),
            Some(Value::String(_)) => Err(self.wrong(key, format_args!("is longer than {limit} characters"))),
            Some(_) => Err(self.wrong(key, "is no text")),
            None => Err(self.wrong(key, "is missing")),
        }
    }

    fn list(&mut self, key: &str) -> Result<Vec<Value>, AgentReportError> {
        let most = AgentReport::MOST;
        match self.map.remove(key) {
            Some(Value::Array(values)) if values.len() <= most => Ok(values),
            Some(Value::Array(values)) => {
                Err(self.wrong(key, format_args!("has {} entries, more than {most}", values.len())))
            }
            Some(_) => Err(self.wrong(key, "is no list")),
            None => Err(self.wrong(key, "is missing")),
        }
    }

    fn texts(&mut self, key: &str, limit: usize) -> Result<Vec<String>, AgentReportError> {
        let mut texts = Vec::new();
        for value in self.list(key)? {
            match value.as_str() {
                Some(text) if text.chars().count() <= limit => texts.push(text.to_owned()),
                Some(_) => {
                    return Err(self.wrong(key, format_args!("has a text of more than {limit} characters")));
                }
                None => return Err(self.wrong(key, "has an entry that is no text")),
            }
        }
        texts.retain(|text| !text.trim().is_empty());
        Ok(texts)
    }

    fn decision(&mut self) -> Result<Decision, AgentReportError> {
        let (long, short) = (AgentReport::TEXT_CHARACTERS, AgentReport::LINE_CHARACTERS);
        let word = self.text("status", long)?;
        let status = AdrStatus::ALL.into_iter().find(|status| status.word() == word);
        let Some(status) = status else {
            let known = AdrStatus::ALL.map(AdrStatus::word).join(", ");
            let shown: String = word.chars().take(40).collect();
            return Err(self.wrong("status", format_args!("is {shown:?}, and has to be one of {known}")));
        };
        let options = self.texts("optionsConsidered", long)?;
        let mut decision = Decision::titled(self.text("title", short)?);
        decision.status = status;
        decision.context = self.text("context", long)?;
        decision.options_considered = listed(&options);
        decision.decision = self.text("decision", long)?;
        decision.result = self.text("result", long)?;
        decision.consequences = self.text("consequences", long)?;
        decision.named_files = self.texts("files", short)?;
        decision.account = Account::Agent;
        if decision.title.trim().is_empty() {
            return Err(self.wrong("title", "is empty"));
        }
        Ok(decision)
    }

    fn rest(&self) -> Vec<String> {
        let keys = self.map.keys().map(|key| key.chars().take(AgentReport::LINE_CHARACTERS).collect());
        keys.take(AgentReport::MOST).collect()
    }
}

/// A list in Markdown; the further lines of an entry belong to it.
fn listed(texts: &[String]) -> String {
    let entries = texts.iter().map(|text| format!("- {}", text.trim().replace('\n', "\n  ")));
    entries.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
