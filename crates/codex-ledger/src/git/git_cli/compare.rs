//! Compares many pairs of trees in one start of git.

use std::ffi::OsString;

use super::GitCli;
use super::diff::STEP;
use crate::git::vcs::VcsError;
use crate::values::{Oid, TreeId};

impl GitCli {
    /// Hands over what git says of each pair, piece by piece, with the place of the pair.
    pub(super) fn sections(
        &self,
        attributes: &Oid,
        form: &[&str],
        scope: &[OsString],
        pairs: &[(TreeId, TreeId)],
        sink: &mut dyn FnMut(usize, &[u8]),
    ) -> Result<(), VcsError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let headers: Vec<Vec<u8>> =
            pairs.iter().map(|(before, after)| format!("{before} {after}\n").into_bytes()).collect();
        let mut sections = Sections::of(&headers, if form.contains(&"-z") { 0 } else { b'\n' });
        let call = self.differ(attributes).arg("--stdin").args(form).args(scope).stdin(headers.concat());
        let output = call.stream(&mut |piece| {
            sections.feed(piece, sink);
            Ok(())
        })?;
        sections.end(sink);
        let (begun, stderr) = (sections.begun, output.stderr.clone());
        output.ok()?;
        // Git goes on where it cannot read a tree, and says so.
        if begun == pairs.len() && stderr.is_empty() {
            return Ok(());
        }
        Err(VcsError::Unreadable {
            step: STEP,
            reason: format!("{begun} of {} pairs: {stderr}", pairs.len()),
        })
    }
}

/// Finds where what is said of one pair ends and that of the next begins: at the names of both trees, at the start of a
/// line (or, with zero-ended paths, after a zero), where neither a patch nor a list of paths has two names and a
/// space alone.
struct Sections<'h> {
    headers: &'h [Vec<u8>],
    /// What ends a line.
    line_end: u8,
    /// How many pairs have begun.
    begun: usize,
    /// What has come of a line that may be the next header; `None` within another line.
    candidate: Option<Vec<u8>>,
}

impl<'h> Sections<'h> {
    fn of(headers: &'h [Vec<u8>], line_end: u8) -> Self {
        Self { headers, line_end, begun: 0, candidate: Some(Vec::new()) }
    }

    fn feed(&mut self, mut piece: &[u8], sink: &mut dyn FnMut(usize, &[u8])) {
        while !piece.is_empty() {
            let Some(mut candidate) = self.candidate.take() else {
                let end = memchr::memchr(self.line_end, piece).map(|end| end + 1);
                let (line, rest) = piece.split_at(end.unwrap_or(piece.len()));
                self.give(line, sink);
                self.candidate = end.map(|_| Vec::new());
                piece = rest;
                continue;
            };
            let next = self.headers.get(self.begun).map(Vec::as_slice).unwrap_or_default();
            candidate.push(piece[0]);
            if candidate == next {
                self.begun += 1;
                self.candidate = Some(Vec::new());
            } else if next.starts_with(&candidate) {
                self.candidate = Some(candidate);
            } else {
                self.give(&candidate, sink);
                self.candidate = (piece[0] == self.line_end).then(Vec::new);
            }
            piece = &piece[1..];
        }
    }

    fn end(&mut self, sink: &mut dyn FnMut(usize, &[u8])) {
        if let Some(candidate) = self.candidate.take().filter(|candidate| !candidate.is_empty()) {
            self.give(&candidate, sink);
        }
    }

    fn give(&self, bytes: &[u8], sink: &mut dyn FnMut(usize, &[u8])) {
        if let Some(place) = self.begun.checked_sub(1) {
            sink(place, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sections;

    fn read(pieces: &[&[u8]], headers: &[Vec<u8>]) -> (usize, Vec<Vec<u8>>) {
        let mut found = vec![Vec::new(); headers.len()];
        let mut sections = Sections::of(headers, b'\n');
        let mut sink = |place: usize, bytes: &[u8]| found[place].extend_from_slice(bytes);
        for piece in pieces {
            sections.feed(piece, &mut sink);
        }
        sections.end(&mut sink);
        (sections.begun, found)
    }

    proptest! {
        #[test]
        fn where_the_output_is_cut_makes_no_difference(first in 0_usize..60, second in 0_usize..60) {
            let headers = ["aa bb\n", "aa bb\n", "cc dd\n"].map(|header| header.as_bytes().to_vec());
            let output = b"aa bb\n aa bb\naa b\n\naa bb\ncc dd\n+cc dd\ncc";
            let (one, other) = (first.min(output.len()), second.min(output.len()));
            let (one, other) = (one.min(other), one.max(other));
            let cut = read(&[&output[..one], &output[one..other], &output[other..]], &headers);
            let expected = [b" aa bb\naa b\n\n".to_vec(), Vec::new(), b"+cc dd\ncc".to_vec()];
            prop_assert_eq!(cut, (3, expected.to_vec()));
        }
    }
}
