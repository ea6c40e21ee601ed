//! [`OutsideTrees`]: what is left of the trees of commits without the folder of the ledger.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::git::{GitObject, ObjectKind, ReadObjects, VcsError};
use crate::values::hash::hex;
use crate::values::{LEDGER_ROOT, Oid, TreeId, object_name, raw_name};

/// So many trees are read at once.
const AT_ONCE: usize = 256;

/// What is left of the trees of commits without the folder of the ledger.
///
/// The names of these trees are computed and nothing is written: a clone has the trees of its commits, and not those that
/// records name.
#[derive(Debug, Default)]
pub(super) struct OutsideTrees {
    left: HashMap<TreeId, WithoutLedger>,
    /// A tree of a commit for each tree that is left of one.
    roots: HashMap<TreeId, TreeId>,
}

/// A tree without the folder of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WithoutLedger {
    /// The tree that is left.
    pub(super) tree: TreeId,
    /// What was taken out, if it was there.
    pub(super) ledger: Option<Oid>,
}

impl OutsideTrees {
    /// What is left of a tree that was added.
    pub(super) fn of(&self, root: &TreeId) -> Option<&WithoutLedger> {
        self.left.get(root)
    }

    /// A tree that was added and of which this is left.
    pub(super) fn root_of(&self, outside: &TreeId) -> Option<&TreeId> {
        self.roots.get(outside)
    }

    /// Adds trees of commits; one that is not there, or is no tree, is left out.
    pub(super) fn add(
        &mut self,
        objects: &(impl ReadObjects + ?Sized),
        roots: impl IntoIterator<Item = TreeId>,
    ) -> Result<(), VcsError> {
        let fresh: HashSet<TreeId> = roots.into_iter().filter(|root| !self.left.contains_key(root)).collect();
        let fresh: Vec<TreeId> = fresh.into_iter().collect();
        for some in fresh.chunks(AT_ONCE) {
            self.add_some(objects, some)?;
        }
        Ok(())
    }

    fn add_some(&mut self, objects: &(impl ReadObjects + ?Sized), roots: &[TreeId]) -> Result<(), VcsError> {
        let (folder, ledger) = LEDGER_ROOT.split_once('/').expect("the ledger is two folders deep");
        let trees = objects.read_objects(roots)?;
        let mut upper: Vec<Oid> = Vec::new();
        for tree in trees.iter().flatten() {
            upper.extend(
                Entry::find(tree, folder, roots).filter(|entry| entry.is_folder).map(|entry| entry.oid),
            );
        }
        let uppers = objects.read_objects(&upper)?;
        let uppers: HashMap<Oid, GitObject> =
            upper.into_iter().zip(uppers).filter_map(|(oid, tree)| Some((oid, tree?))).collect();
        for (root, tree) in roots.iter().zip(trees) {
            let Some(tree) = tree.filter(|tree| tree.kind == ObjectKind::Tree) else { continue };
            let left = match without(root, &tree, folder, ledger, &uppers) {
                Some(left) => left,
                None => WithoutLedger { tree: root.clone(), ledger: None },
            };
            self.roots.entry(left.tree.clone()).or_insert_with(|| root.clone());
            self.left.insert(root.clone(), left);
        }
        Ok(())
    }
}

/// What is left of a tree that has the ledger; `None` if it has none.
fn without(
    root: &TreeId,
    tree: &GitObject,
    folder: &str,
    ledger: &str,
    uppers: &HashMap<Oid, GitObject>,
) -> Option<WithoutLedger> {
    let like = std::slice::from_ref(root);
    let above = Entry::find(tree, folder, like)?;
    let upper = uppers.get(&above.oid)?;
    let taken = Entry::find(upper, ledger, like)?;
    let mut inner = upper.bytes.clone();
    inner.drain(taken.whole);
    let mut outer = tree.bytes.clone();
    if inner.is_empty() {
        outer.drain(above.whole);
    } else {
        outer.splice(above.name, raw_name(&object_name("tree", &inner, root)));
    }
    Some(WithoutLedger { tree: object_name("tree", &outer, root), ledger: Some(taken.oid) })
}

/// An entry in the bytes of a tree.
struct Entry {
    /// Where all of it stands.
    whole: Range<usize>,
    /// Where the name of its object stands.
    name: Range<usize>,
    oid: Oid,
    is_folder: bool,
}

impl Entry {
    /// Each entry is `<mode> <name>\0` and the bytes of the object's name, which are as many as in the repository's others.
    fn find(tree: &GitObject, name: &str, others: &[Oid]) -> Option<Self> {
        let length = others.first()?.as_str().len() / 2;
        let bytes = &tree.bytes;
        let mut start = 0;
        while start < bytes.len() {
            let space = start + memchr::memchr(b' ', &bytes[start..])?;
            let zero = space + memchr::memchr(0, &bytes[space..])?;
            let end = zero + 1 + length;
            let oid = bytes.get(zero + 1..end)?;
            if &bytes[space + 1..zero] == name.as_bytes() {
                return Some(Self {
                    whole: start..end,
                    name: zero + 1..end,
                    oid: hex(oid).parse().ok()?,
                    is_folder: &bytes[start..space] == b"40000",
                });
            }
            start = end;
        }
        None
    }
}
