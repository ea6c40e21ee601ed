//! [`Gate`]: who may talk to the tools.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN, WWW_AUTHENTICATE};
use hyper::{Request, Response, StatusCode};

use super::Service;
use super::guests::Guest;

/// Where the tools are.
pub(super) const PATH: &str = "/mcp";

type GateResponse = Response<BoxBody<Bytes, Infallible>>;

/// Knows who may talk to the tools: a client that has the token, asks this address by its number, and is no web page.
pub(super) struct Gate {
    host: String,
    authorization: String,
}

impl Gate {
    pub(super) fn new(address: SocketAddr, token: &str) -> Self {
        Self { host: address.to_string(), authorization: format!("Bearer {token}") }
    }

    fn check(&self, headers: &HeaderMap, path: &str) -> Result<(), StatusCode> {
        // The name of another host in a request to this address is what a page does that has its own name point
        // here; and no page has any business here, whatever its origin.
        let one = |name| {
            let mut all = headers.get_all(name).iter();
            all.next().filter(|_| all.next().is_none()).map(hyper::header::HeaderValue::as_bytes)
        };
        if one(HOST) != Some(self.host.as_bytes()) || headers.contains_key(ORIGIN) {
            return Err(StatusCode::FORBIDDEN);
        }
        if !one(AUTHORIZATION).is_some_and(|said| same(said, self.authorization.as_bytes())) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        if path == PATH { Ok(()) } else { Err(StatusCode::NOT_FOUND) }
    }
}

/// Answers a request, and reads no body of one that is refused; `guest` learns that the token was shown.
pub(super) async fn answer(
    gate: Arc<Gate>,
    service: Service,
    guest: Arc<Guest>,
    request: Request<Incoming>,
) -> Result<GateResponse, Infallible> {
    match gate.check(request.headers(), request.uri().path()) {
        Ok(()) => {
            guest.show_token();
            Ok(service.handle(request).await)
        }
        Err(status) => Ok(refusal(status)),
    }
}

fn refusal(status: StatusCode) -> GateResponse {
    let mut answer = Response::new(Full::new(Bytes::new()).boxed());
    *answer.status_mut() = status;
    if status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(WWW_AUTHENTICATE, hyper::header::HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Takes the same time wherever the two differ.
fn same(said: &[u8], expected: &[u8]) -> bool {
    said.len() == expected.len()
        && said.iter().zip(expected).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
