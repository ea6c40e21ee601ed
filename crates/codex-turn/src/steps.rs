//! [`OptionSteps`]: options of an invocation as a list that can be applied again and again.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::Invocation;

type OptionStep = Arc<dyn Fn(Invocation) -> Invocation + Send + Sync>;

/// Options as the list of calls that set them, in order.
///
/// Applying the same list to each invocation of a thread is what makes every turn restate every option:
/// there is no second place that could forget one.
#[derive(Clone, Default)]
pub(crate) struct OptionSteps {
    steps: Vec<OptionStep>,
    #[cfg(feature = "tools")]
    tools: Vec<crate::ToolSet>,
}

impl OptionSteps {
    pub(crate) fn push(&mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) {
        self.steps.push(Arc::new(step));
    }

    #[cfg(feature = "tools")]
    pub(crate) fn push_tools(&mut self, tools: crate::ToolSet) {
        self.tools.push(tools);
    }

    #[cfg(feature = "tools")]
    pub(crate) fn tools(&self) -> &[crate::ToolSet] {
        &self.tools
    }

    pub(crate) fn apply(&self, invocation: Invocation) -> Invocation {
        self.steps.iter().fold(invocation, |invocation, step| step(invocation))
    }
}

impl fmt::Debug for OptionSteps {
    /// Shows what the options do to an invocation; the prompt in it is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.apply(Invocation::new("")).fmt(f)
    }
}

/// Makes a path absolute the way an invocation does, once and not at every turn.
///
/// Otherwise a turn after a change of the working directory would mean another folder than the first.
pub(crate) fn absolute(path: impl Into<PathBuf>) -> PathBuf {
    let path = path.into();
    Invocation::new("").cwd(path.clone()).parts().cwd.clone().unwrap_or(path)
}
