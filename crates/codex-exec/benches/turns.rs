//! Many turns at once, and how long it takes from a cancel until nothing is left.
//!
//! `turns` counts the CPU time of this process, all threads together, for each turn: it should not rise with the number of turns at
//! once. `cancel` is wall time, from the cancel until the stream of a Codex that cooperates has ended.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::path::Path;
use std::time::{Duration, Instant};

use codex_exec::{CodexExec, EventStream, Exec, ExecOptions, Invocation, Program, StateDir};
use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, Signal};
use criterion::{Criterion, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = turns, cancel }
criterion_main!(benches);

fn turns(criterion: &mut Criterion) {
    let scratch = in_memory();
    let line = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"{n}"}}"#;
    let fake = FakeCodex::new(
        FakeScript::new()
            .read_stdin()
            .repeat(200, line)
            .then(FakeScript::new().line(r#"{"type":"turn.completed","usage":null}"#)),
    );
    let runtime = runtime();
    let mut group = criterion.benchmark_group("turns");
    for at_once in [1u32, 8, 64] {
        group.bench_function(format!("{at_once} at once"), |bencher| {
            bencher.iter_custom(|times| {
                let before = cpu();
                for _ in 0..times {
                    runtime.block_on(all(at_once, &fake, scratch.path()));
                }
                cpu().saturating_sub(before) / at_once
            });
        });
    }
    group.finish();
}

async fn all(at_once: u32, fake: &FakeCodex, scratch: &Path) {
    let mut turns = JoinSet::new();
    for _ in 0..at_once {
        let mut stream = stream(fake, scratch, CancellationToken::new());
        turns.spawn(async move {
            while let Some(line) = stream.next_line().await {
                line.unwrap();
            }
            assert!(stream.end().is_some());
        });
    }
    while let Some(turn) = turns.join_next().await {
        turn.unwrap();
    }
}

fn cancel(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().unwrap();
    let heard = FakeScript::new().exit(1);
    let script = FakeScript::new()
        .read_stdin()
        .spawn(ChildProcess::new().own_session().with_descendants(2))
        .on_signal(Signal::Interrupt, heard)
        .line(r#"{"type":"turn.started"}"#)
        .hang();
    let fake = FakeCodex::new(script);
    let runtime = runtime();
    criterion.benchmark_group("cancel").bench_function("to nothing left", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| cancelled(&runtime, &fake, scratch.path())).sum());
    });
}

fn cancelled(runtime: &Runtime, fake: &FakeCodex, scratch: &Path) -> Duration {
    runtime.block_on(async {
        let cancel = CancellationToken::new();
        let mut stream = stream(fake, scratch, cancel.clone());
        stream.next_line().await.unwrap().unwrap();
        let begun = Instant::now();
        cancel.cancel();
        while stream.next_line().await.is_some() {}
        let took = begun.elapsed();
        assert!(stream.end().is_some() && fake.living().is_empty());
        took
    })
}

fn stream(fake: &FakeCodex, scratch: &Path, cancel: CancellationToken) -> EventStream {
    let options = ExecOptions::default().state_dir(StateDir::at(scratch.join("state")));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    exec.exec(Invocation::new("go").cwd(scratch).skip_git_repo_check().codex_home(scratch), cancel)
}

/// A disk on which thousands of files were made and removed within a second takes longer and longer to make one: that is not what is
/// measured, and no turns come that fast.
fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}
