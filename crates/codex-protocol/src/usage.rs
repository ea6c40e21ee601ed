//! [`Usage`]: tokens as Codex reports them.

use serde::{Deserialize, Deserializer, Serialize};

/// Counts tokens, as Codex reports them at the end of a completed turn.
///
/// What the numbers cover is not the same everywhere: since release 0.80 the total of the whole **thread** up
/// to here, in 0.44 and 0.45 that of the process, and zeros for a review. [`TurnUsage`](crate::TurnUsage)
/// tells the thread's total and the turn's share apart.
///
/// ```
/// use codex_protocol::Usage;
///
/// let usage: Usage = serde_json::from_str(
///     r#"{"input_tokens":600,"cached_input_tokens":100,"output_tokens":30}"#,
/// )?;
/// assert_eq!(usage.total(), 630);
/// assert_eq!(usage.reasoning_output_tokens, None, "releases before 0.142 do not say");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens sent to the model, cached ones included.
    pub input_tokens: u64,
    /// The part of `input_tokens` that was read from a cache.
    pub cached_input_tokens: u64,
    /// The part of `input_tokens` that was written to a cache; printed since 0.169.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_input_tokens: Option<u64>,
    /// Tokens that the model produced, reasoning included.
    pub output_tokens: u64,
    /// The part of `output_tokens` that was reasoning; printed since 0.142.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_output_tokens: Option<u64>,
}

/// The same as a line may have it.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "these are the names of the wire")]
struct PrintedUsage {
    input_tokens: Option<u64>,
    cached_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    reasoning_output_tokens: Option<u64>,
}

impl Usage {
    /// Reads what a completed turn prints; nothing, where a number is not there that has no `unknown` of its own.
    pub(crate) fn read_if_complete<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        let Some(printed) = Option::<PrintedUsage>::deserialize(deserializer)? else { return Ok(None) };
        let PrintedUsage { cache_write_input_tokens, reasoning_output_tokens, .. } = printed;
        let (Some(input_tokens), Some(cached_input_tokens), Some(output_tokens)) =
            (printed.input_tokens, printed.cached_input_tokens, printed.output_tokens)
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            input_tokens,
            cached_input_tokens,
            cache_write_input_tokens,
            output_tokens,
            reasoning_output_tokens,
        }))
    }

    /// Counts `input_tokens` and `output_tokens`, and nothing else.
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self { input_tokens, output_tokens, ..Self::default() }
    }

    /// Whether every number is zero, which is how Codex says that it does not know.
    pub fn is_zero(&self) -> bool {
        self.input_tokens == 0
            && self.cached_input_tokens == 0
            && self.cache_write_input_tokens.unwrap_or(0) == 0
            && self.output_tokens == 0
            && self.reasoning_output_tokens.unwrap_or(0) == 0
    }

    /// This usage, unless it is all zeros and so says nothing.
    pub fn known(self) -> Option<Self> {
        (!self.is_zero()).then_some(self)
    }

    /// Input and output together; the other numbers are parts of these two.
    pub fn total(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// What was used since an `earlier` total of the same thread, or nothing where a number has become
    /// smaller.
    ///
    /// A part that one of the two does not know is unknown in the difference.
    ///
    /// ```
    /// use codex_protocol::Usage;
    ///
    /// let (first, second) = (Usage::new(600, 30), Usage::new(1600, 80));
    /// assert_eq!(second.checked_sub(&first), Some(Usage::new(1000, 50)));
    /// assert_eq!(first.checked_sub(&second), None);
    /// ```
    pub fn checked_sub(&self, earlier: &Self) -> Option<Self> {
        Some(Self {
            input_tokens: self.input_tokens.checked_sub(earlier.input_tokens)?,
            cached_input_tokens: self.cached_input_tokens.checked_sub(earlier.cached_input_tokens)?,
            cache_write_input_tokens: part(self.cache_write_input_tokens, earlier.cache_write_input_tokens)
                .ok()?,
            output_tokens: self.output_tokens.checked_sub(earlier.output_tokens)?,
            reasoning_output_tokens: part(self.reasoning_output_tokens, earlier.reasoning_output_tokens)
                .ok()?,
        })
    }

    /// Both together; a part that one of the two does not know is unknown in the sum.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let sum = |left: Option<u64>, right: Option<u64>| left.zip(right).map(|(a, b)| a.saturating_add(b));
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            cached_input_tokens: self.cached_input_tokens.saturating_add(other.cached_input_tokens),
            cache_write_input_tokens: sum(self.cache_write_input_tokens, other.cache_write_input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            reasoning_output_tokens: sum(self.reasoning_output_tokens, other.reasoning_output_tokens),
        }
    }
}

/// Says that a number that only grows has become smaller.
struct Shrunk;

fn part(later: Option<u64>, earlier: Option<u64>) -> Result<Option<u64>, Shrunk> {
    match later.zip(earlier) {
        Some((later, earlier)) => later.checked_sub(earlier).map(Some).ok_or(Shrunk),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_every_release_are_read() {
        let old = r#"{"input_tokens":7,"cached_input_tokens":1,"output_tokens":2}"#;
        let new = concat!(
            r#"{"input_tokens":7,"cached_input_tokens":1,"cache_write_input_tokens":3,"#,
            r#""output_tokens":2,"reasoning_output_tokens":1}"#,
        );
        for line in [old, new] {
            let usage: Usage = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&usage).unwrap(), line);
        }
    }

    #[test]
    fn a_part_that_one_side_does_not_know_is_unknown_in_the_difference() {
        let earlier = Usage::new(1, 1);
        let later = Usage { reasoning_output_tokens: Some(4), ..Usage::new(5, 5) };
        assert_eq!(later.checked_sub(&earlier), Some(Usage::new(4, 4)));
    }

    #[test]
    fn a_difference_never_wraps_around() {
        let earlier = Usage { reasoning_output_tokens: Some(9), ..Usage::new(1, 1) };
        let later = Usage { reasoning_output_tokens: Some(4), ..Usage::new(5, 5) };
        assert_eq!(later.checked_sub(&earlier), None);
        assert_eq!(Usage::new(u64::MAX, 1).total(), u64::MAX);
    }

    #[test]
    fn zeros_are_not_known() {
        let zeros = Usage { cache_write_input_tokens: Some(0), ..Usage::default() };
        assert_eq!(zeros.known(), None);
        assert_eq!(Usage::new(0, 1).known(), Some(Usage::new(0, 1)));
    }
}
