//! [`Tally`]: how many turns took each course, and which did not end as they had to.

use std::collections::BTreeMap;

use codex_ledger::manifest::RecordState;
use codex_protocol::Verdict;

use crate::Course;

/// How many turns took each course, and which did not end as they had to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) turns: BTreeMap<Course, u64>,
    /// Turns that did not end as they had to, each in one sentence; the first of them.
    pub(crate) odd: Vec<String>,
    pub(crate) odd_turns: u64,
}

/// More odd turns are counted and not told.
const TOLD: usize = 20;

impl Tally {
    /// Counts a turn; `verdict` is how it ended, where somebody saw that.
    pub(crate) fn add(&mut self, turn: u64, course: Course, verdict: Option<&Verdict>) {
        *self.turns.entry(course).or_default() += 1;
        if let Some(verdict) = verdict
            && !course.expects(verdict)
        {
            self.add_odd(format!("turn {turn} ({}) ended otherwise: {verdict}", course.name()));
        }
    }

    pub(crate) fn add_odd(&mut self, sentence: String) {
        self.odd_turns += 1;
        if self.odd.len() < TOLD {
            self.odd.push(sentence);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.turns.values().sum()
    }

    /// A sentence for each state that the ledger has more or fewer records of than turns call for.
    pub(crate) fn compare(&self, states: &BTreeMap<String, u64>) -> Vec<String> {
        let hosts = self.turns.get(&Course::HostKill).copied().unwrap_or_default();
        let all =
            [RecordState::Completed, RecordState::Failed, RecordState::Aborted, RecordState::Interrupted];
        let mut found = Vec::new();
        for state in all {
            let fits = |course: &Course| course.state().as_ref() == Some(&state);
            let least: u64 =
                self.turns.iter().filter(|(course, _)| fits(course)).map(|(_, count)| count).sum();
            // A host that dies early has no record yet.
            let most = if state == RecordState::Interrupted { least + hosts } else { least };
            let records = states.get(state.as_str()).copied().unwrap_or_default();
            if !(least..=most).contains(&records) {
                let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
                found.push(format!("{records} records are {}, and {wanted} turns ended so", state.as_str()));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(turns: &[(Course, u64)]) -> Tally {
        Tally { turns: turns.iter().copied().collect(), ..Tally::default() }
    }

    #[test]
    fn records_that_are_missing_or_too_many_are_named() {
        let tally = tally(&[(Course::Success, 3), (Course::Abandon, 1), (Course::HostKill, 2)]);
        let compare = |states: &[(&str, u64)]| {
            tally.compare(&states.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect())
        };
        assert_eq!(compare(&[("completed", 3), ("interrupted", 2)]), [""; 0]);
        let found = compare(&[("completed", 2), ("interrupted", 4), ("failed", 1)]);
        assert_eq!(
            found,
            [
                "2 records are completed, and 3 turns ended so",
                "1 records are failed, and 0 turns ended so",
                "4 records are interrupted, and 1 to 3 turns ended so"
            ]
        );
    }

    #[test]
    fn a_turn_that_ends_otherwise_is_odd() {
        let mut tally = Tally::default();
        tally.add(1, Course::Cancel, Some(&Verdict::Cancelled));
        tally.add(2, Course::Cancel, Some(&Verdict::Completed));
        assert_eq!((tally.count(), tally.odd_turns), (2, 1));
        assert!(tally.odd[0].starts_with("turn 2 (cancel) ended otherwise"), "{:?}", tally.odd);
    }
}
