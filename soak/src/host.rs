//! [`run_host`]: the process that is killed while it runs and records a turn.

use std::path::Path;

use anyhow::{Result, bail};
use codex_fixtures::ModelServer;

use crate::Course;
use crate::scene::Scene;

/// Runs and records a turn in a lane of a soak, until somebody kills this process.
///
/// # Errors
///
/// The turn cannot run, or it is over and this process still lives.
pub async fn run_host(folder: &Path, lane: usize, mark: &str) -> Result<()> {
    let scene = Scene::at(folder, lane + 1, mark.to_owned())?;
    let course = Course::HostKill;
    let server = ModelServer::start(course.script(0))?;
    let thread = scene.codex(&server, lane)?.start_thread(scene.options(lane));
    let project = scene.project(lane)?;
    let ended = project.record(thread.run("wait")).task(course.name()).await;
    bail!("nobody has killed this process: {ended:?}")
}
