//! [`OpenIndex`]: an index that is read from its beginning to its end.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::Path;

use super::Placeholder;
use super::cache_tree::cache_tree_without;
use super::entries::{EntryReader, EntryWriter};
use crate::system::plain_file::open_behind_links;
use crate::values::RepoPath;

pub(super) const SIGNATURE: &[u8; 4] = b"DIRC";
pub(super) const HEADER_BYTES: usize = 12;
pub(super) const BUFFER_BYTES: usize = 1 << 16;
const TREES: &[u8] = b"TREE";
/// What has a name for each folder is not longer.
const LONGEST_EXTENSION_BYTES: u64 = 256 << 20;

/// Whether what comes after the entries is understood, or may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtensionForm {
    Known,
    Unknown,
}

/// An index of version 2 to 4.
pub(super) struct OpenIndex {
    from: BufReader<File>,
    version: u32,
    count: u32,
    oid_bytes: usize,
    /// How many bytes are left before the sum at the end.
    left: u64,
}

impl OpenIndex {
    /// Opens an index; `None` for a later version and for what is none.
    pub(super) fn at(path: &Path, oid_bytes: usize) -> io::Result<Option<Self>> {
        let file = open_behind_links(path)?;
        let whole = file.metadata()?.len();
        let mut from = BufReader::with_capacity(BUFFER_BYTES, file);
        let Some(left) = whole.checked_sub((HEADER_BYTES + oid_bytes) as u64) else { return Ok(None) };
        let mut header = [0; HEADER_BYTES];
        from.read_exact(&mut header)?;
        let (version, count) = (u32_at(&header, 4), u32_at(&header, 8));
        let is_known = header.starts_with(SIGNATURE) && (2..=4).contains(&version);
        Ok(is_known.then_some(Self { from, version, count, oid_bytes, left }))
    }

    /// Hands over what comes before the path of each entry, and the path.
    pub(super) fn each_entry(
        &mut self,
        mut take: impl FnMut(&[u8], &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut reader = EntryReader::new(&mut self.from, self.version, self.oid_bytes);
        for _ in 0..self.count {
            let (fixed, path) = reader.next()?;
            take(fixed, path)?;
        }
        self.left = self.left.checked_sub(reader.bytes()).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(())
    }

    /// Copies the entries without those at and below a folder, and returns how many there are then.
    pub(super) fn copy_entries(
        &mut self,
        to: &mut impl Write,
        folder: &RepoPath,
        placeholder: Placeholder,
    ) -> io::Result<u32> {
        let folder = folder.as_bytes();
        let mut writer = EntryWriter::new(to, self.oid_bytes);
        let mut is_due = placeholder == Placeholder::Repository;
        self.each_entry(|fixed, path| {
            if is_at_or_below(path, folder) {
                return Ok(());
            }
            if is_due && path > folder {
                writer.write_repository(folder)?;
                is_due = false;
            }
            writer.write(fixed, path)
        })?;
        if is_due {
            writer.write_repository(folder)?;
        }
        Ok(writer.count())
    }

    /// Copies the names of trees, and nothing else of what comes after the entries.
    pub(super) fn copy_extensions(
        &mut self,
        to: &mut impl Write,
        folder: &RepoPath,
    ) -> io::Result<ExtensionForm> {
        let oid_bytes = self.oid_bytes;
        self.each_extension(|name, content| {
            let trees = (name == TREES).then(|| cache_tree_without(content, folder.as_bytes(), oid_bytes));
            let Some(trees) = trees.flatten() else { return Ok(()) };
            let length = u32::try_from(trees.len()).map_err(io::Error::other)?;
            to.write_all(TREES)?;
            to.write_all(&length.to_be_bytes())?;
            to.write_all(&trees)
        })
    }

    /// Passes over what comes after the entries.
    pub(super) fn pass_extensions(&mut self) -> io::Result<ExtensionForm> {
        self.each_extension(|_, _| Ok(()))
    }

    fn each_extension(
        &mut self,
        mut take: impl FnMut(&[u8], &[u8]) -> io::Result<()>,
    ) -> io::Result<ExtensionForm> {
        while self.left > 0 {
            let mut header = [0; 8];
            self.from.read_exact(&mut header)?;
            let length = u64::from(u32_at(&header, 4));
            let name = &header[..4];
            // What does not begin with a capital letter changes what the entries mean.
            let Some(left) = self.left.checked_sub(8 + length).filter(|_| name[0].is_ascii_uppercase())
            else {
                return Ok(ExtensionForm::Unknown);
            };
            self.left = left;
            let mut content = Vec::new();
            if name == TREES && length <= LONGEST_EXTENSION_BYTES {
                self.from.by_ref().take(length).read_to_end(&mut content)?;
                take(name, &content)?;
            } else {
                self.from.seek_relative(i64::try_from(length).map_err(io::Error::other)?)?;
            }
        }
        Ok(ExtensionForm::Known)
    }
}

/// Whether an index was cut off, or is not one; git says what is wrong with it.
pub(super) fn is_malformed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

fn is_at_or_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.first().is_none_or(|next| *next == b'/'))
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[place..place + 4]);
    u32::from_be_bytes(number)
}
