//! [`object_name`]: how git names an object.

use std::collections::BTreeMap;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::hash::hex;
use super::oid::Oid;
use super::repo_path::RepoPath;

/// The name that git gives to an object with these bytes, in a repository whose names are as long as `like`.
pub(crate) fn object_name(kind: &str, bytes: &[u8], like: &Oid) -> Oid {
    let header = format!("{kind} {}\0", bytes.len());
    let digits = if like.as_str().len() == 64 {
        hex(&Sha256::new().chain_update(header).chain_update(bytes).finalize())
    } else {
        hex(&Sha1::new().chain_update(header).chain_update(bytes).finalize())
    };
    digits.parse().expect("a hash is an object's name")
}

/// The name of the tree that has these files, each with its path, and no other; modes are those of plain files.
pub(crate) fn tree_name(files: &[(RepoPath, Vec<u8>)], like: &Oid) -> Oid {
    let mut entries: BTreeMap<&[u8], TreeNode<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        put(&mut entries, path.as_bytes(), bytes);
    }
    name_of(&entries, like)
}

/// What stands at a name of a tree.
enum TreeNode<'f> {
    File(&'f [u8]),
    Folder(BTreeMap<&'f [u8], TreeNode<'f>>),
}

fn put<'f>(entries: &mut BTreeMap<&'f [u8], TreeNode<'f>>, path: &'f [u8], bytes: &'f [u8]) {
    match memchr::memchr(b'/', path) {
        None => drop(entries.insert(path, TreeNode::File(bytes))),
        Some(slash) => {
            let folder = entries.entry(&path[..slash]).or_insert_with(|| TreeNode::Folder(BTreeMap::new()));
            if let TreeNode::Folder(inside) = folder {
                put(inside, &path[slash + 1..], bytes);
            }
        }
    }
}

/// Git sorts a folder as if its name ended with a slash.
fn name_of(entries: &BTreeMap<&[u8], TreeNode<'_>>, like: &Oid) -> Oid {
    let mut sorted: Vec<(Vec<u8>, Vec<u8>)> = Vec::with_capacity(entries.len());
    for (name, node) in entries {
        let (mode, end, oid) = match node {
            TreeNode::File(bytes) => ("100644", "", object_name("blob", bytes, like)),
            TreeNode::Folder(inside) => ("40000", "/", name_of(inside, like)),
        };
        let entry = [mode.as_bytes(), b" ", name, b"\0", &raw_name(&oid)].concat();
        sorted.push(([name, end.as_bytes()].concat(), entry));
    }
    sorted.sort();
    let bytes: Vec<u8> = sorted.into_iter().flat_map(|(_, entry)| entry).collect();
    object_name("tree", &bytes, like)
}

/// The bytes that an object's name stands for.
pub(crate) fn raw_name(oid: &Oid) -> Vec<u8> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    };
    oid.as_str().as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::{object_name, tree_name};

    /// The names of the empty tree that git documents.
    #[test]
    fn objects_have_the_names_that_git_gives_them() {
        for name in [
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        ] {
            assert_eq!(object_name("tree", b"", &name.parse().unwrap()).as_str(), name);
        }
        let like = "0".repeat(40).parse().unwrap();
        let hello = object_name("blob", b"hello\n", &like);
        assert_eq!(hello.as_str(), "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    /// A folder comes where its name with a slash does: after `logs.txt` and before `logs0`.
    #[test]
    fn a_tree_is_named_as_git_names_it() {
        let files = ["logs/task.log", "logs.txt", "logs0"].map(|path| (path.parse().unwrap(), b"x".to_vec()));
        let like = "0".repeat(40).parse().unwrap();
        assert_eq!(tree_name(&files, &like).as_str(), "96ef1f29e33eabff06fc2d8a1abae93dfd611ce5");
        assert_eq!(tree_name(&[], &like).as_str(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }
}
