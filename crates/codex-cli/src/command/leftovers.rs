//! Waiting for what a dropped turn or check has left to be killed.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

/// How long killing may take, and how often is looked whether it is done.
const KILL_LIMIT: Duration = Duration::from_secs(4);
const KILL_LOOK: Duration = Duration::from_millis(5);

/// Waits until the tasks that kill what a dropped turn has left are done.
pub(super) async fn killed() {
    let metrics = Handle::current().metrics();
    let over = async {
        while metrics.num_alive_tasks() > 0 {
            sleep(KILL_LOOK).await;
        }
    };
    // Where they do not end, the end of the runtime kills once more.
    let _ = timeout(KILL_LIMIT, over).await;
}
