//! [`Scene`]: a real Codex, a scripted model, and what they do with tools.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_exec::{ApiKey, CodexEnvironment, CodexExec, ExecOptions, McpTransport, Program, StateDir};
use codex_fixtures::{ModelServer, PINNED_CODEX_VERSION, Reply, Script, Tokens, pinned_codex};
use codex_protocol::{ItemDetails, McpToolCall};
use codex_turn::{
    Codex, EventLine, ExecTurns, HostTool, ObserveTurn, RunTurn, Sandbox, Thread, ThreadOptions, ToolCall,
    ToolEvent, ToolOutcome, TurnLines, TurnRequest, TurnResult, tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A model of Codex's catalogue, which has to search for tools.
pub(crate) const KNOWN_MODEL: &str = "gpt-5.5";
/// A model that sees all tools.
pub(crate) const UNKNOWN_MODEL: &str = "some-model";

pub(crate) struct Scene {
    pub(crate) server: ModelServer,
    pub(crate) folder: tempfile::TempDir,
    codex: Codex,
    addresses: Arc<Mutex<Vec<SocketAddr>>>,
}

/// Remembers where tools were served.
struct Watched(ExecTurns, Arc<Mutex<Vec<SocketAddr>>>);

impl RunTurn for Watched {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        for server in &request.invocation.parts().mcp_servers {
            let McpTransport::Http { url, .. } = server.transport() else {
                panic!("tools are served over HTTP")
            };
            let address = url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
            self.1.lock().unwrap().push(address.parse().unwrap());
        }
        self.0.run_turn(request)
    }
}

impl Scene {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let program = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        Self::with(&program, PINNED_CODEX_VERSION, Script::new(replies))
    }

    /// With another release than the pinned one.
    pub(crate) fn of_release(
        program: &Path,
        version: &str,
        replies: impl IntoIterator<Item = Reply>,
    ) -> Self {
        Self::with(program, version, Script::new(replies).for_release(version))
    }

    fn with(program: &Path, version: &str, script: Script) -> Self {
        let server = ModelServer::start(script.capture("SUM", "sum=")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "user", "work"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let at = |name: &str| folder.path().join(name);
        // What old releases need to reach the server.
        let settings = server.settings_for_release(version).config;
        let lines = settings.iter().map(|(key, value)| format!("{key} = {value}\n"));
        fs::write(at("home").join("config.toml"), lines.collect::<String>()).unwrap();
        let options = ExecOptions::default().state_dir(StateDir::at(at("state")));
        let exec = CodexExec::new(Program::at(program).unwrap()).options(options);
        let addresses = Arc::default();
        let codex = Codex::builder()
            .transport(Arc::new(Watched(ExecTurns::new(Arc::new(exec)), Arc::clone(&addresses))))
            .codex_home(at("home"))
            .api_key(ApiKey::new("scripted-key"))
            .base_url(server.base_url())
            .environment(environment(folder.path()))
            .with(|invocation| invocation.disable("plugins").total_limit(Duration::from_mins(1)))
            .build()
            .unwrap();
        Self { server, folder, codex, addresses }
    }

    pub(crate) fn thread(&self, sandbox: Sandbox, model: &str) -> Thread {
        self.thread_with(sandbox, model, |options| options)
    }

    pub(crate) fn thread_with(
        &self,
        sandbox: Sandbox,
        model: &str,
        more: impl FnOnce(ThreadOptions) -> ThreadOptions,
    ) -> Thread {
        let options = ThreadOptions::new(self.folder.path().join("work")).model(model);
        self.codex.start_thread(more(options.skip_git_repo_check().sandbox(sandbox)))
    }

    /// Adds to the user's own configuration.
    pub(crate) fn configure(&self, toml: &str) {
        let file = self.folder.path().join("home/config.toml");
        let old = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{old}{toml}")).unwrap();
    }

    pub(crate) fn environment(&self) -> CodexEnvironment {
        environment(self.folder.path())
    }

    /// Where tools were served, after which nobody listens there.
    pub(crate) async fn assert_gone(&self, turns: usize) {
        let addresses = self.addresses.lock().unwrap().clone();
        assert_eq!(addresses.len(), turns);
        for address in addresses {
            wait(|| TcpStream::connect(address).is_err()).await;
        }
    }
}

/// The agent's shells are login shells: without a home of their own they would run this user's profile.
fn environment(folder: &Path) -> CodexEnvironment {
    CodexEnvironment::inherit().set("HOME", folder.join("user"))
}

/// What a test waits for, if it comes within a while; a fault must fail a test and not hang it.
pub(crate) async fn soon<F: IntoFuture>(future: F) -> F::Output {
    let limit = Duration::from_secs(30);
    tokio::time::timeout(limit, future.into_future()).await.expect("it comes within a while")
}

async fn wait(mut until: impl FnMut() -> bool) {
    let waited = async {
        while !until() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(waited).await;
}

pub(crate) fn answer(text: &str) -> Reply {
    Reply::new().message(text).usage(Tokens::new(100, 10))
}

pub(crate) fn call(tool: &str, arguments: Value) -> Reply {
    Reply::new().mcp("host", tool, arguments).usage(Tokens::new(100, 10))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Add {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

pub(crate) fn add() -> impl HostTool {
    tool("add", "Adds two numbers.", |Add { a, b }: Add| async move { format!("sum={}", a + b) })
}

#[derive(Clone, Default)]
pub(crate) struct Seen(pub(crate) Arc<Mutex<Vec<ToolEvent>>>);

impl ObserveTurn for Seen {
    fn on_line(&self, _: &EventLine) {}
    fn on_tool_event(&self, event: &ToolEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Seen {
    pub(crate) fn ended(&self) -> Vec<(ToolCall, ToolOutcome)> {
        let events = self.0.lock().unwrap();
        let ended = events.iter().filter_map(|event| {
            let ToolEvent::Ended { call, outcome, .. } = event else { return None };
            Some((ToolCall::clone(call), outcome.clone()))
        });
        ended.collect()
    }
}

pub(crate) fn calls(result: &TurnResult) -> Vec<&McpToolCall> {
    let calls = result.items().iter().filter_map(|item| {
        let ItemDetails::McpToolCall(call) = &item.details else { return None };
        Some(call)
    });
    calls.collect()
}

pub(crate) fn texts(call: &McpToolCall) -> Vec<String> {
    let blocks = call.result.iter().flat_map(|result| &result.content);
    blocks.filter_map(|block| block["text"].as_str().map(str::to_owned)).collect()
}
