//! A soak whose host leaves a process when it is killed: that is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_fixtures::processes_with_environment;
use codex_soak::{Course, Length, Soak};
use rustix::process::{Pid, Signal, kill_process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stays_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let host = leaky_host(&folder.path().join("host"));
    // With this seed the first turn is the one whose host is killed, and that after two seconds.
    let soak = Soak::new(folder.path().join("soak"), host, Length::Turns(1)).seed(16).lanes(1);
    let report = soak.patience(Duration::from_secs(1)).run(|_| {}).await.unwrap();
    let left = processes_with_environment(&format!("CODEX_SOAK_{}", std::process::id()));
    for pid in &left {
        kill_process(Pid::from_raw(i32::try_from(*pid).unwrap()).unwrap(), Signal::KILL).unwrap();
    }
    assert_eq!((left.len(), report.turns_of(Course::HostKill)), (1, 1), "{report}");
    let told = "processes: 0 at the start, 1 at the end".to_owned();
    assert!(!report.is_clean() && report.problems.contains(&told), "{report}");
}

/// A host that leaves a process when it is killed.
fn leaky_host(path: &Path) -> PathBuf {
    fs::write(path, "#!/bin/sh\nsleep 600 &\nexec sleep 600\n").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}
