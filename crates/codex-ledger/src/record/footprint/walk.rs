//! [`Walk`]: a pass over everything that `stat` says of a folder.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};

use super::{FootprintEntry, FootprintPart, FootprintPartKind};
use crate::values::{Hasher, RepoPath};

/// The folder whose entries are parts of their own.
const TURNS: &CStr = c"turns";
/// How many folders are worth a thread.
const FOLDERS_PER_THREAD: usize = 256;
const MOST_THREADS: usize = 4;
/// Deeper folders are not walked: a ledger has none, and an agent could exhaust the stack with them.
pub(crate) const DEEPEST: usize = 64;

/// Walks without following a link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    /// A file that changed since then may change again without a trace.
    pub(super) fresh_since: Duration,
}

type Parts = BTreeMap<String, FootprintPart>;

/// What a pass over one part comes to.
struct Sum {
    hasher: Hasher,
    is_fresh: bool,
    /// Where the pass is, from the folder of the ledger.
    path: Vec<u8>,
    depth: usize,
    entries: Vec<FootprintEntry>,
}

impl Sum {
    fn at(path: Vec<u8>) -> Self {
        Self { hasher: Hasher::new(), is_fresh: false, path, depth: 0, entries: Vec::new() }
    }

    fn enter(&mut self, stat: &Stat) {
        self.entries.push(entry(self.path.clone(), stat));
    }
}

fn entry(path: Vec<u8>, stat: &Stat) -> FootprintEntry {
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let bytes = if is_file { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
    FootprintEntry { path, mode: stat.st_mode, bytes }
}

impl Walk {
    pub(super) fn ledger(self, root: &Path) -> io::Result<(Parts, Vec<FootprintEntry>)> {
        let mut folder = open(CWD, root)?;
        let mut parts = Parts::new();
        let mut folders = vec![entry(Vec::new(), &fstat(folder.fd()?)?)];
        for (name, kind) in entries(&mut folder)? {
            if kind == FileType::Directory && name.as_c_str() == TURNS {
                let stat = statat(folder.fd()?, TURNS, AtFlags::SYMLINK_NOFOLLOW)?;
                folders.push(entry(TURNS.to_bytes().to_vec(), &stat));
                self.turns(folder.fd()?, &root.join("turns"), &mut parts)?;
            } else if let Some((name, part)) = self.part(folder.fd()?, &name, kind, root, "")? {
                parts.insert(name, part);
            }
        }
        Ok((parts, folders))
    }

    pub(super) fn folder(self, path: &Path) -> io::Result<FootprintPart> {
        let mut sum = Sum::at(Vec::new());
        let mut folder = open(CWD, path)?;
        Self::add_folder(&fstat(folder.fd()?)?, &mut sum);
        self.inside(&mut folder, &mut sum)?;
        Ok(FootprintPart {
            kind: FootprintPartKind::Folder,
            bytes: 0,
            path: path.to_owned(),
            stat: sum.hasher.finish(),
            is_fresh: sum.is_fresh,
            entries: Vec::new(),
        })
    }

    /// The records, by several threads where there are many.
    fn turns(self, ledger: BorrowedFd<'_>, path: &Path, parts: &mut Parts) -> io::Result<()> {
        let mut folder = open(ledger, TURNS)?;
        let entries = entries(&mut folder)?;
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let share = entries.len().div_ceil(threads).max(FOLDERS_PER_THREAD);
        let folder = folder.fd()?;
        let shares = thread::scope(|scope| {
            let work = |share: &[(CString, FileType)]| {
                let parts = share.iter().map(|(name, kind)| self.part(folder, name, *kind, path, "turns/"));
                parts.filter_map(Result::transpose).collect::<io::Result<Vec<_>>>()
            };
            let running: Vec<_> =
                entries.chunks(share).map(|share| scope.spawn(move || work(share))).collect();
            let joined = running.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a walk was broken off")))
            });
            joined.collect::<io::Result<Vec<_>>>()
        })?;
        parts.extend(shares.into_iter().flatten());
        Ok(())
    }

    /// An entry of a folder; nothing if it has vanished meanwhile.
    fn part(
        self,
        folder: BorrowedFd<'_>,
        name: &CStr,
        kind: FileType,
        path: &Path,
        prefix: &str,
    ) -> io::Result<Option<(String, FootprintPart)>> {
        let mut sum = Sum::at([prefix.as_bytes(), name.to_bytes()].concat());
        let mut bytes = 0;
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            stat => stat?,
        };
        let kind = if kind == FileType::Directory {
            Self::add_folder(&stat, &mut sum);
            self.inside(&mut open(folder, name)?, &mut sum)?;
            FootprintPartKind::Folder
        } else {
            self.add(&stat, &mut sum);
            bytes = u64::try_from(stat.st_size).unwrap_or(0);
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile if stat.st_mode & 0o100 != 0 => FootprintPartKind::Executable,
                FileType::RegularFile => FootprintPartKind::File,
                FileType::Symlink => FootprintPartKind::Symlink,
                FileType::Directory => return Err(io::ErrorKind::Interrupted.into()),
                FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => FootprintPartKind::Other,
            }
        };
        let path = path.join(OsStr::from_bytes(name.to_bytes()));
        let name = [prefix.as_bytes(), name.to_bytes()].concat();
        let name = RepoPath::from_bytes(name).map_err(io::Error::other)?.to_string();
        let (stat, is_fresh, entries) = (sum.hasher.finish(), sum.is_fresh, sum.entries);
        Ok(Some((name, FootprintPart { kind, bytes, path, stat, is_fresh, entries })))
    }

    fn inside(self, folder: &mut Dir, sum: &mut Sum) -> io::Result<()> {
        for (name, kind) in entries(folder)? {
            sum.hasher.update(name.to_bytes_with_nul());
            let length = sum.path.len();
            sum.path.push(b'/');
            sum.path.extend_from_slice(name.to_bytes());
            let stat = statat(folder.fd()?, name.as_c_str(), AtFlags::SYMLINK_NOFOLLOW)?;
            if kind == FileType::Directory && sum.depth < DEEPEST {
                Self::add_folder(&stat, sum);
                sum.hasher.update(b"{");
                sum.depth += 1;
                self.inside(&mut open(folder.fd()?, name.as_c_str())?, sum)?;
                sum.depth -= 1;
                sum.hasher.update(b"}");
            } else {
                self.add(&stat, sum);
            }
            sum.path.truncate(length);
        }
        Ok(())
    }

    /// Of a folder only what it is: what is in it comes after, and its times change with that.
    fn add_folder(stat: &Stat, sum: &mut Sum) {
        sum.enter(stat);
        sum.hasher.update(&stat.st_mode.to_le_bytes());
    }

    fn add(self, stat: &Stat, sum: &mut Sum) {
        sum.enter(stat);
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&stat.st_dev.to_le_bytes());
        bytes.extend_from_slice(&stat.st_ino.to_le_bytes());
        bytes.extend_from_slice(&stat.st_mode.to_le_bytes());
        bytes.extend_from_slice(&stat.st_size.to_le_bytes());
        bytes.extend_from_slice(&stat.st_mtime.to_le_bytes());
        bytes.extend_from_slice(&stat.st_mtime_nsec.to_le_bytes());
        bytes.extend_from_slice(&stat.st_ctime.to_le_bytes());
        bytes.extend_from_slice(&stat.st_ctime_nsec.to_le_bytes());
        sum.hasher.update(&bytes);
        // A time to come is no better than one that has just been.
        sum.is_fresh |= u64::try_from(stat.st_ctime).unwrap_or(u64::MAX) >= self.fresh_since.as_secs();
    }
}

fn open(folder: BorrowedFd<'_>, name: impl rustix::path::Arg) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(Dir::new(openat(folder, name, flags, Mode::empty())?)?)
}

/// What is in a folder, sorted.
fn entries(folder: &mut Dir) -> io::Result<Vec<(CString, FileType)>> {
    let mut entries = Vec::new();
    while let Some(entry) = folder.read() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            let stat = statat(folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?;
            kind = FileType::from_raw_mode(stat.st_mode);
        }
        entries.push((name.to_owned(), kind));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(entries)
}
