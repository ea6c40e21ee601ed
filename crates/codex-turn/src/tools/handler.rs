//! [`Handler`]: a set of tools as a server of the Model Context Protocol.

use std::sync::Arc;

use codex_protocol::ThreadId;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, MetaObject,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations as Hints,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Map, Value};

use super::calls::Calls;
use super::event::ToolCall;
use super::hint::hint;
use super::tool_set::OneTool;

/// A set of tools as a server of the Model Context Protocol; one for each session.
#[derive(Clone)]
pub(super) struct Handler {
    calls: Arc<Calls>,
}

impl Handler {
    pub(super) fn new(calls: Arc<Calls>) -> Self {
        Self { calls }
    }

    fn find(&self, name: &str) -> Option<&OneTool> {
        self.calls.tools.all.iter().find(|one| one.name == name)
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let name = self.calls.tools.server_name.as_str();
        let mut info = ServerConfig::new(capabilities);
        info.server_info = Implementation::new(name, env!("CARGO_PKG_VERSION"));
        info.instructions = hint(&self.calls.tools);
        info
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.find(name).map(described)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, rmcp::ErrorData> {
        Ok(ListToolsResult::with_all_items(self.calls.tools.all.iter().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, rmcp::ErrorData> {
        let Some(one) = self.find(&request.name) else {
            let message = format!("there is no tool {:?}", request.name);
            return Err(rmcp::ErrorData::invalid_params(message, None));
        };
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let mut call = ToolCall::new(&*self.calls.tools.server_name, &*one.name, arguments);
        let said = |name: &str| context.meta.get(name).and_then(Value::as_str);
        call.number = self.calls.next_number();
        call.call_id = said("callId").map(str::to_owned);
        call.thread_id = said("threadId").and_then(|id| ThreadId::parse(id).ok());
        let number = call.number;
        let mut result = self.calls.call(one, call, &context.ct).await.result;
        // Codex prints this with the item of the call, whose id no request has.
        result.meta = Some(MetaObject(Map::from_iter([(ToolCall::NUMBER_KEY.to_owned(), number.into())])));
        Ok(result.into())
    }
}

fn described(one: &OneTool) -> Tool {
    let said = &one.annotations;
    let mut hints = Hints::new();
    hints.title.clone_from(&said.title);
    hints.read_only_hint = said.read_only;
    hints.destructive_hint = said.destructive;
    hints.idempotent_hint = said.idempotent;
    hints.open_world_hint = said.open_world;
    let tool = Tool::new(one.name.clone(), one.description.clone(), one.schema.clone());
    tool.with_annotations(hints)
}
