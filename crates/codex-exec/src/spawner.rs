//! [`on_the_spawner`]: one thread that starts every process.
//!
//! The kernel ties the parent-death signal to the *thread* that spawned: from a pool thread, Codex would be interrupted when the
//! idle thread ends. This thread lives as long as the process.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Runs `work` on the thread that starts processes, inside the caller's runtime.
///
/// # Cancel safety
///
/// Work that was handed over runs; when nobody waits for its result any more the result is dropped there.
pub(crate) async fn on_the_spawner<T, F>(work: F) -> io::Result<T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    let runtime = tokio::runtime::Handle::current();
    let (answer, result) = oneshot::channel();
    let job: Job = Box::new(move || {
        let _inside = runtime.enter();
        // Nobody may be waiting any more; then dropping the result is the clean-up.
        drop(answer.send(work()));
    });
    let gone = || io::Error::other("the thread that starts processes is gone");
    spawner()?.send(job).map_err(|_| gone())?;
    result.await.map_err(|_| gone())?
}

fn spawner() -> io::Result<Sender<Job>> {
    static SPAWNER: OnceLock<Sender<Job>> = OnceLock::new();
    if let Some(sender) = SPAWNER.get() {
        return Ok(sender.clone());
    }
    let (sender, jobs) = channel::<Job>();
    std::thread::Builder::new().name("codex-spawn".to_owned()).spawn(move || {
        for job in jobs {
            job();
        }
    })?;
    // Of two first callers one loses; its thread ends with its sender, before it has spawned anything.
    Ok(SPAWNER.get_or_init(|| sender).clone())
}
