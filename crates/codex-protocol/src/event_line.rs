//! [`EventLine`]: one line of Codex's standard output.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::boundary::{self, Boundary};
use crate::brief::Brief;
use crate::decode::decode;
use crate::decode_error::DecodeError;
use crate::thread_event::ThreadEvent;

/// How much of a line its `Debug` shows.
const SHOWN_CHARACTERS: usize = 200;

/// Holds one line of Codex's standard output: its bytes, and what they mean.
///
/// Nothing is decoded before the first call of [`event`](Self::event), and then once. A clone shares the bytes, and
/// the event if it was decoded by then. Lines that were [made together](Self::several) share their memory:
/// whoever keeps one of them keeps the bytes of all.
///
/// ```
/// use codex_protocol::{EventLine, ThreadEvent};
///
/// let line = EventLine::new(2, *br#"{"type":"turn.started"}"#);
/// assert_eq!(line.event()?.name(), "turn.started");
/// assert_eq!(line.raw(), br#"{"type":"turn.started"}"#);
///
/// let line = EventLine::new(3, *b"not JSON");
/// assert!(line.event().is_err(), "and the raw line is still there");
/// # Ok::<(), codex_protocol::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct EventLine {
    block: Arc<Block>,
    index: usize,
    // Apart: an event takes more room than most lines, and many are never looked at.
    event: OnceLock<Arc<Decoded>>,
}

/// Lines in one piece of memory: a line of its own takes more calls of the allocator than it is worth.
struct Block {
    bytes: Box<[u8]>,
    /// The number of the first line; the others follow.
    first: u64,
    lines: LineLayout,
}

type Decoded = Result<ThreadEvent, DecodeError>;

enum LineLayout {
    Whole,
    /// The first bytes of a line that was so long.
    Cut(u64),
    /// Where each line ends, in bytes from the beginning of the first.
    Several(Box<[usize]>),
}

impl EventLine {
    /// Keeps a whole line, without its line feed; lines are counted from 1.
    pub fn new(number: u64, raw: impl Into<Box<[u8]>>) -> Self {
        Self::alone(Block { bytes: raw.into(), first: number, lines: LineLayout::Whole })
    }

    /// Keeps whole lines that came together, without their line feeds, the first of which has this number.
    ///
    /// They are copied into one piece of memory, which is freed with the last of them: this is for short lines,
    /// and not for many of them.
    ///
    /// ```
    /// use codex_protocol::EventLine;
    ///
    /// let lines: Vec<_> = EventLine::several(7, &[b"{}", b"", b"[]"]).collect();
    /// assert_eq!(lines[2], EventLine::new(9, *b"[]"));
    /// ```
    pub fn several(first: u64, lines: &[&[u8]]) -> impl ExactSizeIterator<Item = Self> + use<> {
        let mut end = 0;
        let ends: Box<[usize]> = lines
            .iter()
            .map(|line| {
                end += line.len();
                end
            })
            .collect();
        let count = ends.len();
        let block = Arc::new(Block { bytes: lines.concat().into(), first, lines: LineLayout::Several(ends) });
        (0..count).map(move |index| Self { block: Arc::clone(&block), index, event: OnceLock::new() })
    }

    /// Keeps the first bytes of a line that was too long to be kept whole.
    ///
    /// Such a line is not decoded: its event is [`DecodeError::TooLong`].
    pub fn cut(number: u64, head: impl Into<Box<[u8]>>, original_bytes: u64) -> Self {
        Self::alone(Block { bytes: head.into(), first: number, lines: LineLayout::Cut(original_bytes) })
    }

    fn alone(block: Block) -> Self {
        Self { block: Arc::new(block), index: 0, event: OnceLock::new() }
    }

    /// The place of the line in its stream, counted from 1.
    pub fn number(&self) -> u64 {
        self.block.first + self.index as u64
    }

    /// The bytes of the line without its line feed; the first ones, if it was too long.
    pub fn raw(&self) -> &[u8] {
        let LineLayout::Several(ends) = &self.block.lines else { return &self.block.bytes };
        let start = if self.index == 0 { 0 } else { ends[self.index - 1] };
        &self.block.bytes[start..ends[self.index]]
    }

    /// The length of the line in bytes before it was cut.
    pub fn original_bytes(&self) -> u64 {
        if let LineLayout::Cut(original_bytes) = self.block.lines {
            original_bytes
        } else {
            self.raw().len() as u64
        }
    }

    /// What the line says.
    ///
    /// # Errors
    ///
    /// The line is not what Codex prints: see [`DecodeError`]. A type of event or item that is only unknown
    /// is no error.
    pub fn event(&self) -> Result<&ThreadEvent, &DecodeError> {
        (**self.event.get_or_init(|| Arc::new(self.decode()))).as_ref()
    }

    /// Whether the line was decoded, so that asking for the event costs nothing.
    ///
    /// ```
    /// let line = codex_protocol::EventLine::new(1, *br#"{"type":"turn.started"}"#);
    /// assert!(!line.is_decoded());
    /// assert!(line.event().is_ok() && line.is_decoded());
    /// ```
    pub fn is_decoded(&self) -> bool {
        self.event.get().is_some()
    }

    /// Whether the line opens the thread or ends the turn, which is all that one who runs Codex asks of a
    /// line.
    ///
    /// This agrees with [`event`](Self::event), and is much cheaper for the lines in between: those are not
    /// decoded.
    ///
    /// ```
    /// use codex_protocol::{Boundary, EventLine};
    ///
    /// let line = EventLine::new(9, *br#"{"type":"turn.failed","error":{"message":"no"}}"#);
    /// assert_eq!(line.boundary(), Boundary::TurnEnded);
    /// ```
    pub fn boundary(&self) -> Boundary {
        if !self.is_cut() && boundary::is_possible(self.raw()) {
            self.event().map_or(Boundary::Within, Boundary::of)
        } else {
            Boundary::Within
        }
    }

    fn is_cut(&self) -> bool {
        matches!(self.block.lines, LineLayout::Cut(_))
    }

    fn decode(&self) -> Decoded {
        match self.block.lines {
            LineLayout::Whole | LineLayout::Several(_) => decode(self.raw()),
            LineLayout::Cut(original_bytes) => {
                Err(DecodeError::TooLong { kept_bytes: self.raw().len(), original_bytes })
            }
        }
    }
}

impl fmt::Debug for EventLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One byte more than are shown, so that what is left out is seen.
        let shown = self.raw().len().min(4 * SHOWN_CHARACTERS + 1);
        f.debug_struct("EventLine")
            .field("number", &self.number())
            .field("bytes", &self.raw().len())
            .field("raw", &Brief::new(&String::from_utf8_lossy(&self.raw()[..shown]), SHOWN_CHARACTERS))
            .finish_non_exhaustive()
    }
}

/// Two lines are equal if they are the same bytes in the same place; what they mean follows from that.
impl PartialEq for EventLine {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
            && self.original_bytes() == other.original_bytes()
            && self.is_cut() == other.is_cut()
            && self.raw() == other.raw()
    }
}

impl Eq for EventLine {}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETED: &[u8] = br#"{"type":"turn.completed"}"#;

    #[test]
    fn a_cut_line_keeps_its_head_and_its_length_and_is_never_decoded() {
        let line = EventLine::cut(7, COMPLETED, 1 << 30);
        assert_eq!((line.number(), line.raw(), line.original_bytes()), (7, COMPLETED, 1 << 30));
        let expected = DecodeError::TooLong { kept_bytes: COMPLETED.len(), original_bytes: 1 << 30 };
        assert_eq!(line.event(), Err(&expected));
        assert_eq!(line.boundary(), Boundary::Within);
        assert_ne!(line, EventLine::new(7, COMPLETED));
    }

    #[test]
    fn a_clone_shares_the_bytes_and_the_event() {
        let line = EventLine::new(1, COMPLETED);
        let event: *const ThreadEvent = line.event().unwrap();
        let clone = line.clone();
        assert_eq!(clone.raw().as_ptr(), line.raw().as_ptr());
        assert!(std::ptr::eq(event, clone.event().unwrap()));
    }

    #[test]
    fn lines_of_one_block_are_lines_like_any_other() {
        let raw: [&[u8]; 4] = [b"not JSON", COMPLETED, b"", COMPLETED];
        let together: Vec<EventLine> = EventLine::several(3, &raw).collect();
        let alone: Vec<EventLine> = (3..).zip(raw).map(|(number, raw)| EventLine::new(number, raw)).collect();
        assert_eq!(together, alone);
        assert!(together[1].event().is_ok());
        assert_eq!(
            together.iter().map(EventLine::is_decoded).collect::<Vec<_>>(),
            [false, true, false, false]
        );
        for (one, other) in together.iter().zip(&alone) {
            assert_eq!((one.event(), one.original_bytes()), (other.event(), other.original_bytes()));
        }
        assert_eq!(EventLine::several(1, &[]).count(), 0);
    }

    #[test]
    fn a_line_within_is_not_decoded_to_tell_that_it_is_within() {
        let line = EventLine::new(1, *br#"{"type":"item.completed","item":{"id":"i","type":"x"}}"#);
        assert_eq!(line.boundary(), Boundary::Within);
        assert!(!line.is_decoded());
    }

    #[test]
    fn lines_can_be_shared_between_threads() {
        fn is_shared<T: Send + Sync + 'static>() {}
        is_shared::<EventLine>();
    }
}
