//! [`Fate`]: numbers every side effect, and decides at which one the world ends.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_ledger::git::{
    Addition, Alteration, Changes, Commit, CommitInfo, Comparison, Created, Difference, Exclude, GitObject,
    History, Identity, ObjectKind, Patch, PushOutcome, PushedRef, ReadObjects, RefEntry, Refs, Rules,
    Snapshot, Standing, Swapped, Tag, TagInfo, TreeEntry, VcsError, WholeCommit, Worktree, WriteObjects,
};
use codex_ledger::system::{Disk, DiskFile};
use codex_ledger::values::{Oid, RepoPath, TreeId};

/// What happens at the chosen side effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Nothing ever does.
    None,
    /// The process dies before the effect, or half way through it.
    KillBefore(usize),
    /// The process dies right after the effect.
    KillAfter(usize),
    /// The disk says no, this once.
    FailOnce(usize, io::ErrorKind),
    /// The disk says no from here on.
    FailFrom(usize, io::ErrorKind),
    /// The disk says that it has added to a file, and has not.
    LoseAppends,
}

#[derive(Debug, Default)]
struct Past {
    effects: Vec<String>,
    is_dead: bool,
}

/// Numbers the side effects of a ledger from 1.
#[derive(Debug)]
pub(crate) struct Fate {
    blow: Blow,
    past: Mutex<Past>,
}

/// What is to be done about one effect.
enum Verdict {
    Do,
    DoAndDie,
    Fail(io::Error),
    /// Do half of it, if it can be done by halves.
    Half,
}

/// Whether an effect is one of the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Disk,
    Git,
}

impl Fate {
    pub(crate) fn new(blow: Blow) -> Arc<Self> {
        Arc::new(Self { blow, past: Mutex::default() })
    }

    /// What has happened, in order.
    pub(crate) fn effects(&self) -> Vec<String> {
        self.past.lock().unwrap().effects.clone()
    }

    fn dead() -> io::Error {
        io::Error::other("the process is dead")
    }

    fn next(&self, side: Side, what: String) -> Verdict {
        let mut past = self.past.lock().unwrap();
        if past.is_dead {
            return Verdict::Fail(Self::dead());
        }
        past.effects.push(what);
        let number = past.effects.len();
        match self.blow {
            Blow::KillBefore(at) if at == number => {
                past.is_dead = true;
                Verdict::Half
            }
            Blow::KillAfter(at) if at == number => {
                past.is_dead = true;
                Verdict::DoAndDie
            }
            Blow::FailOnce(at, kind) if side == Side::Disk && at == number => Verdict::Fail(kind.into()),
            Blow::FailFrom(at, kind) if side == Side::Disk && at <= number => Verdict::Fail(kind.into()),
            Blow::None
            | Blow::KillBefore(_)
            | Blow::KillAfter(_)
            | Blow::FailOnce(..)
            | Blow::FailFrom(..)
            | Blow::LoseAppends => Verdict::Do,
        }
    }

    fn disk<T>(
        &self,
        what: String,
        act: impl FnOnce() -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        match self.next(Side::Disk, what) {
            Verdict::Do => act(),
            Verdict::DoAndDie => act().and(Err(Self::dead())),
            Verdict::Fail(error) => Err(error),
            Verdict::Half => {
                half();
                Err(Self::dead())
            }
        }
    }

    fn git<T>(&self, what: &str, act: impl FnOnce() -> Result<T, VcsError>) -> Result<T, VcsError> {
        match self.next(Side::Git, format!("git {what}")) {
            Verdict::Do => act(),
            Verdict::DoAndDie => act().and(Err(dead())),
            Verdict::Fail(_) | Verdict::Half => Err(dead()),
        }
    }

    fn read<T>(&self, act: impl FnOnce() -> Result<T, VcsError>) -> Result<T, VcsError> {
        if self.past.lock().unwrap().is_dead { Err(dead()) } else { act() }
    }
}

fn dead() -> VcsError {
    VcsError::start("live", Fate::dead())
}

/// A disk under a fate.
pub(crate) struct FatedDisk<D> {
    pub(crate) fate: Arc<Fate>,
    pub(crate) disk: D,
}

fn shown(verb: &str, path: &Path) -> String {
    format!("{verb} {}", path.file_name().unwrap_or_default().display())
}

impl<D: Disk> Disk for FatedDisk<D> {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.fate.disk(shown("create_dir_all", path), || self.disk.create_dir_all(path), || {})
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = || {
            let name = path.file_name().unwrap().to_string_lossy();
            let _ =
                std::fs::write(path.with_file_name(format!(".{name}.half.tmp")), &bytes[..bytes.len() / 2]);
        };
        self.fate.disk(shown("write_new", path), || self.disk.write_new(path, bytes), half)
    }

    fn write_unsynced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = || {
            let name = path.file_name().unwrap().to_string_lossy();
            let _ =
                std::fs::write(path.with_file_name(format!(".{name}.half.tmp")), &bytes[..bytes.len() / 2]);
        };
        self.fate.disk(shown("write_unsynced", path), || self.disk.write_unsynced(path, bytes), half)
    }

    fn sync_files(&self, paths: &[PathBuf]) -> io::Result<()> {
        self.fate.disk(format!("sync_files {}", paths.len()), || self.disk.sync_files(paths), || {})
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.fate.blow == Blow::LoseAppends {
            return Ok(());
        }
        let half = || drop(self.disk.append(path, &bytes[..bytes.len() / 2]));
        self.fate.disk(shown("append", path), || self.disk.append(path, bytes), half)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.fate.disk(shown("rename", to), || self.disk.rename(from, to), || {})
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.fate.disk(shown("sync_dir", path), || self.disk.sync_dir(path), || {})
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.fate.disk(shown("remove_file", path), || self.disk.remove_file(path), || {})
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let half = || {
            let first = std::fs::read_dir(path).unwrap().flatten().find(|entry| entry.path().is_file());
            let _ = first.map(|entry| std::fs::remove_file(entry.path()));
        };
        self.fate.disk(shown("remove_dir_all", path), || self.disk.remove_dir_all(path), half)
    }

    fn clear_way(&self, path: &Path) -> io::Result<()> {
        self.fate.disk(shown("clear_way", path), || self.disk.clear_way(path), || {})
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.fate.disk(shown("set_mode", path), || self.disk.set_mode(path, mode), || {})
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let open = || self.disk.open_append(path);
        let file = self.fate.disk(shown("open_append", path), open, || {})?;
        Ok(Box::new(FatedFile { fate: self.fate.clone(), file }))
    }
}

struct FatedFile {
    fate: Arc<Fate>,
    file: Box<dyn DiskFile>,
}

impl DiskFile for FatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.fate.next(Side::Disk, "write a line".to_owned()) {
            Verdict::Do => self.file.write(bytes),
            Verdict::DoAndDie => self.file.write(bytes).and(Err(Fate::dead())),
            Verdict::Fail(error) => Err(error),
            Verdict::Half => self.file.write(&bytes[..bytes.len() / 2]).and(Err(Fate::dead())),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let file = &mut self.file;
        self.fate.disk("sync the lines".to_owned(), || file.sync(), || {})
    }
}

/// Git under a fate.
pub(crate) struct FatedVcs<V> {
    pub(crate) fate: Arc<Fate>,
    pub(crate) vcs: V,
}

/// Passes calls on, those that change something numbered.
macro_rules! pass {
    ($( $kind:ident fn $name:ident $(<$life:lifetime>)? (&self $(, $arg:ident : $type:ty)*) -> $result:ty; )*) => {
        $( fn $name $(<$life>)? (&self $(, $arg: $type)*) -> Result<$result, VcsError> {
            pass!(@ $kind self $name ($($arg),*))
        } )*
    };
    (@ effect $self:ident $name:ident ($($arg:ident),*)) => {
        $self.fate.git(stringify!($name), || $self.vcs.$name($($arg),*))
    };
    (@ look $self:ident $name:ident ($($arg:ident),*)) => {
        $self.fate.read(|| $self.vcs.$name($($arg),*))
    };
}

impl<V: ReadObjects> ReadObjects for FatedVcs<V> {
    pass! {
        look fn tree_of(&self, commit: &Oid) -> TreeId;
        look fn entry(&self, tree: &TreeId, path: &RepoPath) -> Option<TreeEntry>;
        look fn entries<'a>(&self, tree: &TreeId, folder: Option<&'a RepoPath>) -> Vec<TreeEntry>;
        look fn read_object(&self, object: &Oid) -> Option<GitObject>;
        look fn read_objects(&self, objects: &[Oid]) -> Vec<Option<GitObject>>;
        look fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Vec<Option<Oid>>;
        look fn blob_sha256s(&self, blobs: &[Oid]) -> Vec<String>;
        look fn changes<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Changes;
        look fn patch<'a>(&self, before: Option<&'a TreeId>, after: &TreeId, limit: u64) -> Patch;
        look fn patch_id<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Option<String>;
        look fn difference(&self, before: &TreeId, after: &TreeId, limit: u64) -> Difference;
        look fn compare<'a>(&self, pairs: &[(TreeId, TreeId)], exclude: Option<&'a Exclude>) -> Vec<Comparison>;
        look fn patches<'a>(&self, pairs: &[(TreeId, TreeId)], exclude: Option<&'a Exclude>, limit: u64) -> Vec<Patch>;
        look fn commit(&self, commit: &Oid) -> Option<CommitInfo>;
        look fn log(&self, from: &Oid, limit: usize) -> Vec<CommitInfo>;
        look fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> bool;
        look fn is_shallow(&self) -> bool;
    }
}

impl<V: WriteObjects> WriteObjects for FatedVcs<V> {
    pass! {
        effect fn write_blob(&self, bytes: &[u8]) -> Oid;
        effect fn tree_with<'a>(&self, base: Option<&'a TreeId>, entries: &[TreeEntry]) -> TreeId;
        effect fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> TreeId;
        effect fn apply(&self, base: &TreeId, patch: &[u8]) -> Option<TreeId>;
        effect fn commit_tree(&self, commit: &Commit) -> Oid;
    }
}

impl<V: Worktree> Worktree for FatedVcs<V> {
    fn worktree_root(&self) -> &Path {
        self.vcs.worktree_root()
    }

    fn git_dir(&self) -> &Path {
        self.vcs.git_dir()
    }

    fn common_dir(&self) -> &Path {
        self.vcs.common_dir()
    }

    pass! {
        look fn user_name(&self) -> Option<String>;
        look fn identity(&self) -> Option<Identity>;
        effect fn look(&self, exclude: &Exclude) -> (Standing, Snapshot);
        effect fn snapshot(&self, exclude: &Exclude) -> Snapshot;
        effect fn snapshot_by(&self, exclude: &Exclude, rules: &Rules) -> Snapshot;
        effect fn folder_tree(&self, folder: &RepoPath) -> Option<TreeId>;
        effect fn attach_head(&self, branch_ref: &str) -> ();
        effect fn advance_index(&self, from: &TreeId, to: &TreeId) -> ();
    }
}

impl<V: Refs> Refs for FatedVcs<V> {
    pass! {
        look fn head(&self) -> Option<Oid>;
        look fn branch(&self) -> Option<String>;
        look fn read_ref(&self, name: &str) -> Option<Oid>;
        look fn list_refs(&self, prefix: &str) -> Vec<RefEntry>;
        effect fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Created;
        look fn broken_refs(&self, prefix: &str) -> Vec<String>;
        effect fn remove_broken_ref(&self, name: &str) -> bool;
        effect fn create_whole_commit(&self, name: &str, commit: &WholeCommit) -> Created;
        effect fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Swapped;
        effect fn create_tag(&self, tag: &Tag) -> Created;
        look fn tag(&self, ref_name: &str) -> Option<TagInfo>;
        effect fn push_new_ref(&self, remote: &str, new: &RefEntry, patterns: &[String], limit: Duration) -> PushedRef;
        effect fn push_refs(&self, remote: &str, names: &[String], limit: Duration) -> Vec<PushOutcome>;
        look fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Vec<RefEntry>;
    }
}

impl<V: History> History for FatedVcs<V> {
    pass! {
        look fn alterations<'a>(&self, since: Option<&'a Oid>, to: &Oid, folder: &RepoPath) -> Vec<Alteration>;
        look fn additions(&self, paths: &[RepoPath], except: &[String]) -> Vec<Addition>;
        look fn commit_named(&self, revision: &str) -> Option<Oid>;
        look fn merge_base(&self, one: &Oid, other: &Oid) -> Option<Oid>;
        look fn objects_of(&self, kind: ObjectKind) -> Vec<Oid>;
        look fn left_out(&self, folder: &RepoPath) -> BTreeSet<RepoPath>;
    }
}
