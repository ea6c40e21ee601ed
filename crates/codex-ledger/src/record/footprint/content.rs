//! The content of a part, as far as git would store it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::walk::DEEPEST;
use crate::system::plain_file::{LONGEST_BYTES, read_plain};
use crate::values::Hasher;

/// The hash of everything at and below a path: names, kinds and bytes.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    let mut hasher = Hasher::new();
    add(path, 0, &mut hasher)?;
    Ok(hasher.finish())
}

fn add(path: &Path, depth: usize, hasher: &mut Hasher) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    let kind = found.file_type();
    if kind.is_dir() && depth > DEEPEST {
        hasher.update(b"d");
    } else if kind.is_dir() {
        let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name()));
        let mut names: Vec<OsString> = names.collect::<io::Result<_>>()?;
        names.sort();
        hasher.update(b"{");
        for name in names {
            hasher.update(name.as_bytes());
            hasher.update(b"\0");
            add(&path.join(name), depth + 1, hasher)?;
        }
        hasher.update(b"}");
    } else if kind.is_file() && found.len() > LONGEST_BYTES {
        hasher.update(format!("e {} {}.{}", found.len(), found.mtime(), found.mtime_nsec()).as_bytes());
    } else if kind.is_file() || kind.is_symlink() {
        let bytes = read(path)?;
        let letter: &[u8] = match (kind.is_symlink(), found.permissions().mode() & 0o100 != 0) {
            (true, _) => b"l",
            (false, true) => b"x",
            (false, false) => b"f",
        };
        hasher.update(letter);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    } else {
        hasher.update(b"o");
    }
    Ok(())
}

/// The bytes of a file or of the text of a link; waits for nobody at the other end.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Ok(fs::read_link(path)?.into_os_string().into_vec());
    }
    read_plain(path)
}
