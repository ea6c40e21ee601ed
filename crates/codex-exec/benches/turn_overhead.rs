//! What a turn costs this process beyond starting the program and reading its lines: CPU time, not wall time.
//!
//! `bare` starts the same fake with the standard library and reads it to its end; `supervised` is a whole turn, with its note,
//! lock, marker, queue and sweep. The difference is the overhead.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_exec::{CodexExec, Exec, ExecOptions, Invocation, Program, StateDir};
use codex_fixtures::{FakeCodex, FakeScript};
use criterion::{Criterion, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = turn_overhead }
criterion_main!(benches);

fn turn_overhead(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().unwrap();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("turn_cpu");
    group.bench_function("bare", |bencher| {
        bencher.iter_custom(|turns| cpu_of(|| (0..turns).for_each(|_| bare(&fake))));
    });
    group.bench_function("supervised", |bencher| {
        bencher.iter_custom(|turns| {
            cpu_of(|| (0..turns).for_each(|_| runtime.block_on(supervised(&fake, scratch.path()))))
        });
    });
    group.finish();
}

/// The CPU time of this process, all threads together, without that of the programs it starts.
fn cpu_of(work: impl FnOnce()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap();
    let before = now();
    work();
    now().saturating_sub(before)
}

#[expect(clippy::disallowed_methods, reason = "the floor starts the same program without our supervision")]
fn bare(fake: &FakeCodex) {
    let mut command = Command::new(fake.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut lines).unwrap();
    child.wait().unwrap();
}

async fn supervised(fake: &FakeCodex, scratch: &Path) {
    let options = ExecOptions::default().state_dir(StateDir::at(scratch.join("state")));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    let invocation = Invocation::new("go").cwd(scratch).skip_git_repo_check().codex_home(scratch);
    let mut stream = exec.exec(invocation, tokio_util::sync::CancellationToken::new());
    while let Some(line) = stream.next_line().await {
        line.unwrap();
    }
    assert!(stream.end().is_some());
}
