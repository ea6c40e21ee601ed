//! [`Show`]: how much is shown while turns run.

/// What is shown while a turn runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// What happens, on standard error.
    Progress,
    /// Codex's own lines, on standard output.
    RawLines,
    /// Nothing.
    Nothing,
}

/// Whether the times of a turn mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It runs now.
    Live,
    /// It ran some time ago.
    Recorded,
}
