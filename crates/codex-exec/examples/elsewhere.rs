//! Runs a turn elsewhere: a process layer over a socket, with a machine of pretence at its other end.
//!
//! ```text
//! cargo run -p codex-exec --example elsewhere
//! ```
//!
//! The layer sends what Codex is to be started with, and yields the lines that come back. The same shape fits a container: its
//! standard output in the place of the socket.

use std::io;
use std::net::SocketAddr;

use codex_exec::{
    ApiKey, CancellationToken, EventStream, Exec, Invocation, Marker, StartMarks, StreamEnd, TransportError,
    TransportReport,
};
use codex_protocol::{ExitKind, StopCause, TurnSummary, Verdict};
use futures_util::stream;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Runs Codex on the machine at this address.
struct Remote(SocketAddr);

/// How far a turn has come.
enum Remotely {
    Cold(SocketAddr, Box<Invocation>),
    Running(Lines<BufReader<TcpStream>>),
}

impl Exec for Remote {
    fn exec(&self, invocation: Invocation, cancel: CancellationToken) -> EventStream {
        let (tell, end) = oneshot::channel();
        let cold = (Remotely::Cold(self.0, Box::new(invocation)), cancel, tell);
        // Nothing is connected before the first poll; dropping the stream closes the connection.
        let lines = stream::unfold(cold, |(turn, cancel, tell)| async move {
            let end = match cancel.run_until_cancelled(next_line(turn)).await {
                Some(Ok((line, turn))) => match line.strip_prefix("exit ") {
                    None => return Some((line, (turn, cancel, tell))),
                    Some(code) => TransportReport::new(ExitKind::Code(code.parse().unwrap_or(1))).into(),
                },
                Some(Err(error)) => {
                    let report = TransportReport::new(ExitKind::Code(1));
                    StreamEnd::failed(TransportError::broken(error), report)
                }
                None => stopped(),
            };
            tell.send(end).ok();
            None
        });
        // Lines that are dropped tell nothing: their turn was stopped.
        EventStream::from_stream(lines, async move { end.await.unwrap_or_else(|_| stopped()) })
    }
}

fn stopped() -> StreamEnd {
    let report = TransportReport::stopped(ExitKind::Code(1), StopCause::Cancelled);
    StreamEnd::failed(TransportError::Cancelled, report)
}

async fn next_line(turn: Remotely) -> io::Result<(String, Remotely)> {
    let mut lines = match turn {
        Remotely::Cold(address, invocation) => start(address, &invocation).await?,
        Remotely::Running(lines) => lines,
    };
    let line = lines.next_line().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((line, Remotely::Running(lines)))
}

/// Sends what Codex is to be started with. The key is handed over on purpose: a real layer encrypts the way.
async fn start(address: SocketAddr, invocation: &Invocation) -> io::Result<Lines<BufReader<TcpStream>>> {
    let line = invocation.command_line(&StartMarks::new(Marker::new()));
    let args: Vec<_> = line.args.iter().map(|argument| argument.to_string_lossy()).collect();
    let key = invocation.parts().api_key.as_ref().map(ApiKey::expose);
    let request = serde_json::json!({ "args": args, "stdin": line.stdin, "key": key });
    let mut machine = TcpStream::connect(address).await?;
    machine.write_all(format!("{request}\n").as_bytes()).await?;
    Ok(BufReader::new(machine).lines())
}

/// Answers one turn as the other machine would, and returns what it was asked.
async fn other_machine(listener: TcpListener) -> io::Result<serde_json::Value> {
    let mut machine = BufReader::new(listener.accept().await?.0);
    let mut request = String::new();
    machine.read_line(&mut request).await?;
    let answer = concat!(
        r#"{"type":"thread.started","thread_id":"019b7c2a-1111-7000-8000-000000000001"}"#,
        "\n",
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"from elsewhere"}}"#,
        "\n",
        r#"{"type":"turn.completed","usage":{"input_tokens":7,"cached_input_tokens":0,"output_tokens":2}}"#,
        "\n",
        "exit 0\n"
    );
    machine.write_all(answer.as_bytes()).await?;
    Ok(serde_json::from_str(&request)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let remote = Remote(listener.local_addr()?);
    let machine = tokio::spawn(other_machine(listener));

    let invocation = Invocation::new("say where you are").api_key(ApiKey::new("scripted-key"));
    let mut stream = remote.exec(invocation, CancellationToken::new());
    let mut summary = TurnSummary::new();
    while let Some(line) = stream.next_line().await {
        summary.observe(&line?);
    }

    let end = stream.end().ok_or("a stream that is over has an end")?;
    assert_eq!(Verdict::decide(&summary, &end.end), Verdict::Completed);
    assert_eq!(summary.final_response(), Some("from elsewhere"));
    assert_eq!(end.thread_id.as_ref(), summary.thread_id());
    let asked = machine.await??;
    assert_eq!((&asked["stdin"], &asked["key"]), (&"say where you are".into(), &"scripted-key".into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_runs_elsewhere() {
        main().unwrap();
    }

    #[tokio::test]
    async fn a_cancel_and_a_broken_connection_are_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let remote = Remote(listener.local_addr().unwrap());
        let cancel = CancellationToken::new();
        cancel.cancel();
        let mut stream = remote.exec(Invocation::new("hello"), cancel);
        assert!(matches!(stream.next_line().await, Some(Err(TransportError::Cancelled))));
        drop(listener);
        let mut stream = remote.exec(Invocation::new("hello"), CancellationToken::new());
        assert!(matches!(stream.next_line().await, Some(Err(TransportError::Broken(_)))));
        assert!(stream.next_line().await.is_none());
    }
}
