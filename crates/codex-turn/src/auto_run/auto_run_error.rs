//! [`AutoRunError`]: why an auto-run did not begin.

use std::io;
use std::sync::Arc;

use codex_exec::RuntimeError;

use super::check::CheckError;

/// Why an auto-run did not begin. No turn was started, so no work is lost.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AutoRunError {
    /// A limit of nothing allows no turn.
    #[error("a limit of zero {limit} allows no turn")]
    #[non_exhaustive]
    ZeroLimit {
        /// What of.
        limit: &'static str,
    },
    /// A budget of money needs to know the model, and the thread does not choose one.
    #[error("a budget of money needs a thread that chooses its model: see ThreadOptions::model")]
    NoModel,
    /// The price table of the budget does not have the model.
    #[error("the price table does not have the model {model}: add its price")]
    #[non_exhaustive]
    NoPrice {
        /// The model.
        model: String,
    },
    /// A check cannot be asked.
    #[error("the check `{name}` cannot be asked")]
    #[non_exhaustive]
    Check {
        /// Its name.
        name: String,
        /// Why not.
        source: CheckError,
    },
    /// The runtime of the run lacks something that it needs.
    #[error(transparent)]
    Lack(#[from] RuntimeError),
    /// A blocking call was made inside an asynchronous runtime, which it would stall.
    #[error("a blocking call was made inside an asynchronous runtime: await the run instead")]
    InsideRuntime,
    /// A blocking call could not make its runtime.
    #[error("the runtime of a blocking call could not be made")]
    Runtime(#[source] Arc<io::Error>),
}
