//! [`Footprint`]: how the folder of the ledger stands on the disk at one moment.

mod content;
mod walk;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

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
    entries: Vec<FootprintEntry>,
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
    /// Looks at everything below a folder; at nothing if it is not there.
    pub(crate) fn take(root: &Path) -> io::Result<Self> {
        let walk = Walk { fresh_since: since_epoch().saturating_sub(COARSEST_TICK) };
        match walk.ledger(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            found => {
                let (parts, folders) = found?;
                Ok(Self { parts, folders })
            }
        }
    }

    /// The same as [`into_entries`](Self::into_entries) gives.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &FootprintEntry> {
        self.folders.iter().chain(self.parts.values().flat_map(|part| &part.entries))
    }

    /// Everything that is there, folders before what is in them.
    pub(crate) fn into_entries(self) -> Vec<FootprintEntry> {
        let mut entries = self.folders;
        entries.extend(self.parts.into_values().flat_map(|part| part.entries));
        entries
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
}

impl FootprintPart {
    /// Looks at one folder.
    pub(crate) fn folder(path: &Path) -> io::Result<Self> {
        let walk = Walk { fresh_since: since_epoch().saturating_sub(COARSEST_TICK) };
        walk.folder(path)
    }

    /// How a part that has settled and has the same content is known from now on.
    pub(crate) fn settle(&self, mark: &mut PartMark) {
        if !self.is_fresh && mark.content.take().is_some() {
            mark.stat.clone_from(&self.stat);
        }
    }

    pub(crate) fn mark(&self) -> io::Result<PartMark> {
        let content = if self.is_fresh { Some(content::digest(&self.path)?) } else { None };
        Ok(PartMark { stat: self.stat.clone(), content })
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

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
