//! [`Stall`]: whether a run still gets on.

use codex_protocol::{ItemDetails, PatchStatus};

use super::check::{CheckOutcome, CheckReport};
use crate::TurnResult;

/// Counts the turns in which no file was changed and the checks said the same as before.
///
/// What a command or a host tool changed is not reported by Codex; then what the checks say decides alone.
#[derive(Debug)]
pub(crate) struct Stall {
    limit: Option<u32>,
    said: Option<Vec<String>>,
    same: u32,
    changed: Changed,
}

#[derive(Debug, PartialEq, Eq)]
enum Changed {
    Nothing,
    Files,
}

impl Stall {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit, said: None, same: 0, changed: Changed::Nothing }
    }

    /// Sees a turn, also one that did not complete.
    pub(crate) fn see(&mut self, turn: &TurnResult) {
        if turn.items().iter().any(|item| changes_files(&item.details)) {
            self.changed = Changed::Files;
        }
    }

    /// Counts what the checks said; gives how many turns it was without progress, if they are too many.
    pub(crate) fn count(&mut self, checks: &[CheckReport]) -> Option<u32> {
        let limit = self.limit?;
        let said: Vec<String> = checks.iter().filter_map(said).collect();
        if said.is_empty() {
            return None;
        }
        self.same = match std::mem::replace(&mut self.changed, Changed::Nothing) {
            Changed::Files => 0,
            Changed::Nothing if self.said.as_ref() == Some(&said) => self.same + 1,
            Changed::Nothing => 1,
        };
        self.said = Some(said);
        (self.same >= limit).then_some(self.same)
    }
}

/// A patch that failed changed little or nothing, however often it is tried: then what the checks say decides.
fn changes_files(item: &ItemDetails) -> bool {
    matches!(item, ItemDetails::FileChange(change) if change.status != PatchStatus::Failed)
}

fn said(check: &CheckReport) -> Option<String> {
    let CheckOutcome::Failed { output } = &check.outcome else { return None };
    Some(format!("{}\n{}", check.name, without_durations(output)))
}

/// The text without numbers of seconds, which differ between two runs of the same tests.
fn without_durations(text: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        let number = &rest[..rest.find(|c| !is_number(c)).unwrap_or(rest.len())];
        rest = &rest[number.len()..];
        let unit = ["ms", "s"].into_iter().find(|unit| {
            rest.strip_prefix(unit).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        });
        match unit {
            Some(unit) => rest = &rest[unit.len()..],
            None => kept.push_str(number),
        }
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use codex_exec::EventStream;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::Turn;

    #[rstest]
    #[case("finished in 0.03s", "finished in ")]
    #[case("2 failed; 12ms", "2 failed; ")]
    #[case("3 strings, 4sets", "3 strings, 4sets")]
    #[case("7", "7")]
    fn only_durations_are_taken_out(#[case] text: &str, #[case] kept: &str) {
        assert_eq!(without_durations(text), kept);
    }

    fn report(output: &str) -> [CheckReport; 1] {
        [CheckReport::new("test", CheckOutcome::failed(output), Duration::ZERO)]
    }

    #[test]
    fn the_same_words_so_many_times_are_no_progress() {
        let mut stall = Stall::new(Some(2));
        let seen: Vec<_> = ["a 1s", "b", "b", "b"].iter().map(|said| stall.count(&report(said))).collect();
        assert_eq!(seen, [None, None, Some(2), Some(3)]);
        assert_eq!(Stall::new(None).count(&report("a")), None);
    }

    async fn turn_with_a_patch(status: &str) -> TurnResult {
        let item = json!({ "id": "item_0", "type": "file_change", "changes": [], "status": status });
        let lines = [json!({ "type": "item.completed", "item": item }), json!({ "type": "turn.completed" })];
        Turn::over(EventStream::from_lines(lines.map(|line| line.to_string()))).await.unwrap()
    }

    #[rstest]
    #[case::changed("completed", [None, None, None, Some(2)])]
    #[case::refused("failed", [None, Some(2), Some(3), Some(4)])]
    #[tokio::test]
    async fn a_changed_file_is_progress(#[case] status: &str, #[case] expected: [Option<u32>; 4]) {
        let mut stall = Stall::new(Some(2));
        let first = stall.count(&report("a"));
        stall.see(&turn_with_a_patch(status).await);
        let later = [(); 3].map(|()| stall.count(&report("a")));
        assert_eq!([&[first][..], &later].concat(), expected);
    }
}
