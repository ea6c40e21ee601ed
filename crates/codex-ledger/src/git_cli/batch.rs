//! Reads and writes objects, many in one start of git.

use super::GitCli;
use crate::vcs::{GitObject, ObjectKind, VcsError};
use crate::{Hasher, Oid, RepoPath};

const STEP: &str = "read objects";

impl GitCli {
    pub(super) fn store_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError> {
        const STEP: &str = "write a blob";
        let call = self.runner.git(STEP).args(["hash-object", "-w", "-t", "blob", "--no-filters", "--stdin"]);
        self.oid(&call.stdin(bytes).thorough().succeed()?, STEP)
    }

    pub(super) fn hash_blobs(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError> {
        let mut hashes = Vec::with_capacity(blobs.len());
        let mut current = Hasher::new();
        self.batch(blobs, &mut |part| {
            match part {
                Part::Missing => {
                    let reason = format!("{} is missing", blobs[hashes.len()]);
                    return Err(VcsError::Unreadable { step: STEP, reason });
                }
                Part::Begin(_) => {}
                Part::Bytes(bytes) => current.update(bytes),
                Part::End => hashes.push(std::mem::take(&mut current).finish()),
            }
            Ok(())
        })?;
        Ok(hashes)
    }

    pub(super) fn read_many(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError> {
        let mut found = Vec::with_capacity(objects.len());
        let mut current: Option<GitObject> = None;
        self.batch(objects, &mut |part| {
            match part {
                Part::Missing => found.push(None),
                Part::Begin(kind) => current = Some(GitObject { kind, bytes: Vec::new() }),
                Part::Bytes(bytes) => {
                    if let Some(object) = &mut current {
                        object.bytes.extend_from_slice(bytes);
                    }
                }
                Part::End => found.push(current.take()),
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// What `<object>:<path>` names, for each.
    pub(super) fn look_up_paths(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError> {
        if places.iter().any(|(_, path)| path.as_bytes().contains(&b'\n')) {
            // Git repeats the names of what is not there, so that such a path would read as two answers.
            let one =
                |(object, path): &(Oid, RepoPath)| Ok(self.tree_entry(object, path)?.map(|entry| entry.oid));
            return places.iter().map(one).collect();
        }
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let name = |(object, path): &(Oid, RepoPath)| {
            [object.as_str().as_bytes(), b":", path.as_bytes(), b"\0"].concat()
        };
        let call = self.runner.git(STEP).args(["cat-file", "--batch-check=%(objectname)", "-z", "--buffer"]);
        let output = call.stdin(places.iter().flat_map(name).collect::<Vec<u8>>()).thorough().succeed()?;
        let lines: Vec<&[u8]> = output.split_inclusive(|byte| *byte == b'\n').collect();
        if lines.len() != places.len() {
            let reason = format!("{} of {} answers came", lines.len(), places.len());
            return Err(VcsError::Unreadable { step: STEP, reason });
        }
        let read = |line: &&[u8]| {
            if line.ends_with(b" missing\n") { Ok(None) } else { self.oid(line, STEP).map(Some) }
        };
        lines.iter().map(read).collect()
    }

    fn batch(
        &self,
        objects: &[Oid],
        sink: &mut dyn FnMut(Part<'_>) -> Result<(), VcsError>,
    ) -> Result<(), VcsError> {
        if objects.is_empty() {
            return Ok(());
        }
        let names = objects.iter().flat_map(|oid| [oid.as_str(), "\n"]).collect::<String>();
        let mut reader = BatchReader::default();
        let call = self.runner.git(STEP).args(["cat-file", "--batch", "--buffer"]).stdin(names).thorough();
        call.stream(&mut |piece| reader.feed(piece, sink))?.ok()?;
        if reader.done == objects.len() {
            return Ok(());
        }
        let reason = format!("{} of {} objects came", reader.done, objects.len());
        Err(VcsError::Unreadable { step: STEP, reason })
    }
}

/// A part of what `cat-file --batch` prints.
enum Part<'a> {
    Missing,
    Begin(ObjectKind),
    Bytes(&'a [u8]),
    End,
}

/// Takes `<oid> <kind> <size>\n<bytes>\n` and `<oid> missing\n` apart, however they are cut into pieces.
#[derive(Default)]
struct BatchReader {
    header: Vec<u8>,
    /// Bytes of the object that are still to come, and the line feed after them.
    left: Option<u64>,
    done: usize,
}

impl BatchReader {
    fn feed(
        &mut self,
        mut piece: &[u8],
        sink: &mut dyn FnMut(Part<'_>) -> Result<(), VcsError>,
    ) -> Result<(), VcsError> {
        while !piece.is_empty() {
            piece = match self.left {
                None => self.header(piece, sink)?,
                Some(0) => {
                    self.left = None;
                    self.done += 1;
                    sink(Part::End)?;
                    &piece[1..]
                }
                Some(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                    sink(Part::Bytes(&piece[..length]))?;
                    self.left = Some(left - length as u64);
                    &piece[length..]
                }
            };
        }
        Ok(())
    }

    fn header<'p>(
        &mut self,
        piece: &'p [u8],
        sink: &mut dyn FnMut(Part<'_>) -> Result<(), VcsError>,
    ) -> Result<&'p [u8], VcsError> {
        let Some(end) = memchr::memchr(b'\n', piece) else {
            self.header.extend_from_slice(piece);
            return Ok(&[]);
        };
        self.header.extend_from_slice(&piece[..end]);
        let header = String::from_utf8_lossy(&std::mem::take(&mut self.header)).into_owned();
        let words: Vec<&str> = header.split(' ').collect();
        match words.as_slice() {
            [_, "missing"] => {
                self.done += 1;
                sink(Part::Missing)?;
            }
            [_, kind, size] => {
                let unreadable = || VcsError::Unreadable { step: STEP, reason: header.clone() };
                let kind = kind_of(kind).ok_or_else(unreadable)?;
                self.left = Some(size.parse().map_err(|_| unreadable())?);
                sink(Part::Begin(kind))?;
            }
            _ => return Err(VcsError::Unreadable { step: STEP, reason: header }),
        }
        Ok(&piece[end + 1..])
    }
}

fn kind_of(word: &str) -> Option<ObjectKind> {
    match word {
        "blob" => Some(ObjectKind::Blob),
        "tree" => Some(ObjectKind::Tree),
        "commit" => Some(ObjectKind::Commit),
        "tag" => Some(ObjectKind::Tag),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BatchReader, Part};

    fn read(pieces: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let (mut reader, mut objects, mut current) = (BatchReader::default(), Vec::new(), Vec::new());
        for piece in pieces {
            reader
                .feed(piece, &mut |part| {
                    match part {
                        Part::Missing => objects.push(None),
                        Part::Begin(_) => {}
                        Part::Bytes(bytes) => current.extend_from_slice(bytes),
                        Part::End => objects.push(Some(std::mem::take(&mut current))),
                    }
                    Ok(())
                })
                .unwrap();
        }
        objects
    }

    proptest! {
        #[test]
        fn where_the_output_is_cut_makes_no_difference(first in 0_usize..60, second in 0_usize..60) {
            let output = b"aa blob 3\n\n\n\n\nbb missing\ncc blob 0\n\ndd tree 4\na\nb\n\n";
            let (one, other) = (first.min(output.len()), second.min(output.len()));
            let (one, other) = (one.min(other), one.max(other));
            let cut = read(&[&output[..one], &output[one..other], &output[other..]]);
            prop_assert_eq!(&cut, &read(&[output]));
            prop_assert_eq!(cut, [Some(b"\n\n\n".to_vec()), None, Some(Vec::new()), Some(b"a\nb\n".to_vec())]);
        }
    }
}
