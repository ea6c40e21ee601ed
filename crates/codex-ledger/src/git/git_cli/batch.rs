//! Reads many objects in one start of git.

use super::GitCli;
use crate::git::vcs::{ObjectKind, VcsError};
use crate::values::Oid;

pub(super) const STEP: &str = "read objects";

impl GitCli {
    pub(super) fn batch(
        &self,
        objects: &[Oid],
        sink: &mut dyn FnMut(BatchPart<'_>) -> Result<(), VcsError>,
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
pub(super) enum BatchPart<'a> {
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
        sink: &mut dyn FnMut(BatchPart<'_>) -> Result<(), VcsError>,
    ) -> Result<(), VcsError> {
        while !piece.is_empty() {
            piece = match self.left {
                None => self.header(piece, sink)?,
                Some(0) => {
                    self.left = None;
                    self.done += 1;
                    sink(BatchPart::End)?;
                    &piece[1..]
                }
                Some(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                    sink(BatchPart::Bytes(&piece[..length]))?;
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
        sink: &mut dyn FnMut(BatchPart<'_>) -> Result<(), VcsError>,
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
                sink(BatchPart::Missing)?;
            }
            [_, kind, size] => {
                let unreadable = || VcsError::Unreadable { step: STEP, reason: header.clone() };
                let kind = kind_of(kind).ok_or_else(unreadable)?;
                self.left = Some(size.parse().map_err(|_| unreadable())?);
                sink(BatchPart::Begin(kind))?;
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

    use super::{BatchPart, BatchReader};

    fn read(pieces: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let (mut reader, mut objects, mut current) = (BatchReader::default(), Vec::new(), Vec::new());
        for piece in pieces {
            reader
                .feed(piece, &mut |part| {
                    match part {
                        BatchPart::Missing => objects.push(None),
                        BatchPart::Begin(_) => {}
                        BatchPart::Bytes(bytes) => current.extend_from_slice(bytes),
                        BatchPart::End => objects.push(Some(std::mem::take(&mut current))),
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
