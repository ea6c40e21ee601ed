//! [`ToolOutput`]: what a tool answers, and what can be made into one.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;

/// What a tool answers: a text, data, pictures, or several of them.
///
/// ```
/// use codex_turn::ToolOutput;
///
/// let output = ToolOutput::text("two pictures:").image(vec![1, 2], "image/png").image(vec![3], "image/png");
/// assert_eq!(output.parts().len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "an output does nothing unless it is returned by a tool"]
pub struct ToolOutput {
    parts: Vec<ToolPart>,
}

/// One part of what a tool answers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolPart {
    /// Prose.
    Text(String),
    /// Data. Where it is the only part, Codex also has it as structured content.
    Json(Value),
    /// A picture.
    #[non_exhaustive]
    Image {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Such as `image/png`.
        mime_type: String,
    },
}

impl ToolOutput {
    /// Answers with nothing: the model is told that it is done.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Answers with a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::empty().part(ToolPart::Text(text.into()))
    }

    /// Answers with data.
    pub fn json(data: Value) -> Self {
        Self::empty().part(ToolPart::Json(data))
    }

    /// Adds a picture.
    pub fn image(self, bytes: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        self.part(ToolPart::Image { bytes: bytes.into(), mime_type: mime_type.into() })
    }

    /// Adds a part.
    pub fn part(mut self, part: ToolPart) -> Self {
        self.parts.push(part);
        self
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[ToolPart] {
        &self.parts
    }

    pub(super) fn into_parts(self) -> Vec<ToolPart> {
        self.parts
    }
}

/// Why a tool has no answer, in words that the model can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ToolFailure {
    text: String,
}

impl ToolFailure {
    /// Fails with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// What a closure given to [`tool`](crate::tool) may return.
///
/// A text, `()`, a [`serde_json::Value`], [`ToolJson`] of any data, a [`ToolOutput`]; and a `Result` of one of
/// them, whose error becomes the text of a failure.
pub trait IntoToolOutput {
    /// Makes the output, or the failure.
    ///
    /// # Errors
    ///
    /// The tool has failed.
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure>;
}

/// Data that is answered as JSON.
///
/// ```
/// use codex_turn::{IntoToolOutput, ToolJson, ToolOutput};
/// use serde_json::json;
///
/// #[derive(serde::Serialize)]
/// struct Sum {
///     sum: u32,
/// }
/// assert_eq!(ToolJson(Sum { sum: 3 }).into_tool_output(), Ok(ToolOutput::json(json!({ "sum": 3 }))));
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is a name for a way to answer, and wraps one value")]
pub struct ToolJson<T>(pub T);

impl IntoToolOutput for ToolOutput {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        Ok(self)
    }
}

impl IntoToolOutput for String {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput::text(self))
    }
}

impl IntoToolOutput for &str {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput::text(self))
    }
}

impl IntoToolOutput for () {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput::empty())
    }
}

impl IntoToolOutput for Value {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput::json(self))
    }
}

impl<T: Serialize> IntoToolOutput for ToolJson<T> {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        let data = serde_json::to_value(self.0);
        data.map(ToolOutput::json).map_err(|error| ToolFailure::new(format!("no JSON can be made: {error}")))
    }
}

impl<T: IntoToolOutput, E: Display> IntoToolOutput for Result<T, E> {
    fn into_tool_output(self) -> Result<ToolOutput, ToolFailure> {
        match self {
            Ok(output) => output.into_tool_output(),
            // With the causes, where the alternate form has them.
            Err(error) => Err(ToolFailure::new(format!("{error:#}"))),
        }
    }
}
