//! [`prepare`]: everything that a start needs on disk, and every check before it.

use crate::starts::{StartNote, sweep_the_dead};
use crate::thread_claim::ThreadClaim;
use crate::{
    CommandLine, GitSettings, Invocation, Marker, ProjectSettings, SchemaFile, StartMarks, StateDir,
    TransportError,
};

/// What a start needs and gives back at its end.
pub(crate) struct PreparedStart {
    pub(crate) line: CommandLine,
    pub(crate) claim: ThreadClaim,
    pub(crate) marker: Marker,
    pub(crate) schema_file: Option<SchemaFile>,
    pub(crate) note: StartNote,
}

/// Checks the invocation, cleans up after starts whose owner died, and notes this one.
///
/// It blocks: run it where blocking is allowed.
pub(crate) fn prepare(
    invocation: &Invocation,
    state_dir: Option<StateDir>,
) -> Result<PreparedStart, TransportError> {
    invocation.check()?;
    let git = GitSettings::of(invocation.parts())?;
    let state_dir = state_dir.unwrap_or_else(StateDir::for_user);
    let at = |step| {
        let path = state_dir.path().to_owned();
        move |source| TransportError::Prepare { step, path, source }
    };
    let dead = sweep_the_dead(&state_dir).map_err(at("look through"))?;
    if !dead.is_empty() {
        tracing::debug!(processes = ?dead, "swept what an earlier start had left");
    }
    let claim = ThreadClaim::take(invocation, state_dir.clone())?;
    let schema_file = SchemaFile::for_invocation(invocation).map_err(|source| TransportError::Prepare {
        step: "write the output schema into",
        path: std::env::temp_dir(),
        source,
    })?;
    let marker = Marker::new();
    let note = StartNote::write(&state_dir, &marker).map_err(at("note the start in"))?;
    let project = ProjectSettings::of(invocation.parts());
    let mut marks = StartMarks::new(marker.clone()).project(project).git(git);
    if let Some(file) = &schema_file {
        marks = marks.schema_file(file);
    }
    let line = invocation.command_line(&marks);
    Ok(PreparedStart { line, claim, marker, schema_file, note })
}
