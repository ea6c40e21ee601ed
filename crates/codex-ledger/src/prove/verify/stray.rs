//! [`is_stray`]: files that desktops and editors leave wherever they look.

/// Whether a file is of the kind that a desktop or an editor leaves in a folder by itself. No file of a record has such a
/// name.
pub(super) fn is_stray(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let ends = |end: &[u8]| name.len() > end.len() && name.ends_with(end);
    let is_known = [
        ".DS_Store",
        ".AppleDouble",
        ".LSOverride",
        ".directory",
        ".localized",
        "Thumbs.db",
        "Thumbs.db:encryptable",
        "ehthumbs.db",
        "desktop.ini",
        "Desktop.ini",
        "4913",
    ];
    // Vim, Emacs, JetBrains, nano, patch and merge tools, macOS on other disks, NFS.
    is_known.iter().any(|known| name == known.as_bytes())
        || [b"~".as_slice(), b".swp", b".swo", b".swn", b".bak", b".orig", b".rej"].into_iter().any(ends)
        || [b".#".as_slice(), b"._", b".nfs", b".fuse_hidden", b".~"]
            .into_iter()
            .any(|begin| name.starts_with(begin))
        || (name.starts_with(b"#") && ends(b"#"))
        || ends(b".kate-swp")
        || ends(b"___jb_tmp___")
        || ends(b"___jb_old___")
        || ends(b".save")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_stray;

    #[rstest]
    #[case(".DS_Store", true)]
    #[case("logs/.DS_Store", true)]
    #[case("adr.md~", true)]
    #[case(".adr.md.swp", true)]
    #[case("logs/.#task.log", true)]
    #[case("#adr.md#", true)]
    #[case("manifest.json.bak", true)]
    #[case("._manifest.json", true)]
    #[case("adr.md.orig", true)]
    #[case("~", false)]
    #[case("#", false)]
    #[case("logs/more.log", false)]
    #[case("adr.md", false)]
    #[case("notes.txt", false)]
    #[case(".DS_Store/x", false)]
    fn what_desktops_and_editors_leave_is_known_by_its_name(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(is_stray(path.as_bytes()), expected);
    }
}
