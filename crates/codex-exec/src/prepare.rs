//! [`prepare`]: everything that a start needs on disk, and every check before it.

use codex_protocol::ThreadId;

use crate::starts::{StartNote, sweep_the_dead};
use crate::thread_claim::ThreadClaim;
use crate::{
    CodexHome, CommandLine, ExecError, HomeEnvironment, Invocation, Marker, Persistence, RolloutRef,
    SchemaFile, StartMarks, StateDir,
};

/// What a start needs and gives back at its end.
pub(crate) struct Prepared {
    pub(crate) line: CommandLine,
    pub(crate) claim: ThreadClaim,
    pub(crate) marker: Marker,
    pub(crate) rollout: Rollout,
    pub(crate) schema_file: Option<SchemaFile>,
    pub(crate) note: StartNote,
}

/// What is known of the thread's rollout before the thread is.
pub(crate) enum Rollout {
    /// There is none: the thread is not kept, or nobody knows where.
    None,
    /// That of a thread that exists.
    Resumed(RolloutRef),
    /// In this Codex home.
    In(CodexHome),
}

impl Rollout {
    fn before(invocation: &Invocation, asked: Option<&ThreadId>) -> Self {
        let parts = invocation.parts();
        let home = CodexHome::of(parts, &HomeEnvironment::from_process());
        match (home, asked) {
            _ if parts.persistence == Persistence::Ephemeral => Self::None,
            (None, _) => Self::None,
            (Some(home), Some(thread)) => Self::Resumed(RolloutRef::locate(home.path(), thread)),
            (Some(home), None) => Self::In(home),
        }
    }

    /// Refers to what the turn added to the thread.
    pub(crate) fn of(self, thread: Option<&ThreadId>) -> Option<RolloutRef> {
        match (self, thread) {
            (Self::Resumed(rollout), _) => Some(rollout),
            (Self::In(home), Some(thread)) => Some(RolloutRef::of_new_thread(home.path(), thread)),
            (Self::None, _) | (Self::In(_), None) => None,
        }
    }
}

/// Checks the invocation, cleans up after starts whose owner died, and notes this one.
///
/// It blocks: run it where blocking is allowed.
pub(crate) fn prepare(invocation: &Invocation, state_dir: Option<StateDir>) -> Result<Prepared, ExecError> {
    invocation.check()?;
    let state_dir = state_dir.unwrap_or_else(StateDir::for_user);
    let at = |step| {
        let path = state_dir.path().to_owned();
        move |source| ExecError::Prepare { step, path, source }
    };
    let dead = sweep_the_dead(&state_dir).map_err(at("look through"))?;
    if !dead.is_empty() {
        tracing::debug!(processes = ?dead, "swept what an earlier start had left");
    }
    let asked = invocation.parts().target.resumed_thread().cloned();
    let claim = ThreadClaim::take(asked.clone(), state_dir.clone())?;
    let schema_file = SchemaFile::for_invocation(invocation).map_err(|source| ExecError::Prepare {
        step: "write the output schema into",
        path: std::env::temp_dir(),
        source,
    })?;
    let marker = Marker::new();
    let note = StartNote::write(&state_dir, &marker).map_err(at("note the start in"))?;
    let mut marks = StartMarks::new(marker.clone());
    if let Some(file) = &schema_file {
        marks = marks.schema_file(file);
    }
    let line = invocation.command_line(&marks);
    let rollout = Rollout::before(invocation, asked.as_ref());
    Ok(Prepared { line, claim, marker, rollout, schema_file, note })
}
