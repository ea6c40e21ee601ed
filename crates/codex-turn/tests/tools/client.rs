//! [`Client`]: asks the endpoint of a turn, as Codex does or as it should not be asked.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Who has the address of an endpoint and its token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) session: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// The message in it.
    pub(crate) fn message(&self) -> Value {
        let mut data = self.body.lines().filter_map(|line| line.strip_prefix("data:"));
        let message = data.find(|data| !data.trim().is_empty()).unwrap_or(&self.body);
        serde_json::from_str(message).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (said, value) = line.split_once(':')?;
            said.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Client {
    /// The headers of a good request.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("host", self.address.to_string()),
            ("authorization", format!("Bearer {}", self.token)),
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
        ];
        headers.extend(self.session.clone().map(|session| ("mcp-session-id", session)));
        headers
    }

    /// Sends these bytes; HTTP 1.0, so that the answer ends with the connection.
    pub(crate) async fn send(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        use std::fmt::Write as _;
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("POST {path} HTTP/1.0\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        // Who refuses a request may not read it.
        let _refused = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).unwrap_or_else(|| panic!("an answer: {answer:?}"));
        Answer { status: status.parse().unwrap(), head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) async fn post(&self, message: &Value) -> Answer {
        self.send("/mcp", &self.headers(), message.to_string().as_bytes()).await
    }

    /// Opens a session, as Codex does first.
    pub(crate) async fn open(&mut self) {
        let hello = json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": { "name": "a test", "version": "1" },
            },
        });
        let answer = self.post(&hello).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.session = Some(answer.header("mcp-session-id").expect("a session").to_owned());
        self.notify("notifications/initialized", json!({})).await;
    }

    pub(crate) async fn notify(&self, method: &str, params: Value) {
        let answer = self.post(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
    }

    pub(crate) async fn request(&self, id: u32, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.post(&message).await.message()
    }

    /// Calls a tool, and gives its result.
    pub(crate) async fn call(&self, id: u32, tool: &str, arguments: Value) -> Value {
        let params =
            json!({ "name": tool, "arguments": arguments, "_meta": { "callId": format!("call_{id}") } });
        self.request(id, "tools/call", params).await["result"].take()
    }
}

/// The first text of a result, and whether it is a failure.
pub(crate) fn text(result: &Value) -> (&str, bool) {
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("a text: {result}"));
    (text, result["isError"].as_bool().unwrap())
}
