//! [`Aftermath`]: what has to hold after the command was killed, whenever that was.

use std::fs;
use std::time::Duration;

use codex_fixtures::{FakeCodex, alive, wait_until};
use serde_json::Value;

use super::moment::{Killed, in_journal};
use crate::project::{LEDGER, Project, SOON, working};

/// What has to hold after the command was killed.
pub(super) struct Aftermath<'a> {
    pub(super) project: &'a Project,
    pub(super) fake: &'a FakeCodex,
    pub(super) killed: &'a Killed,
    /// Whether the command makes commits.
    pub(super) commits: bool,
    /// Told with every failure.
    pub(super) story: String,
}

/// Who makes good what the dead command has left.
#[derive(Clone, Copy, Debug)]
pub(super) enum Healer {
    Recover,
    NextTurn,
}

impl Aftermath<'_> {
    /// Codex is dead. Returns how long that took.
    pub(super) fn codex_is_dead(&self) -> Duration {
        let dead = || !self.fake.calls().iter().any(|call| alive(call.pid()));
        assert!(wait_until(SOON, dead), "{}: {:?} of codex live", self.story, self.fake.living());
        self.killed.dead.elapsed()
    }

    /// What will become of the turn, by what is there.
    pub(super) fn fate(&self) -> Option<&'static str> {
        let manifest = format!("{LEDGER}/turns/1/manifest.json");
        if self.project.has(&manifest) {
            let state = self.project.manifest(1)["ledger"]["state"].clone();
            return Some(if state == "completed" { "completed" } else { "interrupted" });
        }
        if in_journal(self.project, "ran.json") {
            return Some("completed");
        }
        let claimed = self.project.git(&["for-each-ref", "refs/turns/1"]);
        (!claimed.is_empty()).then_some("interrupted")
    }

    /// Nothing is wrong, at most unfinished; the next command makes it good, and again has nothing to do.
    pub(super) fn heals(&self, healer: Healer, fate: Option<&str>) {
        let Self { project, story, .. } = self;
        assert!(fate.is_some() || self.fake.calls().is_empty(), "{story}: codex ran without a record");
        let promised = self.killed.said.contains("turn 1 recorded in ");
        assert!(!promised || fate == Some("completed"), "{story}: {}", self.killed.said);
        let verified = project.turns(&["ledger", "verify"]);
        assert!(matches!(verified.code, Some(0 | 7)), "{story}: {verified:?}");
        match healer {
            Healer::Recover => {
                let ran = project.turns(&["ledger", "recover"]);
                assert_eq!(ran.code, Some(0), "{story}: {ran:?}");
            }
            Healer::NextTurn => self.a_turn_goes_on(),
        }
        let again = project.turns(&["ledger", "recover"]);
        assert_eq!((again.code, again.stdout.as_str()), (Some(0), "✓ nothing is unfinished\n"), "{story}");
        self.record_is(fate);
        if matches!(healer, Healer::Recover) {
            self.a_turn_goes_on();
        }
        self.nothing_is_left();
    }

    /// There is one record of it, or none.
    fn record_is(&self, fate: Option<&str>) {
        let Self { project, story, .. } = self;
        let rows = project.rows();
        let of_first = rows.iter().filter(|row| row.starts_with("1,")).count();
        let Some(fate) = fate else { return };
        assert_eq!(of_first, 1, "{story}: {rows:?}");
        let ledger = &project.manifest(1)["ledger"];
        assert_eq!(ledger["state"], fate, "{story}");
        let turns = ledger["turns"].as_array().unwrap().len();
        let calls = self.fake.calls().len();
        assert!(turns == calls || turns == calls + 1, "{story}: {turns} turns of {calls} starts");
    }

    /// The next turn runs as if nothing had been, and sweeps what the dead command has left.
    pub(super) fn a_turn_goes_on(&self) {
        let Self { project, story, .. } = self;
        let ran = project.run(&FakeCodex::new(working()), &["--quiet", "go on"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "It is done.\n"), "{story}: {ran:?}");
    }

    pub(super) fn nothing_is_left(&self) {
        let Self { project, story, fake, .. } = self;
        if project.has("asked") {
            let pid: u32 = project.read("asked").trim().parse().unwrap();
            assert!(wait_until(SOON, || !alive(pid)), "{story}: process {pid} of the check lives");
        }
        let living = || fake.living();
        assert!(wait_until(SOON, || living().is_empty()), "{story}: {:?} live", living());
        for folder in ["state/codex-turns/starts", "state/codex-turns/threads", "work/.git/turns/journal"] {
            let left: Vec<_> = fs::read_dir(project.path(folder)).into_iter().flatten().flatten().collect();
            assert!(left.is_empty(), "{story}: {folder} has {left:?}");
        }
        let rows = project.rows();
        let numbers: Vec<_> = rows.iter().map(|row| row.split(',').next().unwrap().to_owned()).collect();
        let expected: Vec<_> = (1..=rows.len()).map(|number| number.to_string()).collect();
        assert_eq!(numbers, expected, "{story}");
        assert_eq!(project.git(&["diff", "--cached", "--name-only"]), "", "{story}: the index is the user's");
        if !self.commits {
            assert_eq!(project.git(&["rev-list", "--count", "HEAD"]), "1", "{story}: so is the branch");
        }
        let verified = project.turns(&["ledger", "verify", "--git", "--json"]);
        assert_eq!(verified.code, Some(0), "{story}: {verified:?}");
        let _: Value = verified.json();
    }
}
