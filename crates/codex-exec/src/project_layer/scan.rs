//! The search for files of the project layer: bounded, and through no link out of the repository.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::{LayerContent, LayerFile, LayerFileKind, LayerLimits, ProjectLayer};

const SETTINGS: &str = ".codex";
const AGENTS: &str = ".agents";
const SKILLS: &str = "skills";
/// The first that a folder has counts, as for Codex.
pub(crate) const INSTRUCTIONS: [&str; 2] = ["AGENTS.override.md", "AGENTS.md"];

/// Looks into a folder and each above it, up to the first that has one of the markers.
pub(super) fn chain(cwd: &Path, root_markers: &[String], limits: &LayerLimits) -> ProjectLayer {
    let cwd = fs::canonicalize(cwd).unwrap_or_else(|_| cwd.to_owned());
    let is_root =
        |folder: &&Path| root_markers.iter().any(|marker| folder.join(marker).symlink_metadata().is_ok());
    let root = cwd.ancestors().find(is_root).unwrap_or(&cwd).to_owned();
    let mut search = LayerSearch::new(&root, limits);
    for folder in cwd.ancestors().take_while(|folder| folder.starts_with(&root)) {
        search.look_into(folder, FolderReach::Itself);
    }
    search.finish()
}

/// Looks into a folder and all below it.
pub(super) fn below(root: &Path, limits: &LayerLimits) -> ProjectLayer {
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let mut search = LayerSearch::new(&root, limits);
    search.look_into(&root, FolderReach::Below(0));
    search.finish()
}

/// Reads a file; through links if they end below `root`.
pub(super) fn content(path: &Path, root: &Path, limits: &LayerLimits) -> LayerContent {
    let Ok(found) = fs::symlink_metadata(path) else { return LayerContent::Unread };
    let mut real = path.to_owned();
    if found.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        match fs::canonicalize(path) {
            Ok(end) if end.starts_with(root) => real = end,
            Ok(_) | Err(_) => return LayerContent::Link(target),
        }
    }
    read(&real, limits.file_bytes).map_or(LayerContent::Unread, LayerContent::Bytes)
}

/// Opens a regular file and nothing else: opening a device can do something.
fn read(path: &Path, limit_bytes: u64) -> Option<Vec<u8>> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).ok()?);
    file.metadata().ok().filter(fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    file.take(limit_bytes + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limit_bytes).then_some(bytes)
}

/// What of a folder is looked at.
#[derive(Clone, Copy)]
enum FolderReach {
    /// What Codex reads in this folder.
    Itself,
    /// The same in all folders below it too, this one being so deep.
    Below(usize),
}

struct LayerSearch<'a> {
    root: &'a Path,
    limits: &'a LayerLimits,
    deadline: Instant,
    entries_left: usize,
    bytes_left: u64,
    found: ProjectLayer,
}

impl<'a> LayerSearch<'a> {
    fn new(root: &'a Path, limits: &'a LayerLimits) -> Self {
        let found = ProjectLayer { files: Vec::new(), complete: true };
        let deadline = Instant::now() + limits.time;
        Self { root, limits, deadline, entries_left: limits.entries, bytes_left: limits.total_bytes, found }
    }

    fn finish(mut self) -> ProjectLayer {
        self.found.files.sort_by(|one, other| one.path.cmp(&other.path));
        self.found.files.dedup_by(|one, other| one.path == other.path);
        self.found
    }

    fn look_into(&mut self, folder: &Path, reach: FolderReach) {
        // One that is named as a path lies in a folder of its own.
        for name in self.limits.fallback_names.iter().filter(|name| name.contains('/')) {
            let path = folder.join(name);
            if path.symlink_metadata().is_ok() {
                self.take(&path, LayerFileKind::Instruction);
            }
        }
        for path in self.entries(folder) {
            let is = |name: &str| is_named(&path, name);
            if is(SETTINGS) && self.is_home(&path) {
                continue;
            }
            if self.is_document(&path) {
                self.take(&path, LayerFileKind::Instruction);
            } else if is(SETTINGS) {
                self.take_all(&path, LayerFileKind::Program, 0);
            } else if is(AGENTS) && is_plain_folder(&path) {
                self.take_skills(&path);
            } else if is(AGENTS) {
                self.take_all(&path, LayerFileKind::Instruction, 0);
            } else if let FolderReach::Below(depth) = reach
                && !is(".git")
                && is_plain_folder(&path)
            {
                if depth < self.limits.depth {
                    self.look_into(&path, FolderReach::Below(depth + 1));
                } else {
                    self.found.complete = false;
                }
            }
        }
    }

    /// Whether this is the name of a file that Codex tells the agent by itself. A folder does not count.
    fn is_document(&self, path: &Path) -> bool {
        let is_fallback = || self.limits.fallback_names.iter().any(|name| is_named(path, name));
        INSTRUCTIONS.iter().any(|name| is_named(path, name)) || (is_fallback() && !is_plain_folder(path))
    }

    fn is_home(&self, path: &Path) -> bool {
        let real = |path: &Path| fs::canonicalize(path).ok();
        self.limits
            .codex_home
            .as_deref()
            .is_some_and(|home| real(home).is_some_and(|home| real(path) == Some(home)))
    }

    fn take_skills(&mut self, agents: &Path) {
        for path in self.entries(agents) {
            if is_named(&path, SKILLS) {
                self.take_all(&path, LayerFileKind::Instruction, 0);
            }
        }
    }

    /// Takes what lies here, and below it if it is a folder or a link to one within the repository.
    fn take_all(&mut self, path: &Path, kind: LayerFileKind, depth: usize) {
        let is_folder = fs::metadata(path).is_ok_and(|found| found.is_dir());
        let stays = || fs::canonicalize(path).is_ok_and(|real| real.starts_with(self.root));
        if !is_folder || !stays() {
            return self.take(path, kind);
        }
        if depth >= self.limits.depth {
            self.found.complete = false;
            return;
        }
        for entry in self.entries(path) {
            // Skills speak to the agent wherever they lie.
            let kind = if depth == 0 && is_named(&entry, SKILLS) { LayerFileKind::Instruction } else { kind };
            self.take_all(&entry, kind, depth + 1);
        }
    }

    fn take(&mut self, path: &Path, kind: LayerFileKind) {
        let mut content = content(path, self.root, self.limits);
        if let LayerContent::Bytes(bytes) = &content {
            if let Some(left) = self.bytes_left.checked_sub(bytes.len() as u64) {
                self.bytes_left = left;
            } else {
                self.found.complete = false;
                content = LayerContent::Unread;
            }
        }
        self.found.files.push(LayerFile { path: path.to_owned(), kind, content });
    }

    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.found.complete &= error.kind() == std::io::ErrorKind::NotFound;
                return paths;
            }
        };
        for entry in entries {
            if self.entries_left == 0 || Instant::now() > self.deadline {
                self.found.complete = false;
                break;
            }
            self.entries_left -= 1;
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(_) => self.found.complete = false,
            }
        }
        paths
    }
}

/// Compares names without case, as some file systems do.
fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().and_then(|own| own.to_str()).is_some_and(|own| own.eq_ignore_ascii_case(name))
}

fn is_plain_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}
