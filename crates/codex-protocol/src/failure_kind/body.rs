//! [`Body`]: the answer of the service, where a message has it in it as JSON.

use serde_json::Value;

/// What an error body says, of which nothing has to be there.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) message: Option<String>,
    pub(crate) resets_in_seconds: Option<u64>,
    code: Option<String>,
    kind: Option<String>,
}

impl Body {
    /// Finds the first JSON object in the message that looks like an error body.
    pub(crate) fn find(message: &str) -> Option<Self> {
        let start = message.find('{')?;
        let mut json = serde_json::Deserializer::from_str(&message[start..]).into_iter::<Value>();
        let object = json.next()?.ok()?;
        let error = object.get("error").filter(|error| error.is_object()).unwrap_or(&object);
        let text = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
        let body = Self {
            message: text("message").or_else(|| text("detail")),
            resets_in_seconds: error.get("resets_in_seconds").and_then(Value::as_u64),
            code: text("code"),
            kind: text("type"),
        };
        (body.message.is_some() || body.code.is_some() || body.kind.is_some()).then_some(body)
    }

    /// The most telling word first.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        [self.code.as_deref(), self.kind.as_deref()].into_iter().flatten()
    }
}
