//! [`Counts`]: how much of everything there is right now.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codex_fixtures::{open_fds, processes_with_environment};
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::scene::{Scene, is_cache};

/// How much of everything there is right now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Processes that this one has started, and those that they have started.
    pub processes: usize,
    /// Open file descriptors of this process.
    pub fds: usize,
    /// Threads of this process.
    pub threads: usize,
    /// Tasks of its runtime.
    pub tasks: usize,
    /// Files where they come and go with a turn; locks are among them from the first turn on.
    pub files: usize,
}

impl Counts {
    /// Counts within the runtime of the soak.
    pub(crate) fn now(scene: &Scene) -> Self {
        let threads = fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
        Self {
            processes: processes_with_environment(scene.mark()).len() + children(),
            fds: open_fds(),
            threads,
            tasks: Handle::current().metrics().num_alive_tasks(),
            files: files(scene).len(),
        }
    }

    /// Waits until the counts have not changed for a second, at most half a minute.
    pub(crate) async fn settled(scene: &Scene) -> Self {
        let begun = Instant::now();
        let (mut last, mut since) = (Self::now(scene), Instant::now());
        while since.elapsed() < Duration::from_secs(1) && begun.elapsed() < Duration::from_secs(30) {
            sleep(Duration::from_millis(50)).await;
            let now = Self::now(scene);
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        last
    }

    /// Waits until nothing is more than before, at most so long.
    pub(crate) async fn back_to(scene: &Scene, before: Self, limit: Duration) -> Self {
        let begun = Instant::now();
        loop {
            let now = Self::now(scene);
            if now.more_than(before).is_empty() || begun.elapsed() > limit {
                return now;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Each count by its name.
    pub fn rows(self) -> [(&'static str, usize); 5] {
        [
            ("processes", self.processes),
            ("file descriptors", self.fds),
            ("threads", self.threads),
            ("tasks", self.tasks),
            ("temporary files", self.files),
        ]
    }

    /// A sentence for each count that is higher than before.
    pub fn more_than(self, before: Self) -> Vec<String> {
        let pairs = self.rows().into_iter().zip(before.rows());
        let more = pairs.filter(|((_, now), (_, before))| now > before);
        more.map(|((name, now), (_, before))| format!("{name}: {before} at the start, {now} at the end"))
            .collect()
    }
}

/// How much memory this process holds, in MiB; 0 where the system does not say.
pub(crate) fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

/// The process whose parent this one is, and that carries the mark: Codex itself, and not its commands.
pub(crate) fn child_with_mark(mark: &str) -> Option<u32> {
    let ours = std::process::id();
    processes_with_environment(mark).into_iter().find(|pid| parent_of(&pid.to_string()) == Some(ours))
}

/// Children of this process, those among them that nobody has waited for included.
fn children() -> usize {
    let ours = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && parent_of(name) == Some(ours))
        .count()
}

fn parent_of(pid: &str) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before is in brackets and may itself hold brackets and blanks.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The files and folders where they come and go with a turn.
pub(crate) fn files(scene: &Scene) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for folder in scene.passing_folders() {
        list_below(&folder, &mut found);
    }
    found
}

fn list_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| !is_cache(&entry.file_name())) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list_below(&entry.path(), found);
        }
        found.insert(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_before_is_named() {
        let before = Counts { processes: 0, fds: 9, threads: 4, tasks: 1, files: 12 };
        let after = Counts { fds: 11, threads: 3, ..before };
        assert_eq!(after.more_than(before), ["file descriptors: 9 at the start, 11 at the end"]);
        assert!(before.more_than(after).contains(&"threads: 3 at the start, 4 at the end".to_owned()));
    }

    #[test]
    fn files_in_folders_within_folders_count() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), "").unwrap();
        fs::write(folder.path().join("a/b/kept-c"), "").unwrap();
        let mut found = BTreeSet::new();
        list_below(folder.path(), &mut found);
        let found: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(found, ["a", "a/b", "a/b/c"].map(Path::new));
    }
}
