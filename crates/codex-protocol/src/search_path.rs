//! [`absolute_path_entries`]: the part of `PATH` that no working directory can change.

use std::env;
use std::ffi::{OsStr, OsString};

/// Where programs are looked for if `PATH` has no absolute entry.
const SYSTEM_FOLDERS: &str = "/usr/local/bin:/usr/bin:/bin";

/// Returns the value of `PATH` without its empty and relative entries, which name folders below the working directory:
/// in a repository that somebody else has filled, `git` would be `./git` there.
///
/// If nothing is left, the result is the folders of the system. An empty `PATH` would mean the working directory again.
///
/// ```
/// use codex_protocol::absolute_path_entries;
///
/// assert_eq!(absolute_path_entries(":/usr/bin:.:node_modules/.bin:/bin:".as_ref()), "/usr/bin:/bin");
/// assert_eq!(absolute_path_entries("".as_ref()), "/usr/local/bin:/usr/bin:/bin");
/// ```
pub fn absolute_path_entries(path: &OsStr) -> OsString {
    let absolute = env::split_paths(path).filter(|entry| entry.is_absolute());
    // What was split at the separator has none.
    let joined = env::join_paths(absolute).unwrap_or_default();
    if joined.is_empty() { SYSTEM_FOLDERS.into() } else { joined }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use rstest::rstest;

    use super::absolute_path_entries;

    #[rstest]
    #[case::untouched(b"/usr/bin:/bin", b"/usr/bin:/bin")]
    #[case::no_utf8(b"/opt/\xff:bin:/bin", b"/opt/\xff:/bin")]
    #[case::empty_in_the_middle(b"/usr/bin::/bin", b"/usr/bin:/bin")]
    #[case::parent_and_home(b"..:~/bin:../bin:./:/bin", b"/bin")]
    #[case::absolute_with_dots(b"/opt/../bin", b"/opt/../bin")]
    #[case::nothing_left(b".:", b"/usr/local/bin:/usr/bin:/bin")]
    fn only_absolute_entries_stay(#[case] path: &[u8], #[case] expected: &[u8]) {
        assert_eq!(absolute_path_entries(OsStr::from_bytes(path)).as_bytes(), expected);
    }
}
