//! [`StartNote`]: what a start leaves on disk until its end, so that the next one can clean up after a crash.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::sweep::{Marks, sweep};
use crate::{Marker, StateDir, Survivors};

/// Ends the name of a note that is not locked yet.
const UNLOCKED: &str = "new";

/// A file that is named after the marker of a start and locked while its owner lives.
///
/// The lock says whether the owner lives: a process id could be somebody else's by now.
#[derive(Debug)]
pub(crate) struct StartNote {
    path: PathBuf,
    _locked: File,
}

impl StartNote {
    /// Notes a start.
    pub(crate) fn write(state_dir: &StateDir, marker: &Marker) -> io::Result<Self> {
        let path = state_dir.starts()?.join(marker.variable_name());
        // Under another name until it is locked: whoever sweeps takes an unlocked note for one of the dead.
        let unlocked = path.with_extension(UNLOCKED);
        let file = OpenOptions::new().write(true).create_new(true).open(&unlocked)?;
        file.lock().and_then(|()| std::fs::rename(&unlocked, &path)).inspect_err(|_| {
            drop(std::fs::remove_file(&unlocked));
        })?;
        Ok(Self { path, _locked: file })
    }
}

impl Drop for StartNote {
    fn drop(&mut self) {
        // Where it cannot be removed the next start finds it unlocked, sweeps nothing and removes it.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Sweeps what starts have left whose owner died, and forgets them.
///
/// Returns the processes that were found.
pub(crate) fn sweep_the_dead(state_dir: &StateDir) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(state_dir.starts()?)?.flatten() {
        found.extend(sweep_if_dead(&entry.path()));
    }
    Ok(found)
}

fn sweep_if_dead(path: &Path) -> Vec<u32> {
    let Some(marker) = path.file_name().and_then(|name| name.to_str()).and_then(Marker::parse) else {
        return Vec::new();
    };
    let Ok(file) = File::open(path) else { return Vec::new() };
    if file.try_lock().is_err() {
        return Vec::new();
    }
    let found = sweep(&Marks { marker, thread: None }, Survivors::Kill);
    drop(std::fs::remove_file(path));
    found
}
