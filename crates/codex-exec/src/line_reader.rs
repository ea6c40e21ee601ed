//! [`LineReader`]: lines out of bytes, whatever the reads they come in.

use std::collections::VecDeque;
use std::io;

use codex_protocol::EventLine;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much one read may bring.
const CHUNK_BYTES: usize = 64 << 10;

/// How many short lines share one piece of memory, and how large that may be: whoever keeps one of them keeps it all.
const BLOCK_LINES: usize = 32;
const BLOCK_BYTES: usize = 8 << 10;

/// Splits bytes into lines at `\n` and counts them from 1.
///
/// Its progress lives in itself: a future of [`LineReader::read_from`] that is dropped loses nothing. A line over the limit is
/// cut: its first bytes are kept, the others counted.
#[derive(Debug)]
pub(crate) struct LineReader {
    chunk: Vec<u8>,
    start: usize,
    end: usize,
    /// The beginning of a line whose end was not read yet.
    partial: Vec<u8>,
    /// How long that line is so far; more than `partial` holds once the line is over the limit.
    partial_bytes: u64,
    lines: u64,
    limit_bytes: usize,
    head_bytes: usize,
    ended: bool,
}

impl LineReader {
    pub(crate) fn new(limit_bytes: usize, head_bytes: usize) -> Self {
        Self {
            chunk: Vec::new(),
            start: 0,
            end: 0,
            partial: Vec::new(),
            partial_bytes: 0,
            lines: 0,
            limit_bytes,
            head_bytes: head_bytes.min(limit_bytes),
            ended: false,
        }
    }

    /// Reads once; all lines must have been taken before. Returns how many bytes came, 0 if no more will.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped before it is ready.
    pub(crate) async fn read_from(&mut self, source: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        debug_assert!(self.start == self.end, "lines are taken before more is read");
        if self.chunk.is_empty() {
            self.chunk = vec![0; CHUNK_BYTES];
        }
        let read = source.read(&mut self.chunk).await?;
        self.start = 0;
        self.end = read;
        Ok(read)
    }

    /// Says whether there is no line to be had from the bytes read so far.
    pub(crate) fn is_spent(&self) -> bool {
        self.start == self.end && !(self.ended && self.partial_bytes > 0)
    }

    /// Says that no bytes will follow: what was read of an unfinished line is the last line.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Takes whole lines, at the end of the bytes also one without a newline; says whether there was any.
    pub(crate) fn take_lines(&mut self, lines: &mut VecDeque<EventLine>) -> bool {
        let before = lines.len();
        if self.partial_bytes == 0 {
            self.take_block(lines);
        }
        if lines.len() == before {
            lines.extend(self.take_line());
        }
        lines.len() > before
    }

    /// Takes the short lines at the front of what was read.
    fn take_block(&mut self, lines: &mut VecDeque<EventLine>) {
        let unread = &self.chunk[self.start..self.end];
        // So no line of it is over the limit.
        let most = BLOCK_BYTES.min(self.limit_bytes.saturating_add(1)).min(unread.len());
        let mut block: [&[u8]; BLOCK_LINES] = [&[]; BLOCK_LINES];
        let (mut count, mut taken) = (0, 0);
        for end in memchr::memchr_iter(b'\n', &unread[..most]).take(BLOCK_LINES) {
            block[count] = &unread[taken..end];
            count += 1;
            taken = end + 1;
        }
        if count > 0 {
            lines.extend(EventLine::several(self.lines + 1, &block[..count]));
            self.start += taken;
            self.lines += count as u64;
        }
    }

    fn take_line(&mut self) -> Option<EventLine> {
        let unread = &self.chunk[self.start..self.end];
        match memchr::memchr(b'\n', unread) {
            Some(length) if self.partial_bytes == 0 && length <= self.limit_bytes => {
                let raw: Box<[u8]> = unread[..length].into();
                self.start += length + 1;
                self.lines += 1;
                Some(EventLine::new(self.lines, raw))
            }
            Some(length) => {
                self.keep(length);
                self.start += 1;
                Some(self.take_partial())
            }
            None => {
                self.keep(self.end - self.start);
                (self.ended && self.partial_bytes > 0).then(|| self.take_partial())
            }
        }
    }

    fn keep(&mut self, length: usize) {
        let from = self.start;
        self.start += length;
        self.partial_bytes += length as u64;
        if self.partial_bytes <= self.limit_bytes as u64 {
            self.partial.extend_from_slice(&self.chunk[from..from + length]);
        } else {
            let room = self.head_bytes.saturating_sub(self.partial.len()).min(length);
            self.partial.extend_from_slice(&self.chunk[from..from + room]);
            self.partial.truncate(self.head_bytes);
            self.partial.shrink_to_fit();
        }
    }

    fn take_partial(&mut self) -> EventLine {
        self.lines += 1;
        let bytes = std::mem::take(&mut self.partial);
        let original = std::mem::take(&mut self.partial_bytes);
        if original > self.limit_bytes as u64 {
            EventLine::cut(self.lines, bytes, original)
        } else {
            EventLine::new(self.lines, bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop};

    use super::{LineReader, VecDeque};

    /// A source that hands out the given pieces, one a read.
    async fn lines_of(pieces: Vec<Vec<u8>>, limit: usize, head: usize) -> Vec<(u64, Vec<u8>, u64)> {
        let mut source = Pieces(pieces.into_iter().filter(|piece| !piece.is_empty()).collect());
        let mut reader = LineReader::new(limit, head);
        let mut lines = Vec::new();
        loop {
            let read = reader.read_from(&mut source).await.unwrap();
            if read == 0 {
                reader.end();
            }
            let mut taken = VecDeque::new();
            while reader.take_lines(&mut taken) {}
            lines
                .extend(taken.iter().map(|line| (line.number(), line.raw().to_vec(), line.original_bytes())));
            if read == 0 {
                return lines;
            }
        }
    }

    struct Pieces(VecDeque<Vec<u8>>);

    impl tokio::io::AsyncRead for Pieces {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            if let Some(mut piece) = self.0.pop_front() {
                let now = piece.len().min(buffer.remaining());
                buffer.put_slice(&piece[..now]);
                if now < piece.len() {
                    self.0.push_front(piece.split_off(now));
                }
            }
            std::task::Poll::Ready(Ok(()))
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn only_a_newline_ends_a_line() {
        let bytes = "a\r\nb\u{2028}c\n\n\0\nlast".as_bytes().to_vec();
        let lines = run(lines_of(vec![bytes], 100, 10));
        let raw: Vec<_> = lines.iter().map(|(_, raw, _)| String::from_utf8_lossy(raw).into_owned()).collect();
        assert_eq!(raw, ["a\r", "b\u{2028}c", "", "\0", "last"]);
        assert_eq!(lines.last().unwrap().0, 5);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let pieces = vec![vec![b'x'; 70], vec![b'y'; 70], b"z\nnext\n".to_vec()];
        let lines = run(lines_of(pieces, 100, 10));
        assert_eq!(lines, [(1, vec![b'x'; 10], 141), (2, b"next".to_vec(), 4)]);
    }

    proptest::proptest! {
        #[test]
        fn any_split_into_reads_gives_the_same_lines(
            bytes in prop::collection::vec(prop::sample::select(&b"ab{}\"\n\n\r\xff"[..]), 0..400),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
            limit in 1usize..40,
        ) {
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in at.into_iter().chain([bytes.len()]) {
                pieces.push(bytes[from..cut].to_vec());
                from = cut;
            }
            let whole = run(lines_of(vec![bytes.clone()], limit, 5));
            let split = run(lines_of(pieces, limit, 5));
            proptest::prop_assert_eq!(&split, &whole);
            let mut expected: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            if expected.last().is_some_and(|last| last.is_empty()) {
                expected.pop();
            }
            let lengths: Vec<u64> = expected.iter().map(|line| line.len() as u64).collect();
            proptest::prop_assert_eq!(whole.iter().map(|line| line.2).collect::<Vec<_>>(), lengths);
            for (line, expected) in whole.iter().zip(expected) {
                let kept = if expected.len() > limit { 5.min(limit) } else { expected.len() };
                proptest::prop_assert_eq!(&line.1, &expected[..kept]);
            }
        }
    }
}
