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

use super::listing::{Listings, Step};
use super::sum::{Sum, Sums};
use super::{EntryStat, FootprintEntry, FootprintPart, FootprintPartKind, PartMark};
use crate::values::RepoPath;

/// The folder whose entries are parts of their own.
const TURNS: &CStr = c"turns";
/// How many folders are worth a thread.
const FOLDERS_PER_THREAD: usize = 256;
const MOST_THREADS: usize = 4;
/// Deeper folders are not walked: a ledger has none, and an agent could exhaust the stack with them.
pub(crate) const DEEPEST: usize = 64;

/// Walks without following a link.
#[derive(Clone, Copy)]
pub(super) struct Walk<'w, 'm> {
    /// A file that changed since then may change again without a trace.
    pub(super) fresh_since: Duration,
    /// How parts stood before. A part whose folders did not change since has the same names in it, which need not be listed.
    pub(super) marks: &'w MarksBefore<'w, 'm>,
}

/// Finds how a part of this name stood before.
pub(super) type MarksBefore<'w, 'm> = dyn Fn(&str) -> Option<&'m PartMark> + Sync + 'w;

type Parts = BTreeMap<String, FootprintPart>;

/// A folder that parts are in.
struct Place<'p> {
    folder: BorrowedFd<'p>,
    path: &'p Path,
    /// Before the names of its parts.
    prefix: &'static str,
}

impl Walk<'_, '_> {
    pub(super) fn ledger(self, root: &Path) -> io::Result<(Parts, Vec<FootprintEntry>)> {
        let mut folder = open(CWD, root)?;
        let mut parts = Parts::new();
        let mut folders = vec![EntryStat::of(&fstat(folder.fd()?)?).at(Vec::new())];
        let mut listings = Listings::default();
        for (name, kind) in entries(&mut folder)? {
            if kind == FileType::Directory && name.as_c_str() == TURNS {
                let stat = statat(folder.fd()?, TURNS, AtFlags::SYMLINK_NOFOLLOW)?;
                folders.push(EntryStat::of(&stat).at(TURNS.to_bytes().to_vec()));
                self.turns(folder.fd()?, &root.join("turns"), &mut parts)?;
            } else {
                let place = Place { folder: folder.fd()?, path: root, prefix: "" };
                parts.extend(self.part(&place, &name, kind, &mut listings)?);
            }
        }
        Ok((parts, folders))
    }

    pub(super) fn folder(self, path: &Path) -> io::Result<FootprintPart> {
        let mut folder = open(CWD, path)?;
        let mut pass = Pass::new(self.fresh_since);
        pass.sum.add_folder(b"", &fstat(folder.fd()?)?);
        Self::inside(&mut folder, &mut pass)?;
        let kind = FootprintPartKind::Folder;
        Ok(FootprintPart::new(kind, path.to_owned(), pass.steps.into(), pass.sum.finish()))
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
                let place = Place { folder, path, prefix: "turns/" };
                let mut listings = Listings::default();
                let parts = share.iter().map(|(name, kind)| self.part(&place, name, *kind, &mut listings));
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
        place: &Place<'_>,
        name: &CStr,
        kind: FileType,
        listings: &mut Listings,
    ) -> io::Result<Option<(String, FootprintPart)>> {
        let part_name = [place.prefix.as_bytes(), name.to_bytes()].concat();
        let part_name = RepoPath::from_bytes(part_name).map_err(io::Error::other)?.to_string();
        let stat = match statat(place.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            stat => stat?,
        };
        let path = place.path.join(OsStr::from_bytes(name.to_bytes()));
        if kind == FileType::Directory
            && let Some(folders) = (self.marks)(&part_name).and_then(|mark| mark.folders.as_deref())
            && let Some((listing, sums)) =
                listings.find(|steps| self.again(place.folder, name, &stat, steps, folders))
        {
            let part = FootprintPart::new(FootprintPartKind::Folder, path, listing, sums);
            return Ok(Some((part_name, part)));
        }
        let mut pass = Pass::new(self.fresh_since);
        let kind = if kind == FileType::Directory {
            pass.sum.add_folder(b"", &stat);
            Self::inside(&mut open(place.folder, name)?, &mut pass)?;
            FootprintPartKind::Folder
        } else {
            pass.sum.add_file(b"", &stat);
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
        let listing = listings.share(pass.steps);
        let part = FootprintPart::new(kind, path, listing, pass.sum.finish());
        Ok(Some((part_name, part)))
    }

    /// Looks at the names of a listing. Gives nothing unless the folders are those of a mark, which had these names in them.
    fn again(
        self,
        folder: BorrowedFd<'_>,
        name: &CStr,
        stat: &Stat,
        steps: &[Step],
        folders: &str,
    ) -> Option<Sums> {
        let mut sum = Sum::new(self.fresh_since);
        sum.add_folder(b"", stat);
        let mut path = [name.to_bytes(), b"/"].concat();
        let prefix = path.len();
        for step in steps {
            let Some(own) = step.path() else {
                sum.leave();
                continue;
            };
            path.truncate(prefix);
            path.extend_from_slice(own);
            let stat = statat(folder, path.as_slice(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
            sum.name(own);
            if matches!(step, Step::Folder(_)) {
                sum.add_folder(own, &stat);
                sum.enter();
            } else {
                sum.add_file(own, &stat);
            }
        }
        Some(sum.finish()).filter(|sums| sums.folders.as_deref() == Some(folders))
    }

    fn inside(folder: &mut Dir, pass: &mut Pass) -> io::Result<()> {
        for (name, kind) in entries(folder)? {
            let length = pass.path.len();
            if length > 0 {
                pass.path.push(b'/');
            }
            pass.path.extend_from_slice(name.to_bytes());
            let path: Box<[u8]> = pass.path.as_slice().into();
            pass.sum.name(&path);
            let stat = statat(folder.fd()?, name.as_c_str(), AtFlags::SYMLINK_NOFOLLOW)?;
            if kind == FileType::Directory && pass.depth < DEEPEST {
                pass.sum.add_folder(&path, &stat);
                pass.steps.push(Step::Folder(path));
                pass.sum.enter();
                pass.depth += 1;
                Self::inside(&mut open(folder.fd()?, name.as_c_str())?, pass)?;
                pass.depth -= 1;
                pass.sum.leave();
                pass.steps.push(Step::Leave);
            } else {
                pass.sum.add_file(&path, &stat);
                pass.steps.push(Step::File(path));
            }
            pass.path.truncate(length);
        }
        Ok(())
    }
}

/// A pass that lists what is in a part.
struct Pass {
    sum: Sum,
    steps: Vec<Step>,
    /// Where it is, from the part.
    path: Vec<u8>,
    depth: usize,
}

impl Pass {
    fn new(fresh_since: Duration) -> Self {
        Self { sum: Sum::new(fresh_since), steps: Vec::new(), path: Vec::new(), depth: 0 }
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

#[cfg(test)]
mod tests;
