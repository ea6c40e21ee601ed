//! [`EntryReader`] and [`EntryWriter`]: the entries of an index, one after the other.

use std::io::{self, Read, Write};

/// Times, device, number, mode, owner and length of a file, before the name of its object.
const STAT_BYTES: usize = 40;
const FLAG_BYTES: usize = 2;
const MODE_AT: usize = 24;
const REPOSITORY_MODE: u32 = 0o160_000;
/// There are two more bytes of flags.
const EXTENDED: u16 = 0x4000;
/// The worktree is not looked at, in the second two bytes of flags.
const SKIP_WORKTREE: u16 = 0x4000;
/// The bits of the flags that tell the length of the path.
const LENGTH_BITS: u16 = 0x0fff;
/// No system has longer paths in a worktree.
const LONGEST_PATH_BYTES: usize = 1 << 20;

/// Reads the entries of versions 2 to 4.
pub(super) struct EntryReader<'r, R> {
    from: &'r mut R,
    version: u32,
    oid_bytes: usize,
    fixed: Vec<u8>,
    path: Vec<u8>,
    bytes: u64,
}

impl<'r, R: Read> EntryReader<'r, R> {
    pub(super) fn new(from: &'r mut R, version: u32, oid_bytes: usize) -> Self {
        Self { from, version, oid_bytes, fixed: Vec::new(), path: Vec::new(), bytes: 0 }
    }

    /// How many bytes were read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives what comes before the path, and the path.
    pub(super) fn next(&mut self) -> io::Result<(&[u8], &[u8])> {
        let short = STAT_BYTES + self.oid_bytes + FLAG_BYTES;
        self.fixed.resize(short, 0);
        self.from.read_exact(&mut self.fixed)?;
        let flags = u16::from_be_bytes([self.fixed[short - 2], self.fixed[short - 1]]);
        if flags & EXTENDED != 0 {
            self.fixed.resize(short + FLAG_BYTES, 0);
            self.from.read_exact(&mut self.fixed[short..])?;
        }
        self.bytes += self.fixed.len() as u64;
        if self.version == 4 {
            let kept = self.path.len().checked_sub(self.number()?).ok_or_else(unreadable)?;
            self.path.truncate(kept);
            self.path_to_zero()?;
        } else {
            self.path.clear();
            let length = usize::from(flags & LENGTH_BITS);
            if length < usize::from(LENGTH_BITS) {
                self.path.resize(length, 0);
                self.from.read_exact(&mut self.path)?;
                self.bytes += length as u64;
                self.padding(0)?;
            } else {
                // A longer path ends at the first zero, which is one byte of the padding.
                self.path_to_zero()?;
                self.padding(1)?;
            }
        }
        Ok((&self.fixed, &self.path))
    }

    /// The rest of one to eight zeros, of which some are read.
    fn padding(&mut self, read: usize) -> io::Result<()> {
        let mut zeros = [0; 8];
        let rest = padding_of(self.fixed.len() + self.path.len()) - read;
        self.from.read_exact(&mut zeros[..rest])?;
        self.bytes += rest as u64;
        if zeros == [0; 8] { Ok(()) } else { Err(unreadable()) }
    }

    fn path_to_zero(&mut self) -> io::Result<()> {
        loop {
            match self.byte()? {
                0 => return Ok(()),
                _ if self.path.len() >= LONGEST_PATH_BYTES => return Err(unreadable()),
                byte => self.path.push(byte),
            }
        }
    }

    /// A number of seven bits a byte, the highest first, as git writes offsets.
    fn number(&mut self) -> io::Result<usize> {
        let mut byte = self.byte()?;
        let mut number = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            let next = number.checked_add(1).and_then(|number| number.checked_mul(128));
            number = next.ok_or_else(unreadable)? + usize::from(byte & 0x7f);
        }
        Ok(number)
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        self.bytes += 1;
        Ok(byte[0])
    }
}

/// Writes entries of version 3.
pub(super) struct EntryWriter<'w, W> {
    to: &'w mut W,
    oid_bytes: usize,
    count: u32,
}

impl<'w, W: Write> EntryWriter<'w, W> {
    pub(super) fn new(to: &'w mut W, oid_bytes: usize) -> Self {
        Self { to, oid_bytes, count: 0 }
    }

    /// How many were written.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn write(&mut self, fixed: &[u8], path: &[u8]) -> io::Result<()> {
        self.to.write_all(fixed)?;
        self.to.write_all(path)?;
        self.to.write_all(&[0; 8][..padding_of(fixed.len() + path.len())])?;
        self.count += 1;
        Ok(())
    }

    /// Writes a repository at a path, at which nobody looks.
    pub(super) fn write_repository(&mut self, path: &[u8]) -> io::Result<()> {
        let mut fixed = vec![0; STAT_BYTES];
        fixed[MODE_AT..MODE_AT + 4].copy_from_slice(&REPOSITORY_MODE.to_be_bytes());
        // Any name but that of no object.
        fixed.extend(std::iter::repeat_n(1, self.oid_bytes));
        let length = u16::try_from(path.len()).unwrap_or(LENGTH_BITS).min(LENGTH_BITS);
        fixed.extend((EXTENDED | length).to_be_bytes());
        fixed.extend(SKIP_WORKTREE.to_be_bytes());
        self.write(&fixed, path)
    }
}

/// Whether an entry is a commit of another repository, by what comes before its path.
pub(super) fn is_repository(fixed: &[u8]) -> bool {
    fixed.get(MODE_AT..MODE_AT + 4) == Some(&REPOSITORY_MODE.to_be_bytes())
}

/// How many zeros follow an entry, so that the next begins at a multiple of eight bytes; at least one.
fn padding_of(length: usize) -> usize {
    8 - length % 8
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is no entry of an index")
}
