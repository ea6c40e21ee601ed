//! Decoding a stream of a realistic mix, beside `serde_json` alone.
//!
//! Each line is copied, as a reader does that keeps the raw line; the floor decodes from the borrowed bytes
//! into one owned struct with a field for every key there is, keeps no line and tells no types apart.

use std::collections::BTreeMap;
use std::hint::black_box;

use codex_protocol::{Boundary, EventLine, TurnSummary};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use serde_json::Value;

const EVENTS: usize = 10_000;

/// Commands with output of very different length, messages, patches, tool calls, searches and plans.
fn stream() -> Vec<Vec<u8>> {
    let mut lines = vec![
        r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#.to_owned(),
        r#"{"type":"turn.started"}"#.to_owned(),
    ];
    let mut id = 0;
    while lines.len() < EVENTS {
        id += 1;
        match id % 10 {
            0..=4 => {
                let command = format!(r#""command":"/bin/bash -lc 'cargo test -p crate{id} -- --nocapture'""#);
                let output = r"test result: ok. 1 passed; 0 failed\n".repeat([1, 4, 9, 30, 60][id % 5]);
                let head = format!(r#""item":{{"id":"item_{id}","type":"command_execution",{command}"#);
                lines.push(format!(
                    r#"{{"type":"item.started",{head},"aggregated_output":"","exit_code":null,"status":"in_progress"}}}}"#
                ));
                lines.push(format!(
                    r#"{{"type":"item.completed",{head},"aggregated_output":"{output}","exit_code":0,"status":"completed"}}}}"#
                ));
            }
            5 | 6 => lines.push(format!(
                r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"agent_message","text":"{}"}}}}"#,
                "I have looked at the tests — one of them fails, \\\"because\\\" it is wrong. ".repeat(5)
            )),
            7 => {
                let changes = r#"{"path":"/home/user/project/src/lib.rs","kind":"update"}"#;
                let head = format!(
                    r#""item":{{"id":"item_{id}","type":"file_change","changes":[{changes},{changes}]"#
                );
                lines.push(format!(r#"{{"type":"item.started",{head},"status":"in_progress"}}}}"#));
                lines.push(format!(r#"{{"type":"item.completed",{head},"status":"completed"}}}}"#));
            }
            8 => lines.push(format!(
                r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"mcp_tool_call","server":"host","tool":"look","arguments":{{"n":{id}}},"result":{{"content":[{{"type":"text","text":"found it"}}],"structured_content":null}},"error":null,"status":"completed"}}}}"#
            )),
            _ => lines.push(format!(
                r#"{{"type":"item.updated","item":{{"id":"item_{id}","type":"todo_list","items":[{{"text":"look","completed":true}},{{"text":"repair","completed":false}}]}}}}"#
            )),
        }
    }
    lines.push(
        r#"{"type":"turn.completed","usage":{"input_tokens":9,"cached_input_tokens":0,"output_tokens":1}}"#
            .to_owned(),
    );
    lines.into_iter().map(String::into_bytes).collect()
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are built is all that counts")]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    thread_id: Option<String>,
    item: Option<Item>,
    message: Option<String>,
    usage: Option<BTreeMap<String, u64>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are built is all that counts")]
struct Item {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    command: Option<String>,
    aggregated_output: Option<String>,
    exit_code: Option<i64>,
    status: Option<String>,
    changes: Option<Vec<BTreeMap<String, String>>>,
    server: Option<String>,
    tool: Option<String>,
    arguments: Option<Value>,
    result: Option<Value>,
    items: Option<Vec<Todo>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are built is all that counts")]
struct Todo {
    text: String,
    completed: bool,
}

fn decode(c: &mut Criterion) {
    let lines = stream();
    let bytes: usize = lines.iter().map(Vec::len).sum();
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("lines kept, boundaries", |bencher| {
        bencher.iter(|| {
            let kept = lines.iter().map(|line| EventLine::new(1, line.as_slice()));
            kept.filter(|line| line.boundary() != Boundary::Within).count()
        });
    });
    group.bench_function("lines kept, events", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                let line = EventLine::new(1, line.as_slice());
                assert!(black_box(line.event()).is_ok());
            }
        });
    });
    group.bench_function("lines kept, events, summary", |bencher| {
        bencher.iter(|| {
            let mut summary = TurnSummary::new();
            for line in &lines {
                summary.observe(&EventLine::new(1, line.as_slice()));
            }
            summary
        });
    });
    group.bench_function("floor: serde_json, one owned struct", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                black_box(serde_json::from_slice::<Line>(line).expect("the line is JSON"));
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).without_plots();
    targets = decode
}
criterion_main!(benches);
