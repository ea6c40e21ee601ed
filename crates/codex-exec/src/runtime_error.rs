//! [`RuntimeError`]: what the runtime of a thread lacks.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use tokio::runtime::Handle;

/// What the tokio runtime of a thread lacks that turns and commands need.
///
/// ```
/// use codex_exec::RuntimeError;
///
/// assert_eq!(RuntimeError::check(), Err(RuntimeError::Missing));
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// assert_eq!(runtime.block_on(async { RuntimeError::check() }), Err(RuntimeError::NoTime));
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// assert_eq!(runtime.block_on(async { RuntimeError::check() }), Ok(()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// There is none.
    #[error("there is no tokio runtime on this thread: await within one")]
    Missing,
    /// It has no time driver.
    #[error("the tokio runtime has no time driver: build it with `enable_time` or `enable_all`")]
    NoTime,
    /// It has no I/O driver.
    #[error("the tokio runtime has no I/O driver: build it with `enable_io` or `enable_all`")]
    NoIo,
}

impl RuntimeError {
    /// Looks whether this thread is in a runtime that has a time driver. Only [`open`](RuntimeError::open) can tell whether it has
    /// an I/O driver.
    ///
    /// # Errors
    ///
    /// There is none, or it has not. Tokio says so by a panic, which is caught here; the panic hook sees it.
    pub fn check() -> Result<(), Self> {
        Handle::try_current().map_err(|_| Self::Missing)?;
        catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).map_err(|_| Self::NoTime)
    }

    /// Opens something that needs the I/O driver of the runtime: a socket, a pipe, a process.
    ///
    /// # Errors
    ///
    /// Those of `open`; or the runtime has no such driver, which the error names.
    ///
    /// # Panics
    ///
    /// If `open` does for another reason.
    pub fn open<T>(open: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(opened) => opened,
            Err(panic) if says_no_io(&*panic) => Err(Self::NoIo.into()),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Finds the lack that an error of the system stands for.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied()
    }
}

impl From<RuntimeError> for io::Error {
    fn from(error: RuntimeError) -> Self {
        Self::other(error)
    }
}

/// Tokio has no other words for it: sockets and pipes say the first, processes the second.
fn says_no_io(panic: &(dyn Any + Send)) -> bool {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.is_some_and(|text| text.contains("IO is disabled") || text.contains("no signal driver"))
}
