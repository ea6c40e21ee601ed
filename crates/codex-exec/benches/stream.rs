//! A whole stream, from a child's pipe to typed events with raw lines kept, beside two floors.
//!
//! `read_lines` reads lines and does nothing with them; `serde_json_owned` decodes each into an owned struct on the one thread
//! that reads. Both read the same bytes from the same kind of child. `stream` is wall time; `stream_cpu` is the time of all threads
//! together, which a busy machine changes less.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use codex_exec::{CodexExec, Exec, ExecOptions, Invocation, Program, StateDir};
use codex_fixtures::{FakeCodex, FakeScript};
use codex_protocol::EventLine;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};

const EVENTS: u64 = 200_000;

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = whole_stream }
criterion_main!(benches);

fn whole_stream(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("stream.jsonl");
    let bytes = write_stream(&file);
    let fake = FakeCodex::new(FakeScript::new().file(&file));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let owned =
        || each_line(&fake, |line| drop(black_box(serde_json::from_slice::<owned::Event>(line).unwrap())));
    let typed = || runtime.block_on(typed(&fake, scratch.path()));
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("floor/read_lines", |bencher| {
        bencher.iter(|| each_line(&fake, |line| drop(black_box(line.to_vec()))));
    });
    group.bench_function("floor/serde_json_owned", |bencher| bencher.iter(owned));
    group.bench_function("typed_with_raw", |bencher| bencher.iter(typed));
    group.finish();
    let mut group = criterion.benchmark_group("stream_cpu");
    group.bench_function("floor/serde_json_owned", |bencher| {
        bencher.iter_custom(|times| cpu_of(times, owned));
    });
    group.bench_function("typed_with_raw", |bencher| bencher.iter_custom(|times| cpu_of(times, typed)));
    group.finish();
}

/// The CPU time of this process, all threads together, without that of the programs it starts.
fn cpu_of(times: u64, work: impl Fn()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap();
    let before = now();
    (0..times).for_each(|_| work());
    now().saturating_sub(before)
}

/// Keeps nothing but counts, so that memory is not what is measured; each line is decoded and still has its bytes.
async fn typed(fake: &FakeCodex, scratch: &Path) {
    let options = ExecOptions::default().state_dir(StateDir::at(scratch.join("state")));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    let invocation = Invocation::new("go").cwd(scratch).skip_git_repo_check().codex_home(scratch);
    let mut stream = exec.exec(invocation, tokio_util::sync::CancellationToken::new());
    let mut lines = 0;
    while let Some(line) = stream.next_line().await {
        let line: EventLine = line.unwrap();
        black_box(line.event().unwrap());
        black_box(line.raw());
        lines += 1;
    }
    assert_eq!(lines, EVENTS);
}

#[expect(clippy::disallowed_methods, reason = "the floors start the same program without our supervision")]
fn each_line(fake: &FakeCodex, mut take: impl FnMut(&[u8])) {
    let mut child = Command::new(fake.path()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let stdout: ChildStdout = child.stdout.take().unwrap();
    let mut reader = BufReader::with_capacity(64 << 10, stdout);
    let mut line = Vec::new();
    let mut lines = 0;
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        take(&line[..line.len() - 1]);
        line.clear();
        lines += 1;
    }
    assert_eq!(lines, EVENTS);
    child.wait().unwrap();
}

/// About what long turns print: many short events, commands with output, now and then a long message.
fn write_stream(path: &Path) -> u64 {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let output =
        "   Compiling crate v0.1.0 (/project/crate)\\nwarning: unused variable: `x`\\n  --> src/lib.rs:1:1\\n"
            .repeat(9);
    let text = "I looked at the failing test and found that the parser drops the last line. ".repeat(6);
    let long = "The whole report, with every file that was read and why. ".repeat(40);
    writeln!(file, r#"{{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}}"#)
        .unwrap();
    writeln!(file, r#"{{"type":"turn.started"}}"#).unwrap();
    for number in 0..EVENTS - 3 {
        let id = number / 2;
        match number % 10 {
            0 | 2 | 4 => write!(file, r#"{{"type":"item.started","item":{{"id":"item_{id}","type":"command_execution","command":"/bin/bash -lc 'cargo test --workspace'","aggregated_output":"","exit_code":null,"status":"in_progress"}}}}"#),
            1 | 3 => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"command_execution","command":"/bin/bash -lc 'cargo test --workspace'","aggregated_output":"{output}","exit_code":0,"status":"completed"}}}}"#),
            5 => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"file_change","changes":[{{"path":"/project/src/lib.rs","kind":"update"}},{{"path":"/project/src/new.rs","kind":"add"}}],"status":"completed"}}}}"#),
            6 | 7 => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"reasoning","text":"{text}"}}}}"#),
            8 => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"mcp_tool_call","server":"host","tool":"lookup","arguments":{{"query":"parser","limit":5}},"result":{{"content":[{{"type":"text","text":"found 5"}}],"structured_content":{{"hits":[1,2,3,4,5]}}}},"error":null,"status":"completed"}}}}"#),
            _ if number % 100 == 9 => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"agent_message","text":"{long}"}}}}"#),
            _ => write!(file, r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"agent_message","text":"{text}"}}}}"#),
        }
        .unwrap();
        file.write_all(b"\n").unwrap();
    }
    writeln!(file, r#"{{"type":"turn.completed","usage":{{"input_tokens":9000,"cached_input_tokens":100,"cache_write_input_tokens":0,"output_tokens":800,"reasoning_output_tokens":50}}}}"#).unwrap();
    file.into_inner().unwrap().metadata().unwrap().len()
}

/// What a program would write that wants typed events and nothing else.
mod owned {
    #![expect(dead_code, reason = "the floor decodes into fields that nobody reads")]
    #![expect(clippy::struct_field_names, reason = "these are the names of the wire")]

    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(crate) struct Event {
        #[serde(rename = "type")]
        kind: String,
        thread_id: Option<String>,
        usage: Option<Usage>,
        item: Option<Item>,
    }

    #[derive(Deserialize)]
    pub(crate) struct Usage {
        input_tokens: u64,
        cached_input_tokens: u64,
        output_tokens: u64,
    }

    #[derive(Deserialize)]
    pub(crate) struct Item {
        id: String,
        #[serde(rename = "type")]
        kind: String,
        text: Option<String>,
        command: Option<String>,
        aggregated_output: Option<String>,
        exit_code: Option<i64>,
        status: Option<String>,
        changes: Option<Vec<Change>>,
        server: Option<String>,
        tool: Option<String>,
        arguments: Option<serde_json::Value>,
        result: Option<serde_json::Value>,
        error: Option<serde_json::Value>,
    }

    #[derive(Deserialize)]
    pub(crate) struct Change {
        path: String,
        kind: String,
    }
}
