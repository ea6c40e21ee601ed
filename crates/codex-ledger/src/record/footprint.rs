//! [`Footprint`]: how the folder of the ledger stands on the disk at one moment.

mod content;
mod listing;
mod sum;
mod walk;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FileType, Stat};
use serde::{Deserialize, Serialize};

use self::listing::{Listing, Step};
use self::sum::Sums;
pub(crate) use self::walk::DEEPEST;
use self::walk::Walk;

/// Clocks of file systems tick as rarely as this: what was written so shortly before a look may be written again with the
/// same time.
const COARSEST_TICK: Duration = Duration::from_secs(2);

/// How one part of the ledger stood: what `stat` says of everything in it and, where that could hide a change, its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartMark {
    stat: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// Which names are in it, and what `stat` says of its folders: as long as they are so, the names are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folders: Option<String>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FootprintPartKind {
    Folder,
    File,
    Executable,
    Symlink,
    /// A pipe, a socket, a device: nothing that git would store.
    Other,
}

/// A part of the ledger as it is found now.
#[derive(Debug, Clone)]
pub(crate) struct FootprintPart {
    pub(crate) kind: FootprintPartKind,
    pub(crate) bytes: u64,
    path: PathBuf,
    stat: String,
    is_fresh: bool,
    folders: Option<String>,
    entries: PartEntries,
}

/// Everything in a part: names, of which most parts have the same, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartEntries {
    listing: Listing,
    /// First that of the part itself.
    stats: Box<[EntryStat]>,
}

/// What is kept of a file, folder or link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntryStat {
    mode: u32,
    bytes: u64,
}

/// One file, folder or link of the ledger, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FootprintEntry {
    /// From the folder of the ledger.
    pub(crate) path: Vec<u8>,
    /// Type and permissions, as the system has them.
    pub(crate) mode: u32,
    /// How long a file is; 0 for everything else.
    pub(crate) bytes: u64,
}

/// Everything that a footprint has found, without its times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FootprintEntries {
    folders: Vec<FootprintEntry>,
    parts: BTreeMap<String, PartEntries>,
}

/// The parts of the ledger: what stands in its folder and, in place of `turns`, what stands in that.
///
/// An ordinary process cannot set the time of the last change of a file (`ctime`), so that a part whose files have the
/// same numbers, times and sizes as before has the same content; but for files changed within the last tick of the
/// clock, whose content is compared.
#[derive(Debug, Default)]
pub(crate) struct Footprint {
    pub(crate) parts: BTreeMap<String, FootprintPart>,
    /// The folders that the parts are in.
    pub(crate) folders: Vec<FootprintEntry>,
}

impl Footprint {
    /// Looks at everything below a folder; at nothing if it is not there. Folders of parts that are as these marks say are not
    /// listed again.
    pub(crate) fn take<'m>(
        root: &Path,
        marks: impl Fn(&str) -> Option<&'m PartMark> + Sync,
    ) -> io::Result<Self> {
        let walk = Walk { fresh_since: fresh_since(), marks: &marks };
        match walk.ledger(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            found => {
                let (parts, folders) = found?;
                Ok(Self { parts, folders })
            }
        }
    }

    /// Whether names, types, permissions and lengths are these.
    pub(crate) fn has_entries(&self, entries: &FootprintEntries) -> bool {
        let own = self.parts.iter().map(|(name, part)| (name, &part.entries));
        self.folders == entries.folders && own.eq(&entries.parts)
    }

    /// What everything is that was found.
    pub(crate) fn into_entries(self) -> FootprintEntries {
        let parts = self.parts.into_iter().map(|(name, part)| (name, part.entries));
        FootprintEntries { folders: self.folders, parts: parts.collect() }
    }

    /// The marks by which these parts are known later.
    pub(crate) fn marks(&self) -> io::Result<BTreeMap<String, PartMark>> {
        self.parts.iter().map(|(name, part)| Ok((name.clone(), part.mark()?))).collect()
    }

    /// Whether all parts are as they were, and no other is there.
    pub(crate) fn is_as(&self, marks: &BTreeMap<String, PartMark>) -> bool {
        self.parts.len() == marks.len()
            && self.parts.iter().all(|(name, part)| marks.get(name).is_some_and(|mark| part.is_as(mark)))
    }
}

impl PartMark {
    /// Whether it takes reading to compare something with it.
    pub(crate) fn has_content(&self) -> bool {
        self.content.is_some()
    }

    /// Whether its names have to be listed to compare something with it.
    pub(crate) fn has_to_be_listed(&self) -> bool {
        self.folders.is_none()
    }
}

impl FootprintPart {
    fn new(kind: FootprintPartKind, path: PathBuf, listing: Listing, sums: Sums) -> Self {
        let Sums { stat, is_fresh, folders, stats } = sums;
        let bytes = stats.first().map_or(0, |own| own.bytes);
        Self { kind, bytes, path, stat, is_fresh, folders, entries: PartEntries { listing, stats } }
    }

    /// Looks at one folder.
    pub(crate) fn folder(path: &Path) -> io::Result<Self> {
        Walk { fresh_since: fresh_since(), marks: &|_| None }.folder(path)
    }

    /// How a part that has settled and has the same content is known from now on.
    pub(crate) fn settle(&self, mark: &mut PartMark) {
        if !self.is_fresh && mark.content.take().is_some() {
            mark.stat.clone_from(&self.stat);
        }
        if mark.content.is_none() {
            mark.folders.clone_from(&self.folders);
        }
    }

    /// Whether the names in it are told by its folders from now on.
    pub(crate) fn is_listed(&self) -> bool {
        self.folders.is_some()
    }

    pub(crate) fn mark(&self) -> io::Result<PartMark> {
        let content = if self.is_fresh { Some(content::digest(&self.path)?) } else { None };
        Ok(PartMark { stat: self.stat.clone(), content, folders: self.folders.clone() })
    }

    /// Whether this is what the mark was made of. What cannot be read is something else.
    pub(crate) fn is_as(&self, mark: &PartMark) -> bool {
        match &mark.content {
            Some(content) => content::digest(&self.path).is_ok_and(|now| now == *content),
            None => self.stat == mark.stat,
        }
    }

    /// The bytes of a file, or of the text of a link.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        content::read(&self.path)
    }
}

impl FootprintEntries {
    /// One by one, with their paths, folders before what is in them.
    pub(crate) fn list(&self) -> Vec<FootprintEntry> {
        let mut entries = self.folders.clone();
        for (name, part) in &self.parts {
            let paths = std::iter::once(None).chain(part.listing.iter().filter_map(Step::path).map(Some));
            let paths = paths.map(|path| match path {
                None => name.as_bytes().to_vec(),
                Some(path) => [name.as_bytes(), b"/", path].concat(),
            });
            entries.extend(paths.zip(&part.stats).map(|(path, stat)| stat.at(path)));
        }
        entries
    }
}

impl EntryStat {
    fn of(stat: &Stat) -> Self {
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let bytes = if is_file { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
        Self { mode: stat.st_mode, bytes }
    }

    fn at(self, path: Vec<u8>) -> FootprintEntry {
        FootprintEntry { path, mode: self.mode, bytes: self.bytes }
    }
}

fn fresh_since() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(COARSEST_TICK)
}
