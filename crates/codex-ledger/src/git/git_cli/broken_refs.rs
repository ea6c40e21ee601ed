//! Finds refs that git cannot use, and removes them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::GitCli;
use crate::git::vcs::{ReadObjects as _, RefEntry, Refs as _, VcsError};
use crate::system::plain_file::read_plain;

const STEP: &str = "remove a broken ref";

impl GitCli {
    pub(super) fn find_broken_refs(&self, prefix: &str) -> Result<Vec<String>, VcsError> {
        let listed = self.list_refs(prefix)?;
        let objects: Vec<_> = listed.iter().map(|found| found.oid.clone()).collect();
        let found = if objects.is_empty() { Vec::new() } else { self.read_objects(&objects)? };
        let missing = listed.iter().zip(found).filter(|(_, object)| object.is_none());
        let mut broken: Vec<String> = missing.map(|(found, _)| found.name.clone()).collect();
        broken.extend(self.unreadable_refs(prefix));
        broken.sort();
        broken.dedup();
        Ok(broken)
    }

    pub(super) fn remove_if_broken(&self, name: &str) -> Result<bool, VcsError> {
        let listed = self.list_refs(name)?;
        let Some(RefEntry { oid, .. }) = listed.iter().find(|found| found.name == name) else {
            let path = self.common_dir.join(name);
            return remove_unreadable(&path).map_err(|source| VcsError::Io { step: STEP, path, source });
        };
        if self.read_object(oid)?.is_some() {
            return Ok(false);
        }
        let delete = format!("delete {name}\0{oid}\0");
        self.runner.git(STEP).args(["update-ref", "-z", "--stdin"]).stdin(delete).succeed()?;
        Ok(true)
    }

    /// The refs below a prefix, or the one of this name, whose files git cannot read. It does not list them, and neither
    /// moves nor deletes them.
    fn unreadable_refs(&self, prefix: &str) -> Vec<String> {
        let place = self.common_dir.join(prefix);
        if !prefix.ends_with('/') {
            return is_unreadable(&place).then(|| prefix.to_owned()).into_iter().collect();
        }
        let entries = fs::read_dir(place).into_iter().flatten().flatten();
        let files = entries.filter(|entry| is_unreadable(&entry.path()));
        let names = files.filter_map(|entry| entry.file_name().into_string().ok());
        names.map(|name| format!("{prefix}{name}")).collect()
    }
}

/// Removes the file of a ref under the lock that git takes to change it.
fn remove_unreadable(path: &Path) -> io::Result<bool> {
    if !is_unreadable(path) {
        return Ok(false);
    }
    let lock = lock_of(path);
    File::create_new(&lock)?;
    let removed = if is_unreadable(path) { fs::remove_file(path).map(|()| true) } else { Ok(false) };
    fs::remove_file(lock)?;
    removed
}

fn lock_of(path: &Path) -> PathBuf {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    lock.into()
}

/// Whether a file is there that is neither the lock of a ref nor a ref, symbolic or not.
fn is_unreadable(path: &Path) -> bool {
    let is_lock = path.extension().is_some_and(|extension| extension == "lock");
    !is_lock && read_plain(path).is_ok_and(|bytes| !is_ref(&bytes))
}

/// The name of an object, then the end or white space. No object has a name of zeros.
fn is_ref(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(bytes.len());
    let (name, rest) = bytes.split_at(end);
    let is_name = [40, 64].contains(&name.len()) && name.iter().any(|byte| *byte != b'0');
    bytes.starts_with(b"ref:") || (is_name && rest.first().is_none_or(u8::is_ascii_whitespace))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_ref;

    const NAME: &str = "5a826f30e55506761525e4e47be243843f7baf0b";

    #[rstest]
    #[case::with_its_line_feed(&format!("{NAME}\n"), true)]
    #[case::without(NAME, true)]
    #[case::of_sha256(&"5a".repeat(32), true)]
    #[case::symbolic("ref: refs/heads/main\n", true)]
    #[case::empty("", false)]
    #[case::torn(&NAME[..17], false)]
    #[case::torn_in_the_middle(&format!("{}\0\0\0", &NAME[..38]), false)]
    #[case::longer(&format!("{NAME}5\n"), false)]
    #[case::followed_by_something_else(&format!("{NAME}x"), false)]
    #[case::nul_bytes("\0\0\0\0", false)]
    #[case::zeros(&"0".repeat(40), false)]
    fn the_file_of_a_ref_is_told_from_a_broken_one(#[case] bytes: &str, #[case] expected: bool) {
        assert_eq!(is_ref(bytes.as_bytes()), expected);
    }
}
