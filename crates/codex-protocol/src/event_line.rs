//! [`EventLine`]: one line of Codex's standard output.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::boundary::{self, Boundary};
use crate::decode::decode;
use crate::decode_error::DecodeError;
use crate::thread_event::ThreadEvent;

/// Holds one line of Codex's standard output: its bytes, and what they mean.
///
/// A clone shares the bytes. Nothing is decoded before the first call of [`event`](Self::event), and then
/// once for all clones.
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
pub struct EventLine(Arc<Inner>);

struct Inner {
    number: u64,
    original_bytes: u64,
    length: Length,
    raw: Box<[u8]>,
    // Apart: an event takes more room than most lines, and many are never looked at.
    event: OnceLock<Box<Result<ThreadEvent, DecodeError>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Whole,
    Cut,
}

impl EventLine {
    /// Keeps a whole line, without its line feed; lines are counted from 1.
    pub fn new(number: u64, raw: impl Into<Box<[u8]>>) -> Self {
        let raw = raw.into();
        let original_bytes = raw.len() as u64;
        Self::build(number, raw, original_bytes, Length::Whole)
    }

    /// Keeps the first bytes of a line that was too long to be kept whole.
    ///
    /// Such a line is not decoded: its event is [`DecodeError::TooLong`].
    pub fn cut(number: u64, head: impl Into<Box<[u8]>>, original_bytes: u64) -> Self {
        Self::build(number, head.into(), original_bytes, Length::Cut)
    }

    fn build(number: u64, raw: Box<[u8]>, original_bytes: u64, length: Length) -> Self {
        Self(Arc::new(Inner { number, original_bytes, length, raw, event: OnceLock::new() }))
    }

    /// The place of the line in its stream, counted from 1.
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// The bytes of the line without its line feed; the first ones, if it was too long.
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The length of the line in bytes before it was cut.
    pub fn original_bytes(&self) -> u64 {
        self.0.original_bytes
    }

    /// What the line says.
    ///
    /// # Errors
    ///
    /// The line is not what Codex prints: see [`DecodeError`]. A type of event or item that is only unknown
    /// is no error.
    pub fn event(&self) -> Result<&ThreadEvent, &DecodeError> {
        (**self.0.event.get_or_init(|| Box::new(self.decode()))).as_ref()
    }

    /// Decodes the line if nobody has yet, for one who will ask for the event on another thread.
    pub fn decode_ahead(&self) {
        // What it says, or that it says nothing, is for who asks.
        let _ = self.event();
    }

    /// Whether the line was decoded, so that asking for the event costs nothing.
    ///
    /// ```
    /// let line = codex_protocol::EventLine::new(1, *br#"{"type":"turn.started"}"#);
    /// assert!(!line.is_decoded());
    /// line.decode_ahead();
    /// assert!(line.is_decoded() && line.event().is_ok());
    /// ```
    pub fn is_decoded(&self) -> bool {
        self.0.event.get().is_some()
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
        if self.0.length == Length::Whole && boundary::is_possible(&self.0.raw) {
            self.event().map_or(Boundary::Within, Boundary::of)
        } else {
            Boundary::Within
        }
    }

    fn decode(&self) -> Result<ThreadEvent, DecodeError> {
        match self.0.length {
            Length::Whole => decode(&self.0.raw),
            Length::Cut => Err(DecodeError::TooLong {
                kept_bytes: self.0.raw.len(),
                original_bytes: self.0.original_bytes,
            }),
        }
    }
}

impl fmt::Debug for EventLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLine")
            .field("number", &self.0.number)
            .field("raw", &String::from_utf8_lossy(&self.0.raw))
            .finish_non_exhaustive()
    }
}

/// Two lines are equal if they are the same bytes in the same place; what they mean follows from that.
impl PartialEq for EventLine {
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (&*self.0, &*other.0);
        left.number == right.number
            && left.original_bytes == right.original_bytes
            && left.length == right.length
            && left.raw == right.raw
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
        let clone = line.clone();
        let event: *const ThreadEvent = line.event().unwrap();
        assert_eq!(clone.raw().as_ptr(), line.raw().as_ptr());
        assert!(std::ptr::eq(event, clone.event().unwrap()));
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
