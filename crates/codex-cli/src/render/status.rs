//! [`StatusLine`]: what is going on right now, for the one line that is redrawn.

use std::time::Duration;

use codex_protocol::{ItemId, ItemPhase, ThreadItem};

use super::item;
use super::line::{Line, Tone};

/// The signs that follow each other while time passes.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_STEP: Duration = Duration::from_millis(100);

/// What is going on right now.
#[derive(Debug, Default)]
pub(super) struct StatusLine {
    running: Vec<RunningItem>,
    /// What Codex said it is waiting for.
    waiting: Option<String>,
}

#[derive(Debug)]
struct RunningItem {
    id: ItemId,
    label: String,
    since: Duration,
}

impl StatusLine {
    /// Sees an item at a time since the start of the turn; tells how long one that is over took.
    pub(super) fn see(&mut self, phase: ItemPhase, item: &ThreadItem, at: Duration) -> Option<Duration> {
        self.waiting = None;
        let place = self.running.iter().position(|running| running.id == item.id);
        if phase == ItemPhase::Completed {
            let running = self.running.remove(place?);
            return Some(at.saturating_sub(running.since));
        }
        let label = item::running(&item.details)?;
        match place {
            Some(place) => self.running[place].label = label,
            None => self.running.push(RunningItem { id: item.id.clone(), label, since: at }),
        }
        None
    }

    /// Notes that Codex does something again.
    pub(super) fn go_on(&mut self) {
        self.waiting = None;
    }

    /// Notes that Codex waits for something else than the model or a tool.
    pub(super) fn wait_for(&mut self, what: &str) {
        self.waiting = Some(what.to_owned());
    }

    /// The line for this moment.
    pub(super) fn line(&self, at: Duration) -> Line {
        let step = usize::try_from(at.as_millis() / SPINNER_STEP.as_millis()).unwrap_or(0);
        let line = Line::new(Tone::Good, SPINNER[step % SPINNER.len()])
            .and(Tone::Dim, &format!(" {} ", seconds(at)));
        match (self.running.as_slice(), &self.waiting) {
            (_, Some(waiting)) => line.and(Tone::Warning, waiting),
            ([], None) => line.and(Tone::Dim, "thinking"),
            ([only], None) => line.and(Tone::Plain, &only.text(at)),
            ([first, rest @ ..], None) => {
                line.and(Tone::Plain, &first.text(at)).and(Tone::Dim, &format!(" and {} more", rest.len()))
            }
        }
    }
}

impl RunningItem {
    fn text(&self, at: Duration) -> String {
        format!("{} ({})", self.label, seconds(at.saturating_sub(self.since)))
    }
}

/// A time as people read it: `4.2s`, `3m 07s`, `1h 02m`.
pub(crate) fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    match whole {
        0..60 => format!("{whole}.{}s", time.subsec_millis() / 100),
        60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
        _ => format!("{}h {:02}m", whole / 3600, whole / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0.0s")]
    #[case(4_290, "4.2s")]
    #[case(59_999, "59.9s")]
    #[case(187_000, "3m 07s")]
    #[case(3_720_000, "1h 02m")]
    fn times_are_short(#[case] milliseconds: u64, #[case] expected: &str) {
        assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
    }
}
