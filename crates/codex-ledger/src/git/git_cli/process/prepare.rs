//! [`Prepare`]: what a caller does with a command before it is started.

use std::fmt;
use std::process::Command;
use std::sync::Arc;

/// Changes a command before it is started; by default not at all.
#[derive(Clone, Default)]
pub(in crate::git::git_cli) struct Prepare(Option<Arc<Preparation>>);

type Preparation = dyn Fn(&mut Command) + Send + Sync;

impl Prepare {
    pub(in crate::git::git_cli) fn of(change: impl Fn(&mut Command) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(change)))
    }

    pub(super) fn apply(&self, command: &mut Command) {
        if let Some(change) = &self.0 {
            change(command);
        }
    }
}

impl fmt::Debug for Prepare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepare").field(&self.0.is_some()).finish()
    }
}
