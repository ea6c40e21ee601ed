//! [`StartNote`]: what a start leaves on disk until its end, so that the next one can clean up after a crash.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::sweep::{Marks, sweep};
use crate::thread_lock::old_files;
use crate::{Marker, StateDir, Survivors, ThreadLock};

/// Ends the name of a note that is not locked yet.
const UNLOCKED: &str = "new";
/// How often a note is made that somebody takes for one of the dead.
const ATTEMPTS: u32 = 3;

/// A file that is named after the marker of a start and locked while its owner lives.
///
/// The lock says whether the owner lives: a process id could be somebody else's by now.
#[derive(Debug)]
pub(crate) struct StartNote {
    path: PathBuf,
    locked: File,
}

impl Drop for StartNote {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is just being started holds a copy until its program begins.
        drop(self.locked.unlock());
    }
}

impl StartNote {
    /// Notes a start.
    pub(crate) fn write(state_dir: &StateDir, marker: &Marker) -> io::Result<Self> {
        let path = state_dir.starts()?.join(marker.variable_name());
        // Under another name until it is locked: whoever sweeps takes an unlocked note for one of the dead.
        let unlocked = path.with_extension(format!("{}.{UNLOCKED}", std::process::id()));
        let mut attempts = ATTEMPTS;
        loop {
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unlocked)?;
            match file.lock().and_then(|()| std::fs::rename(&unlocked, &path)) {
                Ok(()) => return Ok(Self { path, locked: file }),
                // Somebody in another namespace of processes does not see this one.
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts > 1 => attempts -= 1,
                Err(error) => {
                    drop(std::fs::remove_file(&unlocked));
                    return Err(error);
                }
            }
        }
    }

    /// Forgets the start: nothing of it is left, or what is left may stay.
    ///
    /// A note that is only dropped, with its runtime, stays: then the next start looks for what a single pass has missed.
    pub(crate) fn forget(self) {
        // Where it cannot be removed the next start finds it unlocked, sweeps nothing and removes it.
        drop(std::fs::remove_file(&self.path));
    }
}

impl StateDir {
    /// Kills what is left of starts whose owner died without ending them, as each start does first.
    ///
    /// Returns the processes that were found. It reads `/proc` where there was such a start, and blocks meanwhile.
    ///
    /// # Errors
    ///
    /// As [`StateDir::starts`].
    ///
    /// ```
    /// use codex_exec::StateDir;
    ///
    /// let scratch = tempfile::tempdir()?;
    /// assert!(StateDir::at(scratch.path().join("state")).sweep_the_dead()?.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn sweep_the_dead(&self) -> io::Result<Vec<u32>> {
        sweep_the_dead(self)
    }
}

/// Sweeps what starts have left whose owner died, and forgets them; forgets what a crash has left of other files as well.
///
/// Returns the processes that were found.
pub(crate) fn sweep_the_dead(state_dir: &StateDir) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    let starts = state_dir.starts()?;
    for entry in std::fs::read_dir(&starts)?.flatten() {
        found.extend(sweep_if_dead(&entry.path()));
    }
    // An owner that dies between making its note and naming it has started nothing.
    let is_unlocked = |path: &PathBuf| path.extension().is_some_and(|end| end == UNLOCKED);
    let all = std::fs::read_dir(&starts)?.flatten().map(|entry| entry.path());
    let of_the_dead = all.filter(|path| is_unlocked(path) && has_no_owner(path));
    for path in old_files(&starts)?.into_iter().filter(is_unlocked).chain(of_the_dead) {
        drop(std::fs::remove_file(path));
    }
    ThreadLock::forget_abandoned(state_dir)?;
    Ok(found)
}

/// Whether the process that a note which is not locked yet names is gone.
fn has_no_owner(note: &Path) -> bool {
    let named = note.file_stem().map(Path::new).and_then(Path::extension);
    let owner = named.and_then(|pid| pid.to_str()?.parse().ok()).and_then(Pid::from_raw);
    owner.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

fn sweep_if_dead(path: &Path) -> Vec<u32> {
    let Some(marker) = path.file_name().and_then(|name| name.to_str()).and_then(Marker::parse) else {
        return Vec::new();
    };
    let Ok(file) = File::open(path) else { return Vec::new() };
    if !is_of_the_dead(&file, path) {
        return Vec::new();
    }
    let found = sweep(&Marks { marker, thread: None }, Survivors::Kill);
    drop(std::fs::remove_file(path));
    found
}

/// A note that was forgotten since it was opened is of a start that has ended as it should.
fn is_of_the_dead(note: &File, path: &Path) -> bool {
    note.try_lock().is_ok() && path.exists()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, SystemTime};

    use super::{StartNote, UNLOCKED, is_of_the_dead, sweep_the_dead};
    use crate::{Marker, StateDir};

    #[test]
    fn what_a_crash_left_is_forgotten_after_a_day() {
        let scratch = tempfile::tempdir().unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        let left = |folder: std::path::PathBuf, name: &str, age_hours: u64| {
            let path = folder.join(name);
            let file = File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_hours(age_hours)).unwrap();
            (path, file)
        };
        let unlocked = format!("{}.{UNLOCKED}", Marker::new().variable_name());
        let (note, _) = left(state.starts().unwrap(), &unlocked, 25);
        let (lock, _) = left(state.threads().unwrap(), "dead.lock", 25);
        let (young, _) = left(state.threads().unwrap(), "young.lock", 1);
        let (held, holder) = left(state.threads().unwrap(), "held.lock", 25);
        holder.lock().unwrap();
        sweep_the_dead(&state).unwrap();
        let there = [note, lock, young, held].map(|path| path.exists());
        assert_eq!(there, [false, false, true, true]);
    }

    #[test]
    fn a_note_that_is_not_locked_yet_goes_with_its_owner() {
        let scratch = tempfile::tempdir().unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        // No system has so many processes.
        let note = |owner: &str| {
            let name = format!("{}{owner}.{UNLOCKED}", Marker::new().variable_name());
            let path = state.starts().unwrap().join(name);
            File::create(&path).unwrap();
            path
        };
        let notes = [note(".2147483000"), note(&format!(".{}", std::process::id())), note("")];
        sweep_the_dead(&state).unwrap();
        assert_eq!(notes.map(|path| path.exists()), [false, true, true]);
    }

    #[test]
    fn only_a_note_without_an_owner_that_is_still_there_is_of_the_dead() {
        let scratch = tempfile::tempdir().unwrap();
        let state = StateDir::at(scratch.path().join("state"));
        let note = || {
            let note = StartNote::write(&state, &Marker::new()).unwrap();
            let (opened, path) = (File::open(&note.path).unwrap(), note.path.clone());
            (note, opened, path)
        };
        let (living, opened, path) = note();
        assert!(!is_of_the_dead(&opened, &path));
        living.forget();
        assert!(!is_of_the_dead(&opened, &path), "what it left it may have left on purpose");
        let (dropped, opened, path) = note();
        drop(dropped);
        assert!(is_of_the_dead(&opened, &path));
    }
}
