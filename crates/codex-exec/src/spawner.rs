//! [`on_the_spawner`]: one thread that starts every process.
//!
//! The kernel ties the parent-death signal to the *thread* that spawned: from a pool thread, Codex would be interrupted when the
//! idle thread ends. This thread lives as long as the process.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

use crate::RuntimeError;

type SpawnJob = Box<dyn FnOnce() + Send>;

/// Runs `work` on the thread that starts processes, inside the caller's runtime.
///
/// # Errors
///
/// Those of `work`; that it panicked; and that there is no runtime, or it has no time or no I/O driver.
///
/// # Cancel safety
///
/// Work that nobody waits for any more is not begun; where it was begun its result is dropped on that thread.
pub(crate) async fn on_the_spawner<T, F>(work: F) -> io::Result<T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    // Better here than when the first limit is set and the process runs.
    RuntimeError::check()?;
    let runtime = tokio::runtime::Handle::current();
    let (answer, result) = oneshot::channel();
    let job: SpawnJob = Box::new(move || {
        if answer.is_closed() {
            return;
        }
        let _inside = runtime.enter();
        // Nobody may be waiting any more; then dropping the result is the clean-up.
        drop(answer.send(RuntimeError::open(work)));
    });
    let no_answer = || io::Error::other("the thread that starts processes panicked");
    spawner()?.send(job).map_err(|_| no_answer())?;
    result.await.map_err(|_| no_answer())?
}

fn spawner() -> io::Result<Sender<SpawnJob>> {
    static SPAWNER: OnceLock<Sender<SpawnJob>> = OnceLock::new();
    if let Some(sender) = SPAWNER.get() {
        return Ok(sender.clone());
    }
    let (sender, jobs) = channel::<SpawnJob>();
    std::thread::Builder::new().name("codex-spawn".to_owned()).spawn(move || {
        for job in jobs {
            // If one panics the others must not pay for it: with this thread all that is tied to it would be interrupted.
            drop(catch_unwind(AssertUnwindSafe(job)));
        }
    })?;
    // Of two first callers one loses; its thread ends with its sender, before it has spawned anything.
    Ok(SPAWNER.get_or_init(|| sender).clone())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};

    use super::on_the_spawner;

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_the_next_is_done() {
        let error = on_the_spawner(|| -> std::io::Result<()> { panic!("on purpose") }).await.unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
        assert_eq!(on_the_spawner(|| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_not_begun() {
        let (open, gate) = channel::<()>();
        let (tell, told) = channel();
        let polled_once = |work: Box<dyn FnOnce() + Send>| {
            let mut future = Box::pin(on_the_spawner(move || {
                work();
                Ok(())
            }));
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            future
        };
        let busy = polled_once(Box::new(move || {
            let _ = gate.recv();
        }));
        drop(polled_once(Box::new(move || tell.send(()).unwrap())));
        drop(open);
        busy.await.unwrap();
        on_the_spawner(|| Ok(())).await.unwrap();
        assert!(told.try_recv().is_err());
    }
}
