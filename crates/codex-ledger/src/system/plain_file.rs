//! [`read_plain`]: reads files that an agent may have replaced, without blocking, following a link or exhausting memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// The longest file of a ledger, event logs included.
pub(crate) const LONGEST_BYTES: u64 = 512 << 20;

/// The longest manifest.
pub(crate) const LONGEST_MANIFEST_BYTES: u64 = 64 << 20;

/// The longest index, which has a row for each record.
pub(crate) const LONGEST_INDEX_BYTES: u64 = 64 << 20;

/// Opens a regular file, without following a link or waiting for the other end of a pipe.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    open(path, OFlags::NOFOLLOW)
}

/// Opens a regular file, or the one that a link leads to.
pub(crate) fn open_behind_links(path: &Path) -> io::Result<File> {
    open(path, OFlags::empty())
}

/// Reads a regular file of up to [`LONGEST_BYTES`].
pub(crate) fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(open_plain(path)?, LONGEST_BYTES)
}

/// Reads a regular file of up to [`LONGEST_MANIFEST_BYTES`].
pub(crate) fn read_manifest(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(open_plain(path)?, LONGEST_MANIFEST_BYTES)
}

/// Reads a regular file of up to [`LONGEST_INDEX_BYTES`].
pub(crate) fn read_index(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(open_plain(path)?, LONGEST_INDEX_BYTES)
}

/// Reads an open file; a longer one is an error.
pub(crate) fn read_at_most(file: File, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let sentence = format!("this file is longer than {limit_bytes} bytes");
        io::Error::new(io::ErrorKind::FileTooLarge, sentence)
    };
    if file.metadata()?.len() > limit_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes { Err(too_large()) } else { Ok(bytes) }
}

/// Whether a file was there and is not one that [`read_plain`] reads: a link, a pipe, or much too long.
pub(crate) fn is_no_plain_file(error: &io::Error) -> bool {
    let is_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_link || matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge)
}

fn open(path: &Path, more: OFlags) -> io::Result<File> {
    let flags = more | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a regular file"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn pipes_links_folders_and_long_files_are_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().join(name);
        fs::write(at("file"), "text").unwrap();
        symlink("file", at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), kind, mode, 0).unwrap();
        File::create(at("sparse")).unwrap().set_len(LONGEST_BYTES + 1).unwrap();
        assert_eq!(read_plain(&at("file")).unwrap(), b"text");
        for name in ["link", "folder", "pipe", "sparse"] {
            assert!(is_no_plain_file(&read_plain(&at(name)).unwrap_err()), "{name}");
        }
        assert!(!is_no_plain_file(&read_plain(&at("absent")).unwrap_err()));
        assert!(open_behind_links(&at("link")).is_ok() && open_behind_links(&at("pipe")).is_err());
        assert!(read_at_most(open_plain(&at("file")).unwrap(), 3).is_err());
    }
}
