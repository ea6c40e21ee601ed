//! [`SoakReport`]: what a soak came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::Course;
use crate::counts::Counts;
use crate::tally::Tally;

/// What a soak came to. Its text is tables in Markdown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SoakReport {
    /// The seed, with which the same courses come in the same order.
    pub seed: u64,
    /// How long turns were run.
    pub took: Duration,
    /// How much of everything there was once each lane had run a turn.
    pub before: Counts,
    /// How much there was at the end.
    pub after: Counts,
    /// How much memory this process held at the start and at the end, in MiB.
    pub memory_mib: (u64, u64),
    /// What is wrong, each in one sentence. Nothing is what everybody hopes for.
    pub problems: Vec<String>,
    pub(crate) tally: Tally,
    pub(crate) states: BTreeMap<String, u64>,
}

impl SoakReport {
    /// Whether nothing stayed behind and every record is sound.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many turns were run; those that only warm up do not count.
    pub fn turns(&self) -> u64 {
        self.tally.count()
    }

    /// How many of them took this course.
    pub fn turns_of(&self, course: Course) -> u64 {
        self.tally.turns.get(&course).copied().unwrap_or_default()
    }

    /// How many records the ledger has.
    pub fn records(&self) -> u64 {
        self.states.values().sum()
    }
}

impl fmt::Display for SoakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, seconds) = (self.took.as_secs() / 60, self.took.as_secs() % 60);
        writeln!(f, "{} turns in {minutes} min {seconds} s, seed {}\n", self.turns(), self.seed)?;
        writeln!(f, "| course | turns |\n| --- | ---: |")?;
        for (course, count) in &self.tally.turns {
            writeln!(f, "| {} | {count} |", course.name())?;
        }
        writeln!(f, "\n| records | {} |\n| --- | ---: |", self.records())?;
        for (state, count) in &self.states {
            writeln!(f, "| {state} | {count} |")?;
        }
        writeln!(f, "\n| what there is | at the start | at the end |\n| --- | ---: | ---: |")?;
        for ((name, before), (_, after)) in self.before.rows().into_iter().zip(self.after.rows()) {
            writeln!(f, "| {name} | {before} | {after} |")?;
        }
        let (before, after) = self.memory_mib;
        writeln!(f, "| memory, MiB | {before} | {after} |\n")?;
        if self.is_clean() {
            return writeln!(f, "Nothing stayed behind, all records verify, and no number is missing.");
        }
        for problem in &self.problems {
            writeln!(f, "- {problem}")?;
        }
        Ok(())
    }
}
