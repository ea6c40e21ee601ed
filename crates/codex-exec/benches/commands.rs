//! What a command costs, as it is and in the sandbox of the pinned Codex: wall time from start to exit.
//!
//! `codex alone` starts the same sandbox with the standard library and one writable folder: what we add to it is our own.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Stdio};

use codex_exec::{
    CommandSandbox, CommandSpec, Program, RunCommand, SandboxedCommands, StateDir, SystemCommands,
};
use codex_fixtures::pinned_codex;
use criterion::{Criterion, criterion_group, criterion_main};
use tokio_util::sync::CancellationToken;

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = commands }
criterion_main!(benches);

fn commands(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let codex = Program::at(pinned_codex().unwrap()).unwrap();
    let sandboxed = SandboxedCommands::new(codex.clone(), CommandSandbox::new())
        .state_dir(StateDir::at(scratch.path().join("state")));
    let project = scratch.path().join("project");
    std::fs::create_dir(&project).unwrap();
    let run = |commands: &dyn RunCommand| {
        let command = CommandSpec::shell("true").cwd(&project);
        assert!(runtime.block_on(commands.run(command, CancellationToken::new())).unwrap().succeeded());
    };
    let mut group = criterion.benchmark_group("commands");
    group.bench_function("as it is", |bencher| bencher.iter(|| run(&SystemCommands::new())));
    group.bench_function("codex alone", |bencher| {
        bencher.iter(|| assert!(alone(&codex, &project, scratch.path()).status().unwrap().success()));
    });
    group.bench_function("in the sandbox", |bencher| bencher.iter(|| run(&sandboxed)));
    group.finish();
}

#[expect(clippy::disallowed_methods, reason = "the floor starts the same program without our supervision")]
fn alone(codex: &Program, project: &Path, home: &Path) -> Command {
    let mut command = Command::new(codex.path());
    command.current_dir(project).env("CODEX_HOME", home).stdin(Stdio::null()).stdout(Stdio::null());
    command.args([
        "sandbox",
        "-c",
        "sandbox_mode=\"workspace-write\"",
        "-c",
        "sandbox_workspace_write.exclude_slash_tmp=true",
        "-c",
        "sandbox_workspace_write.exclude_tmpdir_env_var=true",
        "--",
        "sh",
        "-c",
        "true",
    ]);
    command
}
