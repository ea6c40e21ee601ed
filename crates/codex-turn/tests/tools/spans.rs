//! Host tools run in the span of their turn.

use codex_turn::{NoArguments, ToolContext, tool};
use serde_json::json;
use tracing::Span;

use crate::client::text;
use crate::endless::set;
use crate::served::Served;

fn name_of_span() -> String {
    Span::current().metadata().map_or_else(|| "none".to_owned(), |span| span.name().to_owned())
}

#[tokio::test]
async fn a_tool_runs_in_the_span_of_the_turn() {
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry());
    let span = tool("span", "Names its span.", |_: NoArguments, _: ToolContext| async {
        tokio::task::yield_now().await;
        name_of_span()
    });
    let served = Served::start(set(span)).await;
    assert_eq!(text(&served.client.call(1, "span", json!({})).await), ("turn", false));
    assert_eq!(name_of_span(), "none", "the test is in none");
    served.finish().await.0.unwrap();
}
