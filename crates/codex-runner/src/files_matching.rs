//! [`files_matching`]: the files of a project that patterns stand for, found without following a link and within limits.

mod pattern;

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};

use pattern::{NameStep, PatternPlaces};

/// How far patterns are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchLimits {
    /// How many entries of folders are looked at.
    pub(crate) entries: usize,
    /// How many files are found.
    pub(crate) files: usize,
    /// How deep folders may be nested.
    pub(crate) depth: usize,
    /// How long it may take.
    pub(crate) time: Duration,
}

/// What patterns stand for.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// The files, relative to the project and in order; devices, named pipes and folders are none.
    pub(crate) files: Vec<PathBuf>,
    /// What has a name that matches, or stands on the way to one, and is a link.
    pub(crate) links: Vec<PathBuf>,
    /// Whether a limit was reached, or the search stopped, before everything was looked at.
    pub(crate) is_cut: bool,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self { entries: 500_000, files: 2_000, depth: 64, time: Duration::from_secs(10) }
    }
}

/// Finds the files below a folder that one of these patterns stands for. Setting `stop` ends the search.
///
/// `*` and `?` stand for what is in one name, `**` for folders. A link is not followed, and `**` does not look into `.git`.
pub(crate) fn files_matching(
    root: &Path,
    patterns: &[String],
    limits: SearchLimits,
    stop: &AtomicBool,
) -> Matching {
    let mut found = Matching::default();
    let mut search =
        Search { limits, stop, until: Instant::now() + limits.time, entries: 0, found: &mut found };
    if let Ok(folder) = openat(CWD, root, FOLDER, Mode::empty()) {
        search.folder(&File::from(folder), Path::new(""), &PatternPlaces::of(patterns), 0);
    }
    found.files.sort();
    found.files.dedup();
    found.links.sort();
    found.links.dedup();
    found
}

/// Opens a file below a folder without following a link on the way.
///
/// # Errors
///
/// A part of the path is a link, or the file is not a regular one: opening a named pipe would block forever.
pub(crate) fn open_below(root: &Path, path: &Path) -> io::Result<(File, Metadata)> {
    let mut folder = File::from(openat(CWD, root, FOLDER, Mode::empty())?);
    let mut parts = path.components().map(std::path::Component::as_os_str).peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_some() {
            folder = openat(&folder, part, FOLDER | OFlags::NOFOLLOW, Mode::empty())?.into();
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        // Opening a device may do something; so its kind is looked at before, and again of what was opened.
        let kind = FileType::from_raw_mode(statat(&folder, part, AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
        if kind != FileType::RegularFile {
            break;
        }
        let file = File::from(openat(&folder, part, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if metadata.is_file() {
            return Ok((file, metadata));
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file, or a link"))
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

struct Search<'a> {
    limits: SearchLimits,
    stop: &'a AtomicBool,
    until: Instant,
    entries: usize,
    found: &'a mut Matching,
}

impl Search<'_> {
    /// Looks into a folder for what these places of the patterns stand for.
    fn folder(&mut self, folder: &File, path: &Path, places: &PatternPlaces, depth: usize) {
        if depth > self.limits.depth {
            self.found.is_cut = true;
            return;
        }
        // Names that are written out need no look at all the others.
        let plain = places.plain_names();
        for name in &plain {
            self.entry(folder, path, OsStr::new(name), places, depth);
        }
        if places.needs_listing() {
            for entry in Dir::read_from(folder).into_iter().flatten() {
                // What cannot be listed has no reports.
                let Ok(entry) = entry else { return };
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                let is_done = name.to_str().is_some_and(|name| plain.contains(name));
                if name == "." || name == ".." || is_done {
                    continue;
                }
                if self.is_over() {
                    self.found.is_cut = true;
                    return;
                }
                self.entry(folder, path, name, places, depth);
            }
        }
    }

    fn entry(&mut self, folder: &File, path: &Path, name: &OsStr, places: &PatternPlaces, depth: usize) {
        self.entries += 1;
        let NameStep { below, is_match } = places.step(name);
        if !is_match && below.is_empty() {
            return;
        }
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { return };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let whole = path.join(name);
        if kind == FileType::Symlink && (is_match || below.is_named()) {
            self.found.links.push(whole);
        } else if kind == FileType::RegularFile && is_match {
            if self.found.files.len() >= self.limits.files {
                self.found.is_cut = true;
            } else {
                self.found.files.push(whole);
            }
        } else if kind == FileType::Directory
            && !below.is_empty()
            && let Ok(entered) = openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())
        {
            self.folder(&entered.into(), &whole, &below, depth + 1);
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
            || self.entries >= self.limits.entries
            || (self.entries.is_multiple_of(64) && Instant::now() >= self.until)
    }
}

#[cfg(test)]
mod tests;
