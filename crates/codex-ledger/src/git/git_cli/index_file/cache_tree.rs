//! [`cache_tree_without`]: the names of trees that an index has, without those that a folder was in.

/// How git writes that a tree is not known.
const UNKNOWN: &[u8] = b"-1";

/// Returns the extension `TREE` without a folder; `None` if it cannot be read, which costs git a moment and nothing else.
///
/// Each node is `<name>\0<entries> <folders>\n` and the name of the tree, which is absent where it is not known. The nodes of its
/// folders follow.
pub(super) fn cache_tree_without(bytes: &[u8], folder: &[u8], oid_bytes: usize) -> Option<Vec<u8>> {
    let mut copy = CacheTreeCopy { left: bytes, written: Vec::with_capacity(bytes.len()), oid_bytes };
    copy.node(Some(folder))?;
    copy.left.is_empty().then_some(copy.written)
}

struct CacheTreeCopy<'b> {
    left: &'b [u8],
    written: Vec<u8>,
    oid_bytes: usize,
}

struct Node<'b> {
    name: &'b [u8],
    entries: &'b [u8],
    folders: usize,
    oid: &'b [u8],
}

impl<'b> CacheTreeCopy<'b> {
    /// Copies a node and those below. A node that the folder is in, at this path from it, is no longer known.
    fn node(&mut self, folder: Option<&[u8]>) -> Option<()> {
        let node = self.read()?;
        let Some(folder) = folder else {
            self.write(&node, node.entries, node.folders, node.oid);
            return (0..node.folders).try_for_each(|_| self.node(None));
        };
        let start = self.written.len();
        let (name, rest) = match memchr::memchr(b'/', folder) {
            Some(end) => (&folder[..end], Some(&folder[end + 1..])),
            None => (folder, None),
        };
        let mut kept = 0;
        for _ in 0..node.folders {
            let is_on_the_way = self.name()? == name;
            match rest {
                None if is_on_the_way => self.skip()?,
                rest => {
                    self.node(rest.filter(|_| is_on_the_way))?;
                    kept += 1;
                }
            }
        }
        let below = self.written.split_off(start);
        self.write(&node, UNKNOWN, kept, &[]);
        self.written.extend_from_slice(&below);
        Some(())
    }

    /// Passes over a node and those below.
    fn skip(&mut self) -> Option<()> {
        let node = self.read()?;
        (0..node.folders).try_for_each(|_| self.skip())
    }

    /// The name of the next node.
    fn name(&self) -> Option<&'b [u8]> {
        self.left.get(..memchr::memchr(0, self.left)?)
    }

    fn read(&mut self) -> Option<Node<'b>> {
        let name = self.name()?;
        let rest = &self.left[name.len() + 1..];
        let end = memchr::memchr(b'\n', rest)?;
        let blank = memchr::memchr(b' ', &rest[..end])?;
        let entries = &rest[..blank];
        let folders = std::str::from_utf8(&rest[blank + 1..end]).ok()?.parse().ok()?;
        let oid_bytes = if entries.starts_with(b"-") { 0 } else { self.oid_bytes };
        let oid = rest.get(end + 1..end + 1 + oid_bytes)?;
        self.left = &rest[end + 1 + oid_bytes..];
        Some(Node { name, entries, folders, oid })
    }

    fn write(&mut self, node: &Node<'_>, entries: &[u8], folders: usize, oid: &[u8]) {
        self.written.extend_from_slice(node.name);
        self.written.push(0);
        self.written.extend_from_slice(entries);
        self.written.extend_from_slice(format!(" {folders}\n").as_bytes());
        self.written.extend_from_slice(oid);
    }
}

#[cfg(test)]
mod tests {
    use super::cache_tree_without;

    fn nodes(nodes: &[(&str, &str, usize, &str)]) -> Vec<u8> {
        let node = |(name, entries, folders, oid): &(&str, &str, usize, &str)| {
            format!("{name}\0{entries} {folders}\n{oid}").into_bytes()
        };
        nodes.iter().flat_map(node).collect()
    }

    #[test]
    fn what_had_the_folder_in_it_is_not_known() {
        let before = nodes(&[
            ("", "9", 2, "oid0"),
            ("ai", "8", 2, "oid1"),
            ("ledger", "7", 1, "oid2"),
            ("turns", "6", 0, "oid3"),
            ("other", "1", 0, "oid4"),
            ("src", "-1", 1, ""),
            ("ledger", "1", 0, "oid5"),
        ]);
        let after = nodes(&[
            ("", "-1", 2, ""),
            ("ai", "-1", 1, ""),
            ("other", "1", 0, "oid4"),
            ("src", "-1", 1, ""),
            ("ledger", "1", 0, "oid5"),
        ]);
        assert_eq!(cache_tree_without(&before, b"ai/ledger", 4), Some(after));
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        let whole = nodes(&[("", "2", 1, "oid0"), ("a", "1", 0, "oid1")]);
        assert!(cache_tree_without(&whole, b"b", 4).is_some());
        for length in 0..whole.len() {
            assert_eq!(cache_tree_without(&whole[..length], b"b", 4), None, "{length} bytes");
        }
        assert_eq!(cache_tree_without(&[&whole[..], b"x"].concat(), b"b", 4), None);
    }
}
