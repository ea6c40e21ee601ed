//! [`Watched`]: how the watched files of a worktree stand at one moment.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, Metadata};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{PROJECT_LAYER_CHANGED, UNSEEN, WATCH_INCOMPLETE, Watch, fold};
use crate::git::git_dir::is_of_repository;
use crate::manifest::Violation;
use crate::system::plain_file::{open_plain, read_at_most};
use crate::values::{LEDGER_ROOT, RepoPath, sha256_hex};

/// The content of files up to this size is compared; of longer ones what the system says of them.
const MOST_BYTES: u64 = 4 << 20;
/// The system takes no longer paths, so that git skips the file.
const MOST_PATH_BYTES: usize = 4096;
/// Up to this many paths are named.
const MOST_UNSEEN: usize = 50;

/// How the watched files of a worktree stand at one moment, those that git ignores included.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    files: BTreeMap<String, String>,
    /// Paths that git never stores: files below a fake `.git`, and folders that cannot be listed.
    unseen: BTreeMap<String, String>,
    /// Nested repositories, each with a sum over the metadata of its files: a record has their commit only.
    repositories: BTreeMap<String, u64>,
    is_complete: bool,
}

impl Watched {
    /// Looks through a worktree, at no more than so many entries, without following a link.
    pub(crate) fn scan(watch: &Watch, root: &Path, limit: usize) -> Self {
        if watch.is_empty() {
            return Self { is_complete: true, ..Self::default() };
        }
        let mut scan = Scan { watch, left: limit, found: Self::default() };
        let top = Folder {
            path: root.to_owned(),
            name: Vec::new(),
            folded: Vec::new(),
            is_unseen: false,
            repository: None,
        };
        let mut queue = vec![top];
        while let Some(folder) = queue.pop() {
            scan.folder(&folder, &mut queue);
        }
        Self { is_complete: scan.left > 0, ..scan.found }
    }

    /// What has changed from this moment to a later one.
    pub(crate) fn violations(&self, later: &Self) -> Vec<Violation> {
        let mut violations = Vec::new();
        for (path, mark) in &later.files {
            match self.files.get(path) {
                Some(before) if before == mark => {}
                Some(_) => violations.push(changed(path, "was changed")),
                None if self.is_complete => violations.push(changed(path, "was added")),
                None => {}
            }
        }
        let gone = self.files.keys().filter(|path| !later.files.contains_key(*path));
        violations.extend(gone.filter(|_| later.is_complete).map(|path| changed(path, "was deleted")));
        if self.is_complete && !later.is_complete {
            let detail = "the turn left more files than are looked through, so that files which speak to the agent may be \
                          among them unseen";
            violations.push(Violation::new(WATCH_INCOMPLETE, detail));
        }
        violations.extend(self.unseen_violations(later));
        violations.sort_by(|one, other| one.path.cmp(&other.path));
        violations
    }

    fn unseen_violations(&self, later: &Self) -> Vec<Violation> {
        let is_new = |path: &str, mark: &str| match self.unseen.get(path) {
            Some(before) => before != mark,
            None => self.is_complete,
        };
        let is_changed = |path: &str, sum: &u64| match self.repositories.get(path) {
            Some(before) => before != sum && later.is_complete,
            None => self.is_complete,
        };
        let new = later.unseen.iter().filter(|(path, mark)| is_new(path, mark)).map(|(path, _)| path);
        let repositories = later.repositories.iter().filter(|(path, sum)| is_changed(path, sum));
        let mut violations = named(
            new.collect(),
            "was added or changed during the turn where git does not look, so it is not in the record",
        );
        violations.extend(named(
            repositories.map(|(path, _)| path).collect(),
            "is a nested repository whose files changed during the turn; the record has only its commit",
        ));
        violations
    }
}

/// Returns a violation for each path, up to a limit, and one for the rest.
fn named(paths: Vec<&String>, detail: &str) -> Vec<Violation> {
    let rest = paths.len().saturating_sub(MOST_UNSEEN);
    let unnamed = (rest > 0)
        .then(|| Violation::new(UNSEEN, format!("the same is true of {rest} more paths: {detail}")));
    let first = paths.into_iter().take(MOST_UNSEEN);
    first.map(|path| Violation::new(UNSEEN, detail).at(path.as_str())).chain(unnamed).collect()
}

/// The violation of a watched file.
pub(super) fn changed(path: &str, what: &str) -> Violation {
    let detail = format!("{what} during the turn; it speaks to the agent or starts programs in later turns");
    Violation::new(PROJECT_LAYER_CHANGED, detail).at(path)
}

struct Scan<'a> {
    watch: &'a Watch,
    left: usize,
    found: Watched,
}

/// A folder that is to be looked through.
struct Folder {
    path: PathBuf,
    /// From the top of the worktree.
    name: Vec<u8>,
    folded: Vec<String>,
    /// Whether git ignores the folder.
    is_unseen: bool,
    /// The nested repository that it belongs to.
    repository: Option<Rc<str>>,
}

impl Scan<'_> {
    fn folder(&mut self, folder: &Folder, queue: &mut Vec<Folder>) {
        let is_below = self.watch.covers_parts(&folder.folded);
        let entries = match fs::read_dir(&folder.path) {
            Ok(entries) => entries,
            Err(error) => {
                // Nobody can say what is in there, or whether it is what it was.
                let list = if is_below { &mut self.found.files } else { &mut self.found.unseen };
                if let Ok(path) = RepoPath::from_bytes(folder.name.as_slice())
                    && (is_below || error.kind() != io::ErrorKind::NotFound)
                {
                    list.insert(path.to_string(), "unreadable".to_owned());
                }
                return;
            }
        };
        let entries: Vec<DirEntry> = entries.flatten().collect();
        let repository = self.repository_of(folder, &entries);
        for entry in entries {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            let file_name = entry.file_name();
            let own = file_name.as_bytes();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_too_long = folder.name.len() + 1 + own.len() >= MOST_PATH_BYTES;
            let is_git = own.eq_ignore_ascii_case(b".git");
            let is_passed_over = !is_folder && !is_below && !self.watch.may_be_named(own);
            if let (Some(repository), false) = (&repository, is_folder || is_git) {
                self.add_to(repository, &entry);
            }
            if is_passed_over && !is_git && !is_too_long && !folder.is_unseen {
                continue;
            }
            let path =
                if folder.name.is_empty() { own.to_vec() } else { [&folder.name, &b"/"[..], own].concat() };
            let mut parts = folder.folded.clone();
            parts.push(fold(&String::from_utf8_lossy(own)));
            // The git directory is not part of the project, and a nested repository is recorded by its commit.
            if is_git && (folder.name.is_empty() && own == b".git" || is_of_repository(&entry.path())) {
                continue;
            }
            let is_unseen = folder.is_unseen || is_git || is_too_long;
            if is_folder {
                // The ledger is guarded as a whole.
                if path != LEDGER_ROOT.as_bytes() {
                    let repository = repository.clone();
                    queue.push(Folder {
                        path: entry.path(),
                        name: path,
                        folded: parts,
                        is_unseen,
                        repository,
                    });
                }
            } else if let Ok(path) = RepoPath::from_bytes(path) {
                if is_unseen {
                    self.found.unseen.insert(path.to_string(), mark(&entry.path()));
                }
                if self.watch.covers_parts(&parts) {
                    self.found.files.insert(path.to_string(), mark(&entry.path()));
                }
            }
        }
    }

    /// Returns the nested repository that the entries of a folder belong to.
    fn repository_of(&mut self, folder: &Folder, entries: &[DirEntry]) -> Option<Rc<str>> {
        let is_top = folder.name.is_empty() || folder.is_unseen;
        let mut marks = entries.iter().filter(|entry| entry.file_name().eq_ignore_ascii_case(".git"));
        if is_top || !marks.any(|entry| is_of_repository(&entry.path())) {
            return folder.repository.clone();
        }
        let path = RepoPath::from_bytes(folder.name.as_slice()).ok()?.to_string();
        self.found.repositories.entry(path.clone()).or_default();
        Some(path.into())
    }

    /// Adds a file to the sum of its repository. A sum, because folders are listed in any order.
    fn add_to(&mut self, repository: &str, entry: &DirEntry) {
        let mut hasher = DefaultHasher::new();
        entry.path().hash(&mut hasher);
        if let Ok(found) = entry.metadata() {
            let times = (found.ctime(), found.ctime_nsec());
            (found.dev(), found.ino(), found.mode(), found.len(), times).hash(&mut hasher);
        }
        if let Some(sum) = self.found.repositories.get_mut(repository) {
            *sum = sum.wrapping_add(hasher.finish());
        }
    }
}

/// What tells a file from what it was.
fn mark(path: &Path) -> String {
    let Ok(found) = fs::symlink_metadata(path) else { return "gone".to_owned() };
    if found.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        return format!("link {}", sha256_hex(target.as_os_str().as_bytes()));
    }
    if !found.is_file() {
        return format!("other {:o}", found.mode());
    }
    let runs = if found.mode() & 0o111 == 0 { "file" } else { "program" };
    match content(path, &found) {
        Ok(Some(bytes)) => format!("{runs} {}", sha256_hex(&bytes)),
        Ok(None) | Err(_) => format!(
            "{runs} {} {} {} {}.{}",
            found.dev(),
            found.ino(),
            found.len(),
            found.ctime(),
            found.ctime_nsec()
        ),
    }
}

/// The bytes of a file that is not too long.
fn content(path: &Path, found: &Metadata) -> io::Result<Option<Vec<u8>>> {
    if found.len() > MOST_BYTES {
        return Ok(None);
    }
    read_at_most(open_plain(path)?, MOST_BYTES).map(Some)
}

#[cfg(test)]
mod tests;
