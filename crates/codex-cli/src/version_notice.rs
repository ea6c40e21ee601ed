//! [`VersionNotice`]: which release of Codex runs, found out while it runs.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{CodexVersion, Program, ProgramError, RangePosition, TESTED};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::failure::warning_line;
use crate::render::Line;

/// How long the end of a turn waits for the answer.
const WAIT: Duration = Duration::from_secs(2);

/// What is known of the release.
#[derive(Clone, Debug, Default)]
pub(crate) enum VersionNotice {
    /// Nobody has asked, or there is no answer yet.
    #[default]
    Unknown,
    /// It is this one.
    Known(CodexVersion),
    /// The program does not say, or is none.
    Refused(Arc<ProgramError>),
}

impl VersionNotice {
    /// Asks once the turn has begun, so that its start is not held up.
    pub(crate) async fn ask_after(begun: &Notify, program: Option<&Program>) -> Self {
        begun.notified().await;
        match program {
            Some(program) => Self::ask(program).await,
            None => pending().await,
        }
    }

    /// Asks at the end of the turn, unless the answer is there; not for long.
    pub(crate) async fn or_ask(self, program: &Program) -> Self {
        if self.is_known() {
            return self;
        }
        timeout(WAIT, Self::ask(program)).await.unwrap_or_default()
    }

    /// Whether there is an answer.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// The release.
    pub(crate) fn version(&self) -> Option<&CodexVersion> {
        match self {
            Self::Known(version) => Some(version),
            Self::Unknown | Self::Refused(_) => None,
        }
    }

    /// Proof that the program is not Codex.
    pub(crate) fn not_codex(&self) -> Option<&Arc<ProgramError>> {
        match self {
            Self::Refused(error) if matches!(**error, ProgramError::NotCodex { .. }) => Some(error),
            Self::Known(_) | Self::Unknown | Self::Refused(_) => None,
        }
    }

    /// What is to be said of a release outside the tested range.
    pub(crate) fn warning(&self) -> Option<Line> {
        outside(self.version()?).map(|text| warning_line(&text))
    }

    async fn ask(program: &Program) -> Self {
        match program.version().await {
            Ok(version) => Self::Known(version),
            Err(error) => Self::Refused(Arc::new(error)),
        }
    }
}

/// The sentence on a release outside the tested range.
pub(crate) fn outside(version: &CodexVersion) -> Option<String> {
    match TESTED.position(version) {
        RangePosition::Within => None,
        RangePosition::Below => Some(format!(
            "codex {version} is older than the tested releases ({TESTED}): \
             update it with `npm install -g @openai/codex@{}`",
            TESTED.newest
        )),
        RangePosition::Above => Some(format!(
            "codex {version} is newer than the tested releases ({TESTED}): look for a newer codex-turns"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_outside_the_tested_range_is_warned_of() {
        assert_eq!(outside(&TESTED.oldest), None);
        assert_eq!(outside(&TESTED.newest), None);
        assert!(outside(&CodexVersion::new(0, 1, 0)).unwrap().contains("codex 0.1.0 is older than"));
        assert!(outside(&CodexVersion::new(99, 0, 0)).unwrap().contains("codex 99.0.0 is newer than"));
        assert!(VersionNotice::Known(CodexVersion::new(99, 0, 0)).warning().is_some());
        assert!(VersionNotice::Unknown.warning().is_none());
    }
}
