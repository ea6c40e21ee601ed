//! [`RunSettings`]: what `run` takes where its flags say nothing.

use std::time::Duration;

use codex_exec::Sandbox;

use super::setting::Setting;
use super::setting_sources::Sources;

/// What `run` takes where its flags say nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunSettings {
    /// What the agent's commands may touch.
    pub sandbox: Setting<Option<Sandbox>>,
    /// The model.
    pub model: Setting<Option<String>>,
    /// A profile of Codex's configuration.
    pub profile: Setting<Option<String>>,
    /// How long a turn may take.
    pub timeout: Setting<Option<Duration>>,
    /// How long a turn may print nothing.
    pub idle_timeout: Setting<Option<Duration>>,
}

impl RunSettings {
    pub(super) fn take(sources: &mut Sources<'_>) -> Self {
        Self {
            sandbox: sources.take("run.sandbox", None),
            model: sources.take("run.model", None),
            profile: sources.take("run.profile", None),
            timeout: sources.take("run.timeout", None),
            idle_timeout: sources.take("run.idle_timeout", None),
        }
    }
}
