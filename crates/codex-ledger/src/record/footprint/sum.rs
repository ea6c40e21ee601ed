//! [`Sum`]: what a pass over one part comes to.

use std::time::Duration;

use rustix::fs::Stat;

use super::EntryStat;
use crate::values::Hasher;

/// Hashes what a pass over a part meets, in the order in which it does.
pub(super) struct Sum {
    fresh_since: Duration,
    hasher: Hasher,
    folders: Hasher,
    are_files_fresh: bool,
    are_folders_fresh: bool,
    stats: Vec<EntryStat>,
}

/// What a part was hashed to.
pub(super) struct Sums {
    /// Of names and what `stat` says of files.
    pub(super) stat: String,
    /// Whether a file may change again without a trace.
    pub(super) is_fresh: bool,
    /// Of names and what `stat` says of folders; `None` if the names in one may change without a trace.
    pub(super) folders: Option<String>,
    /// The part itself, and everything in it.
    pub(super) stats: Box<[EntryStat]>,
}

impl Sum {
    pub(super) fn new(fresh_since: Duration) -> Self {
        Self {
            fresh_since,
            hasher: Hasher::new(),
            folders: Hasher::new(),
            are_files_fresh: false,
            are_folders_fresh: false,
            stats: Vec::new(),
        }
    }

    /// Adds the last part of a path, before what stands there.
    pub(super) fn name(&mut self, path: &[u8]) {
        let start = memchr::memrchr(b'/', path).map_or(0, |end| end + 1);
        self.hasher.update(&path[start..]);
        self.hasher.update(b"\0");
    }

    pub(super) fn enter(&mut self) {
        self.hasher.update(b"{");
    }

    pub(super) fn leave(&mut self) {
        self.hasher.update(b"}");
    }

    /// Of a folder only what it is: what is in it comes after, and its times change with that.
    pub(super) fn add_folder(&mut self, path: &[u8], stat: &Stat) {
        self.stats.push(EntryStat::of(stat));
        self.hasher.update(&stat.st_mode.to_le_bytes());
        self.folders.update(path);
        self.folders.update(b"/\0");
        self.folders.update(&numbers(stat));
        self.are_folders_fresh |= self.is_fresh(stat);
    }

    pub(super) fn add_file(&mut self, path: &[u8], stat: &Stat) {
        self.stats.push(EntryStat::of(stat));
        self.hasher.update(&numbers(stat));
        self.folders.update(path);
        self.folders.update(b"\0");
        self.are_files_fresh |= self.is_fresh(stat);
    }

    pub(super) fn finish(self) -> Sums {
        Sums {
            stat: self.hasher.finish(),
            is_fresh: self.are_files_fresh,
            folders: (!self.are_folders_fresh).then(|| self.folders.finish()),
            stats: self.stats.into(),
        }
    }

    /// A time to come is no better than one that has just been.
    fn is_fresh(&self, stat: &Stat) -> bool {
        u64::try_from(stat.st_ctime).unwrap_or(u64::MAX) >= self.fresh_since.as_secs()
    }
}

fn numbers(stat: &Stat) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(&stat.st_dev.to_le_bytes());
    bytes.extend_from_slice(&stat.st_ino.to_le_bytes());
    bytes.extend_from_slice(&stat.st_mode.to_le_bytes());
    bytes.extend_from_slice(&stat.st_size.to_le_bytes());
    bytes.extend_from_slice(&stat.st_mtime.to_le_bytes());
    bytes.extend_from_slice(&stat.st_mtime_nsec.to_le_bytes());
    bytes.extend_from_slice(&stat.st_ctime.to_le_bytes());
    bytes.extend_from_slice(&stat.st_ctime_nsec.to_le_bytes());
    bytes
}
