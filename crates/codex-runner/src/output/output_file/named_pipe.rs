//! Writes to a device or a named pipe where an agent may have made it, and waits only for a while.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::super::open_folder::OpenFolder;

/// How long a reader may take to come, and then to read.
const READER_LIMIT: Duration = Duration::from_secs(10);
/// How often is looked for a reader: nothing says when one has come.
const PAUSE: Duration = Duration::from_millis(20);

/// Opens it once there is a reader.
///
/// # Errors
///
/// Nobody does.
pub(super) fn open(folder: &OpenFolder, name: &OsStr) -> io::Result<File> {
    let end = Instant::now() + READER_LIMIT;
    loop {
        match folder.open_special(name, OFlags::NONBLOCK) {
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
                if Instant::now() >= end {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing reads the named pipe"));
                }
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Writes all of it.
///
/// # Errors
///
/// It is not read, or no longer.
pub(super) fn write(mut file: &File, mut contents: &[u8]) -> io::Result<()> {
    let end = Instant::now() + READER_LIMIT;
    while !contents.is_empty() {
        match file.write(contents) {
            Ok(written) => contents = &contents[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing reads the named pipe"));
                }
                let left = Timespec::try_from(left).expect("the limit is a few seconds");
                poll(&mut [PollFd::new(file, PollFlags::OUT)], Some(&left))?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
