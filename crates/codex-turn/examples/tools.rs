//! Lets the agent ask this program: it calls a function of ours, in a read-only sandbox, and answers with what it heard.
//!
//! ```text
//! cargo run -p codex-turn --features tools --example tools -- "how many apples are there?"
//! ```
//!
//! It needs `codex` on the `PATH`, or `CODEX_PATH`, and a login.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use codex_turn::{
    Codex, EventLine, ObserveTurn, ThreadOptions, ToolAnnotations, ToolEvent, ToolJson, ToolSet,
    ToolSetError, tool,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: tools PROMPT")?;
    let options = ThreadOptions::new(".").skip_git_repo_check();
    let stock = BTreeMap::from([("apples".to_owned(), 12), ("pears".to_owned(), 0)]);
    println!("{}", ask(&Codex::builder().build()?, options, stock, &prompt).await?);
    Ok(())
}

/// What the model sends; the comments are its description.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Question {
    /// The fruit, in the plural.
    fruit: String,
}

#[derive(serde::Serialize)]
struct Count {
    fruit: String,
    count: u32,
}

fn tools(stock: BTreeMap<String, u32>) -> Result<ToolSet, ToolSetError> {
    let stock = Arc::new(stock);
    let count =
        tool("count_fruit", "Counts what is in stock of a fruit.", move |Question { fruit }: Question| {
            let stock = Arc::clone(&stock);
            async move {
                let count = stock.get(&fruit).copied();
                // The model reads the error, and may ask again.
                count.map(|count| ToolJson(Count { fruit, count })).ok_or("nobody sells this fruit here")
            }
        });
    ToolSet::builder().tool(count.annotations(ToolAnnotations::read_only())).build()
}

/// Says on standard error what is called.
struct Calls;

impl ObserveTurn for Calls {
    fn on_line(&self, _: &EventLine) {}

    fn on_tool_event(&self, event: &ToolEvent) {
        if let ToolEvent::Ended { call, outcome, duration, .. } = event {
            eprintln!("{}({}) {} after {duration:?}", call.tool, call.arguments, outcome.word());
        }
    }
}

async fn ask(
    codex: &Codex,
    options: ThreadOptions,
    stock: BTreeMap<String, u32>,
    prompt: &str,
) -> Result<String, Box<dyn Error>> {
    let thread = codex.start_thread(options.tools(tools(stock)?));
    let result = thread.run(prompt).observe(Calls).await?;
    Ok(result.final_response().unwrap_or("(no answer)").to_owned())
}

#[cfg(test)]
mod tests {
    use codex_exec::{ApiKey, ExecOptions, Program, StateDir};
    use codex_fixtures::{ModelServer, Reply, Script, pinned_codex};
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn the_real_codex_asks_and_a_scripted_model_answers_with_what_it_heard() {
        let replies = [
            Reply::new().mcp("host", "count_fruit", json!({ "fruit": "plums" })),
            Reply::new().mcp("host", "count_fruit", json!({ "fruit": "apples" })),
            Reply::new().message("There are ${COUNT} apples."),
        ];
        let model = ModelServer::start(Script::new(replies).capture("COUNT", "\"count\":")).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let program = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        let codex = Codex::builder()
            .program(Program::at(program).unwrap())
            .options(ExecOptions::default().state_dir(StateDir::at(scratch.path().join("state"))))
            .codex_home(scratch.path())
            .api_key(ApiKey::new("scripted-key"))
            .base_url(model.base_url())
            .environment(codex_exec::CodexEnvironment::inherit().set("HOME", scratch.path()))
            .with(|invocation| invocation.disable("plugins"))
            .build()
            .unwrap();
        let options = ThreadOptions::new(scratch.path()).model("some-model").skip_git_repo_check();
        let stock = BTreeMap::from([("apples".to_owned(), 12)]);
        let answer = ask(&codex, options, stock, "how many apples are there?").await.unwrap();
        assert_eq!(answer, "There are 12 apples.");
        let outputs = model.requests().pop().unwrap().tool_outputs();
        assert!(outputs[0].contains("nobody sells this fruit here"), "{outputs:?}");
        model.assert_clean();
    }
}
