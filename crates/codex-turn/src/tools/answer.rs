//! [`ToolAnswer`]: what goes back to the model, within the limit of a result.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use super::output::{ToolOutput, ToolPart};

/// What goes back to the model, and how much of the result it is.
pub(super) struct ToolAnswer {
    pub(super) result: CallToolResult,
    pub(super) result_bytes: u64,
    pub(super) left_out_bytes: u64,
}

impl ToolAnswer {
    /// Answers with what a tool gave, or as much of it as fits.
    pub(super) fn of(output: ToolOutput, limit_bytes: usize) -> Self {
        let mut parts = output.into_parts();
        if let [ToolPart::Json(data @ Value::Object(_))] = parts.as_mut_slice() {
            let data = data.take();
            let bytes = data.to_string().len();
            if bytes <= limit_bytes {
                let result = CallToolResult::structured(data);
                return Self { result, result_bytes: count(bytes), left_out_bytes: 0 };
            }
            parts = vec![ToolPart::Json(data)];
        }
        let mut room = Room { left_bytes: limit_bytes, taken: 0, left_out: 0, blocks: Vec::new() };
        for part in parts {
            room.take(part);
        }
        room.answer(CallToolResult::success)
    }

    /// Tells the model what went wrong.
    pub(super) fn failure(text: String, limit_bytes: usize) -> Self {
        let mut room = Room { left_bytes: limit_bytes, taken: 0, left_out: 0, blocks: Vec::new() };
        room.text(text);
        room.answer(CallToolResult::error)
    }
}

/// What is left of the limit, and the blocks that came before.
struct Room {
    left_bytes: usize,
    taken: u64,
    left_out: u64,
    blocks: Vec<ContentBlock>,
}

impl Room {
    fn take(&mut self, part: ToolPart) {
        match part {
            ToolPart::Text(text) => self.text(text),
            ToolPart::Json(data) => self.text(data.to_string()),
            ToolPart::Image { bytes, mime_type } => self.image(&bytes, mime_type),
        }
    }

    fn text(&mut self, mut text: String) {
        let whole = text.len();
        text.truncate(text.floor_char_boundary(self.left_bytes));
        text.shrink_to_fit();
        self.book(text.len(), whole - text.len());
        if !text.is_empty() {
            self.blocks.push(ContentBlock::text(text));
        }
    }

    /// Part of a picture is none, so it is taken whole or not at all.
    fn image(&mut self, bytes: &[u8], mime_type: String) {
        let encoded = bytes.len().div_ceil(3) * 4;
        if encoded > self.left_bytes {
            self.book(0, encoded);
            return;
        }
        self.book(encoded, 0);
        self.blocks.push(ContentBlock::image(BASE64_STANDARD.encode(bytes), mime_type));
    }

    fn book(&mut self, taken: usize, left_out: usize) {
        self.left_bytes -= taken;
        self.taken += count(taken);
        self.left_out += count(left_out);
    }

    fn answer(mut self, result: impl FnOnce(Vec<ContentBlock>) -> CallToolResult) -> ToolAnswer {
        if self.left_out > 0 {
            let whole = self.taken + self.left_out;
            let note = format!("[the result was too large: {} of {whole} bytes are left out]", self.left_out);
            self.blocks.push(ContentBlock::text(note));
        } else if self.blocks.is_empty() {
            self.blocks.push(ContentBlock::text("done"));
        }
        ToolAnswer { result: result(self.blocks), result_bytes: self.taken, left_out_bytes: self.left_out }
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::text(ToolOutput::text("abc"), json!([{ "type": "text", "text": "abc" }]), (3, 0))]
    #[case::nothing(ToolOutput::empty(), json!([{ "type": "text", "text": "done" }]), (0, 0))]
    #[case::within_a_character(
        ToolOutput::text("1234567é"),
        json!([
            { "type": "text", "text": "1234567" },
            { "type": "text", "text": "[the result was too large: 2 of 9 bytes are left out]" },
        ]),
        (7, 2)
    )]
    #[case::a_picture_that_fits(
        ToolOutput::text("see").image(vec![1, 2, 3], "image/png"),
        json!([
            { "type": "text", "text": "see" },
            { "type": "image", "data": "AQID", "mimeType": "image/png" },
        ]),
        (7, 0)
    )]
    #[case::a_picture_that_does_not(
        ToolOutput::empty().image(vec![0; 9], "image/png").part(ToolPart::Text("see".to_owned())),
        json!([
            { "type": "text", "text": "see" },
            { "type": "text", "text": "[the result was too large: 12 of 15 bytes are left out]" },
        ]),
        (3, 12)
    )]
    #[case::a_list(ToolOutput::json(json!([1, 2])), json!([{ "type": "text", "text": "[1,2]" }]), (5, 0))]
    #[case::large_data(
        ToolOutput::json(json!({ "a": 12345 })),
        json!([
            { "type": "text", "text": "{\"a\":123" },
            { "type": "text", "text": "[the result was too large: 3 of 11 bytes are left out]" },
        ]),
        (8, 3)
    )]
    fn a_result_is_answered_within_its_limit(
        #[case] output: ToolOutput,
        #[case] content: Value,
        #[case] bytes: (u64, u64),
    ) {
        let answer = ToolAnswer::of(output, 8);
        let wire = serde_json::to_value(&answer.result).unwrap();
        assert_eq!((&wire["content"], &wire["isError"]), (&content, &json!(false)));
        assert_eq!((answer.result_bytes, answer.left_out_bytes), bytes);
    }

    #[test]
    fn data_that_is_an_object_is_structured_content_too() {
        let answer = ToolAnswer::of(ToolOutput::json(json!({ "a": 1 })), 8);
        let wire = serde_json::to_value(&answer.result).unwrap();
        assert_eq!(wire["structuredContent"], json!({ "a": 1 }));
        assert_eq!(wire["content"], json!([{ "type": "text", "text": "{\"a\":1}" }]));
        assert_eq!(answer.result_bytes, 7);
    }

    #[test]
    fn a_failure_says_so_and_is_bounded_too() {
        let answer = ToolAnswer::failure("it is broken".to_owned(), 5);
        let wire = serde_json::to_value(&answer.result).unwrap();
        assert_eq!(wire["isError"], true);
        assert_eq!(wire["content"][0]["text"], "it is");
    }
}
