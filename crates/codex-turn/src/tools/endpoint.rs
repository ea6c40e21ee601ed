//! [`Endpoint`]: where one Codex reaches the tools of one set, and nobody else does.

mod gate;
mod guests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use codex_exec::RuntimeError;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use self::gate::Gate;
use self::guests::Guests;
use super::calls::Calls;
use super::handler::Handler;

/// How large a request may be: a call with its arguments.
pub(super) const REQUEST_LIMIT_BYTES: usize = 4 * 1024 * 1024;
/// How long the headers of a request may take to come.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// How long a connection may be open before it has shown the token.
const TOKEN_LIMIT: Duration = Duration::from_secs(2);
/// How many connections there may be; Codex has two, and one more for each call that runs. Another user of the machine can
/// open as many: then the oldest that has not shown the token is closed.
const CONNECTIONS: usize = 256;
/// How long nobody is accepted after there was no file descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Service = StreamableHttpService<Handler, LocalSessionManager>;

/// A server on a port of its own of 127.0.0.1.
pub(super) struct Endpoint {
    address: SocketAddr,
    token: String,
}

impl Endpoint {
    /// Listens in a task of `servers` until `cancel` is cancelled, which alone ends the server.
    pub(super) fn start(
        calls: Arc<Calls>,
        cancel: CancellationToken,
        servers: &mut JoinSet<()>,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = RuntimeError::open(|| TcpListener::from_std(listener))?;
        let token = random_token()?;
        let service = service(calls, cancel.clone());
        let gate = Arc::new(Gate::new(address, &token));
        servers.spawn(accept(listener, gate, service, cancel).in_current_span());
        Ok(Self { address, token })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.address, gate::PATH)
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

fn service(calls: Arc<Calls>, cancel: CancellationToken) -> Service {
    let mut sessions = LocalSessionManager::default();
    let mut session = SessionConfig::default();
    // A session lives as long as its turn, however long nothing is called.
    session.keep_alive = None;
    // Nothing is to be sent again: where this machine loses its own connection, the turn is over.
    session.sse_retry = None;
    session.completed_cache_ttl = Duration::ZERO;
    sessions.session_config = session;
    let mut config = StreamableHttpServerConfig::default().enforce_origin_validation();
    config.cancellation_token = cancel;
    config.sse_retry = None;
    config.max_request_body_bytes = REQUEST_LIMIT_BYTES;
    StreamableHttpService::new(move || Ok(Handler::new(Arc::clone(&calls))), Arc::new(sessions), config)
}

/// Serves until it is cancelled, and with it every connection.
async fn accept(listener: TcpListener, gate: Arc<Gate>, service: Service, cancel: CancellationToken) {
    let mut connections = JoinSet::new();
    let mut guests = Guests::default();
    loop {
        let has_room = connections.len() < CONNECTIONS || guests.has_stranger();
        let accepted = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept(), if has_room => accepted,
        };
        let Ok((stream, _)) = accepted else {
            let _over = cancel.run_until_cancelled(tokio::time::sleep(ACCEPT_PAUSE)).await;
            continue;
        };
        if connections.len() >= CONNECTIONS {
            guests.close_oldest_stranger();
        }
        let (gate, service, guest) = (Arc::clone(&gate), service.clone(), Arc::default());
        let own = Arc::clone(&guest);
        let serve = async move {
            let known = Arc::clone(&own);
            let answer = service_fn(move |request| {
                gate::answer(Arc::clone(&gate), service.clone(), Arc::clone(&own), request)
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEADER_LIMIT);
            let serving = http.serve_connection(TokioIo::new(stream), answer);
            // A connection that breaks is the client's affair.
            tokio::select! {
                _broken = serving => {}
                () = known.overstays(TOKEN_LIMIT) => {}
            }
        };
        let task = connections.spawn(serve.in_current_span());
        guests.add(guest, task);
    }
    drop(listener);
    connections.shutdown().await;
}

/// 256 random bits.
fn random_token() -> io::Result<String> {
    let mut bits = [0_u8; 32];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    Ok(bits.iter().fold(String::new(), |token, byte| token + &format!("{byte:02x}")))
}
