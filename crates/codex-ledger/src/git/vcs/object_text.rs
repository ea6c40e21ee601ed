//! Commits and tags as git writes them.

use super::data::{CommitInfo, GitObject, ObjectKind, TagInfo};
use crate::values::Oid;

impl CommitInfo {
    /// Reads the bytes of a commit; `None` if the object is something else.
    pub(crate) fn read(oid: &Oid, object: &GitObject) -> Option<Self> {
        if object.kind != ObjectKind::Commit {
            return None;
        }
        let (headers, message) = headers_and_message(&object.bytes);
        let tree = value_of(&headers, "tree").next()?.parse().ok()?;
        let parents = value_of(&headers, "parent").filter_map(|parent| parent.parse().ok()).collect();
        Some(Self { oid: oid.clone(), tree, parents, message })
    }
}

impl TagInfo {
    /// Reads the bytes of an annotated tag; `None` if the object is something else.
    pub(crate) fn read(oid: &Oid, object: &GitObject) -> Option<Self> {
        if object.kind != ObjectKind::Tag {
            return None;
        }
        let (headers, message) = headers_and_message(&object.bytes);
        let target = value_of(&headers, "object").next()?.parse().ok()?;
        Some(Self { oid: oid.clone(), target, message })
    }
}

fn headers_and_message(bytes: &[u8]) -> (String, String) {
    let end = memchr::memmem::find(bytes, b"\n\n").unwrap_or(bytes.len());
    let message = bytes.get(end + 2..).unwrap_or_default();
    (String::from_utf8_lossy(&bytes[..end]).into_owned(), String::from_utf8_lossy(message).into_owned())
}

fn value_of<'h>(headers: &'h str, key: &'h str) -> impl Iterator<Item = &'h str> {
    headers.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(' '))
}
