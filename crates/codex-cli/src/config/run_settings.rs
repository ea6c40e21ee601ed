//! [`RunSettings`]: what `run` takes where its flags say nothing.

use std::time::Duration;

use codex_exec::Sandbox;

use super::setting::Setting;
use super::sources::Sources;
use crate::arguments::RunArguments;

/// What `run` takes where its flags say nothing.
#[derive(Debug)]
pub(crate) struct RunSettings {
    pub(crate) sandbox: Setting<Option<Sandbox>>,
    pub(crate) model: Setting<Option<String>>,
    pub(crate) profile: Setting<Option<String>>,
    pub(crate) timeout: Setting<Option<Duration>>,
    pub(crate) idle_timeout: Setting<Option<Duration>>,
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

    /// The flags, and where they say nothing the settings.
    pub(crate) fn complete(&self, arguments: &RunArguments) -> RunArguments {
        let mut complete = arguments.clone();
        let (codex, limits) = (&mut complete.codex, &mut complete.turn_limits);
        codex.sandbox = codex.sandbox.or(self.sandbox.value);
        codex.model = codex.model.take().or_else(|| self.model.value.clone());
        codex.profile = codex.profile.take().or_else(|| self.profile.value.clone());
        limits.timeout = limits.timeout.or(self.timeout.value);
        limits.idle_timeout = limits.idle_timeout.or(self.idle_timeout.value);
        complete
    }
}
