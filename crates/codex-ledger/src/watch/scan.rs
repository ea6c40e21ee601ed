//! [`Watched`]: how the watched files of a worktree stand at one moment.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{PROJECT_LAYER_CHANGED, WATCH_INCOMPLETE, Watch, fold};
use crate::hash::sha256_hex;
use crate::manifest::Violation;
use crate::places::LEDGER_ROOT;
use crate::repo_path::RepoPath;

/// The content of files up to this size is compared; of longer ones what the system says of them.
const MOST_BYTES: u64 = 4 << 20;

/// How the watched files of a worktree stand at one moment, those that git ignores included.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    files: BTreeMap<String, String>,
    is_complete: bool,
}

impl Watched {
    /// Looks through a worktree, at no more than so many entries, without following a link.
    pub(crate) fn scan(watch: &Watch, root: &Path, limit: usize) -> Self {
        if watch.is_empty() {
            return Self { files: BTreeMap::new(), is_complete: true };
        }
        let mut scan = Scan { watch, left: limit, files: BTreeMap::new() };
        let mut queue = vec![(root.to_owned(), Vec::new(), Vec::new())];
        while let Some((folder, names, folded)) = queue.pop() {
            scan.folder(&folder, &names, &folded, &mut queue);
        }
        Self { files: scan.files, is_complete: scan.left > 0 }
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
        violations.sort_by(|one, other| one.path.cmp(&other.path));
        violations
    }
}

/// The violation of a watched file.
pub(super) fn changed(path: &str, what: &str) -> Violation {
    let detail = format!("{what} during the turn; it speaks to the agent or starts programs in later turns");
    Violation::new(PROJECT_LAYER_CHANGED, detail).at(path)
}

struct Scan<'a> {
    watch: &'a Watch,
    left: usize,
    files: BTreeMap<String, String>,
}

type Folder = (PathBuf, Vec<u8>, Vec<String>);

impl Scan<'_> {
    fn folder(&mut self, folder: &Path, name: &[u8], folded_parts: &[String], queue: &mut Vec<Folder>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // Nobody can say what is in there, or whether it is what it was.
            Err(_) if self.watch.covers_parts(folded_parts) => {
                if let Ok(path) = RepoPath::from_bytes(name) {
                    self.files.insert(path.to_string(), "unreadable".to_owned());
                }
                return;
            }
            Err(_) => return,
        };
        let is_below = self.watch.covers_parts(folded_parts);
        for entry in entries.flatten() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            let file_name = entry.file_name();
            let own = file_name.as_bytes();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder && !is_below && !self.watch.may_be_named(own) {
                continue;
            }
            let path = if name.is_empty() { own.to_vec() } else { [name, b"/", own].concat() };
            let mut parts = folded_parts.to_vec();
            parts.push(fold(&String::from_utf8_lossy(own)));
            if is_folder {
                // What git keeps of itself is no part of the project, and the ledger is guarded as a whole.
                if own != b".git" && path != LEDGER_ROOT.as_bytes() {
                    queue.push((entry.path(), path, parts));
                }
            } else if self.watch.covers_parts(&parts)
                && let Ok(path) = RepoPath::from_bytes(path)
            {
                self.files.insert(path.to_string(), mark(&entry.path()));
            }
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
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    File::options().read(true).custom_flags(flags).open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Worktree(tempfile::TempDir);

    impl Worktree {
        fn new() -> Self {
            let worktree = Self(tempfile::tempdir().unwrap());
            worktree.write("AGENTS.md", "a");
            worktree.write("sub/.codex/config.toml", "b");
            worktree.write("src/lib.rs", "c");
            worktree.write(".git/AGENTS.md", "d");
            worktree
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn scan(&self, limit: usize) -> Watched {
            Watched::scan(&Watch::default(), self.0.path(), limit)
        }
    }

    fn named(violations: &[Violation]) -> Vec<(&str, &str)> {
        let name = |violation: &'_ Violation| violation.detail.find(" during").unwrap_or(0);
        violations
            .iter()
            .map(|one| (one.path.as_deref().unwrap_or_default(), &one.detail[..name(one)]))
            .collect()
    }

    #[test]
    fn what_is_added_changed_and_deleted_is_named() {
        let worktree = Worktree::new();
        let before = worktree.scan(1000);
        assert_eq!(before.violations(&worktree.scan(1000)), []);
        worktree.write("AGENTS.md", "other");
        worktree.write("deep/er/agents.md", "x");
        worktree.write(".git/AGENTS.md", "x");
        worktree.write("src/lib.rs", "x");
        fs::remove_dir_all(worktree.0.path().join("sub/.codex")).unwrap();
        symlink("/tmp", worktree.0.path().join(".agents")).unwrap();
        let expected = [
            (".agents", "was added"),
            ("AGENTS.md", "was changed"),
            ("deep/er/agents.md", "was added"),
            ("sub/.codex/config.toml", "was deleted"),
        ];
        assert_eq!(named(&before.violations(&worktree.scan(1000))), expected);
    }

    #[test]
    fn written_as_it_was_is_not_changed() {
        let worktree = Worktree::new();
        let before = worktree.scan(1000);
        worktree.write("AGENTS.md", "a");
        assert_eq!(before.violations(&worktree.scan(1000)), []);
    }

    #[test]
    fn too_much_to_look_through_is_said_once() {
        let worktree = Worktree::new();
        let before = worktree.scan(20);
        for number in 0..30 {
            worktree.write(&format!("many/{number}"), "");
        }
        let after = worktree.scan(20);
        let violations = before.violations(&after);
        assert!(violations.iter().any(|one| one.kind == WATCH_INCOMPLETE), "{violations:?}");
        assert_eq!(after.violations(&worktree.scan(20)), [], "it was too much before");
    }
}
