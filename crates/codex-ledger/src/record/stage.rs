//! [`Stage`]: how far a turn has come on its way into the ledger.

use crate::record::git_mode::GitMode;

/// Says how far a turn has come on its way into the ledger.
///
/// What is on disk and in git decides the stage; the step that follows is a function of it alone.
/// Sealing a turn and recovering one are the same walk, begun at different stages.
///
/// | stage | evidence | step | next |
/// | --- | --- | --- | --- |
/// | claimed | the claim's ref, no opened journal | adopt | open |
/// | open | the journal's `open.json`, no owner | interrupt | ran |
/// | ran | the journal's `ran.json` | commit the work, in the modes that commit; else stage | work committed; staged |
/// | work committed | the journal's `work.json`, the branch moved | stage | staged |
/// | staged | artifacts in staging, no manifest | seal | sealed |
/// | sealed | staging holds the manifest, written last | publish | published |
/// | published | the turn's folder is in the ledger | index | indexed |
/// | indexed | the index has the row | guard, or commit the ledger | committed |
/// | committed | the seal's ref, or the ledger commit on its branch | tag, in the modes that commit; else push, where configured; else forget | tagged; pushed; done |
/// | tagged | the tag | push, where configured; else forget | pushed; done |
/// | pushed | the remote has the seal or the tag, or a note says that it lacks it | forget | done |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the stages are those of the format")]
pub enum Stage {
    /// S0: the number is taken and nothing else is known.
    Claimed,
    /// S1: the turn may be running.
    Open,
    /// S2: the turn is over and everything that was observed is in the journal.
    Ran,
    /// S2w: the turn's changes are a commit.
    WorkCommitted,
    /// S3: the artifacts are written.
    Staged,
    /// S4: the manifest is written.
    Sealed,
    /// S5: the record is in its place.
    Published,
    /// S6: the index names it.
    Indexed,
    /// S7: the record is committed, or guarded by its seal's ref.
    Committed,
    /// S8: the tag is made.
    Tagged,
    /// S9: the remote has the seal or the tag, or it is noted that it lacks it.
    Pushed,
}

/// Names what takes a turn from one [`Stage`] to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StageStep {
    /// Opens a journal for a claim that has none.
    Adopt,
    /// Writes down that nobody will say how the turn ended.
    Interrupt,
    /// Commits the turn's changes.
    CommitWork,
    /// Writes the artifacts.
    Stage,
    /// Writes the manifest.
    Seal,
    /// Moves the record to its place.
    Publish,
    /// Appends the row.
    Index,
    /// Makes the seal's ref.
    Guard,
    /// Commits the record.
    CommitLedger,
    /// Makes the tag.
    Tag,
    /// Pushes the seal or the tag.
    Push,
    /// Deletes the journal, after which nothing is left to do.
    Forget,
}

/// The way that a turn takes through the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) mode: GitMode,
    pub(crate) push: RecordPush,
}

/// Whether the seals and tags of records are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordPush {
    Off,
    /// No remote is contacted now; what is to be pushed is noted.
    Later,
    Now,
}

impl Stage {
    /// The name that the description of the format has for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Claimed => "S0",
            Self::Open => "S1",
            Self::Ran => "S2",
            Self::WorkCommitted => "S2w",
            Self::Staged => "S3",
            Self::Sealed => "S4",
            Self::Published => "S5",
            Self::Indexed => "S6",
            Self::Committed => "S7",
            Self::Tagged => "S8",
            Self::Pushed => "S9",
        }
    }

    /// What follows. After `StageStep::Forget` there is no stage.
    pub(crate) fn next(self, route: Route) -> StageStep {
        match self {
            Self::Claimed => StageStep::Adopt,
            Self::Open => StageStep::Interrupt,
            Self::Ran if route.mode.commits() => StageStep::CommitWork,
            Self::Ran | Self::WorkCommitted => StageStep::Stage,
            Self::Staged => StageStep::Seal,
            Self::Sealed => StageStep::Publish,
            Self::Published => StageStep::Index,
            Self::Indexed if route.mode.commits() => StageStep::CommitLedger,
            Self::Indexed => StageStep::Guard,
            Self::Committed if route.mode.commits() => StageStep::Tag,
            Self::Committed | Self::Tagged if route.push != RecordPush::Off => StageStep::Push,
            Self::Committed | Self::Tagged | Self::Pushed => StageStep::Forget,
        }
    }

    /// Whether the turn counts as recorded: its record survives a crash of the machine, and in the modes that
    /// commit it is tagged.
    pub(crate) fn is_recorded(self, mode: GitMode) -> bool {
        self >= if mode.commits() { Self::Tagged } else { Self::Published }
    }
}

impl StageStep {
    /// Where the step leads, if anything is left after it.
    pub(crate) fn reaches(self) -> Option<Stage> {
        match self {
            Self::Adopt => Some(Stage::Open),
            Self::Interrupt => Some(Stage::Ran),
            Self::CommitWork => Some(Stage::WorkCommitted),
            Self::Stage => Some(Stage::Staged),
            Self::Seal => Some(Stage::Sealed),
            Self::Publish => Some(Stage::Published),
            Self::Index => Some(Stage::Indexed),
            Self::Guard | Self::CommitLedger => Some(Stage::Committed),
            Self::Tag => Some(Stage::Tagged),
            Self::Push => Some(Stage::Pushed),
            Self::Forget => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{GitMode, RecordPush, Route, Stage, StageStep};

    fn walk(from: Stage, route: Route) -> Vec<StageStep> {
        let mut steps = Vec::new();
        let mut stage = Some(from);
        while let Some(here) = stage {
            let step = here.next(route);
            stage = step.reaches();
            assert!(stage.is_none_or(|next| next > here), "{here:?} leads back to {stage:?}");
            steps.push(step);
        }
        steps
    }

    #[rstest]
    #[case(RecordPush::Off, &[])]
    #[case(RecordPush::Later, &[StageStep::Push])]
    #[case(RecordPush::Now, &[StageStep::Push])]
    fn a_record_without_a_commit_is_guarded_and_never_tagged(
        #[case] push: RecordPush,
        #[case] pushing: &[StageStep],
    ) {
        let expected =
            [StageStep::Stage, StageStep::Seal, StageStep::Publish, StageStep::Index, StageStep::Guard];
        let route = Route { mode: GitMode::Record, push };
        assert_eq!(walk(Stage::Ran, route), [&expected[..], pushing, &[StageStep::Forget]].concat());
    }

    #[rstest]
    #[case(GitMode::Commit)]
    #[case(GitMode::Branch)]
    fn the_work_is_committed_before_the_seal_and_the_record_after_it(#[case] mode: GitMode) {
        let steps = walk(Stage::Ran, Route { mode, push: RecordPush::Now });
        let expected = [
            StageStep::CommitWork,
            StageStep::Stage,
            StageStep::Seal,
            StageStep::Publish,
            StageStep::Index,
            StageStep::CommitLedger,
            StageStep::Tag,
            StageStep::Push,
            StageStep::Forget,
        ];
        assert_eq!(steps, expected);
    }

    #[rstest]
    fn every_stage_leads_to_the_end(
        #[values(GitMode::Record, GitMode::Commit, GitMode::Branch)] mode: GitMode,
        #[values(RecordPush::Off, RecordPush::Later, RecordPush::Now)] push: RecordPush,
    ) {
        let route = Route { mode, push };
        let all = [
            Stage::Claimed,
            Stage::Open,
            Stage::Ran,
            Stage::WorkCommitted,
            Stage::Staged,
            Stage::Sealed,
            Stage::Published,
            Stage::Indexed,
            Stage::Committed,
            Stage::Tagged,
            Stage::Pushed,
        ];
        for stage in all {
            assert_eq!(walk(stage, route).last(), Some(&StageStep::Forget), "{stage:?}");
        }
    }

    #[test]
    fn a_turn_is_recorded_when_nothing_can_take_it_away() {
        assert!(!Stage::Sealed.is_recorded(GitMode::Record));
        assert!(Stage::Published.is_recorded(GitMode::Record));
        assert!(!Stage::Committed.is_recorded(GitMode::Commit));
        assert!(Stage::Tagged.is_recorded(GitMode::Branch));
    }
}
