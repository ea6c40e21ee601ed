//! [`Probe`]: one thing that was looked at.

use serde::Serialize;

use crate::failure::CliError;
use crate::render::{Line, Tone};

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Health {
    /// As it should be.
    Ok,
    /// Turns run, with a limit.
    Warn,
    /// Turns do not run.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Probe {
    pub(super) name: &'static str,
    pub(super) health: Health,
    /// What was found.
    pub(super) found: String,
    /// What to do about it.
    pub(super) advice: Option<String>,
}

impl Probe {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, health: Health::Ok, found: found.into(), advice: None }
    }

    pub(super) fn warn(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, health: Health::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    pub(super) fn fail(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, health: Health::Fail, found: found.into(), advice: Some(advice.into()) }
    }

    /// What a turn would be refused with.
    pub(super) fn failed(name: &'static str, failure: &CliError) -> Self {
        let advice = crate::failure::hint::of_failure(failure);
        Self { name, health: Health::Fail, found: failure.to_string(), advice }
    }

    /// One line of what was found, and one of what to do.
    pub(super) fn lines(&self) -> Vec<Line> {
        let (word, tone) = match self.health {
            Health::Ok => ("ok  ", Tone::Good),
            Health::Warn => ("warn", Tone::Warning),
            Health::Fail => ("fail", Tone::Bad),
        };
        let found = Line::new(tone, word)
            .and(Tone::Strong, &format!("  {:<10}  ", self.name))
            .and(Tone::Plain, &self.found);
        let advice = self
            .advice
            .as_ref()
            .map(|advice| Line::new(Tone::Dim, &format!("{:18}→ ", "")).and(Tone::Plain, advice));
        std::iter::once(found).chain(advice).collect()
    }
}
