//! Halting a stream anywhere leaves nothing: alone in its process, because it counts file descriptors.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_exec::{CodexExec, Exec, ExecOptions, Invocation, OutputSchema, Program, StateDir};
use codex_fixtures::{ChildProcess, FakeCodex, FakeScript, open_fds, wait_until};
use proptest::test_runner::{Config, TestRunner};
use tokio_util::sync::CancellationToken;

const STARTED: &str = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#;
const LONG: Duration = Duration::from_secs(30);

/// How the consumer stops after `k` lines.
#[derive(Clone, Copy, Debug)]
enum Halt {
    Drop,
    Cancel,
    CancelAndDrop,
}

#[test]
fn halting_after_any_line_leaves_no_process_no_file_descriptor_and_no_file() {
    let scratch = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let script = FakeScript::new()
        .spawn(ChildProcess::new().own_session().ignores_signals())
        .line(STARTED)
        .repeat(20, r#"{"type":"turn.started"}"#)
        .spawn(ChildProcess::new().holds_output())
        .hang();
    let fake = FakeCodex::new(script);
    // The first use opens what stays open: the runtime's own, the spawner's.
    halt(&runtime, &fake, scratch.path(), 1, Halt::Drop);
    assert!(wait_until(LONG, || fake.living().is_empty()));
    let fds = open_fds();
    let halts = proptest::sample::select(&[Halt::Drop, Halt::Cancel, Halt::CancelAndDrop][..]);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    runner
        .run(&(0usize..22, halts), |(lines, how)| {
            halt(&runtime, &fake, scratch.path(), lines, how);
            proptest::prop_assert!(wait_until(LONG, || fake.living().is_empty()), "{:?}", fake.living());
            proptest::prop_assert!(wait_until(LONG, || open_fds() <= fds), "{} of {fds} open", open_fds());
            proptest::prop_assert!(wait_until(LONG, || files(&scratch.path().join("state")).is_empty()));
            for call in fake.calls() {
                let schema = call.argument_after("--output-schema").unwrap();
                proptest::prop_assert!(wait_until(LONG, || !Path::new(schema).exists()), "{schema}");
            }
            Ok(())
        })
        .unwrap();
}

fn halt(runtime: &tokio::runtime::Runtime, fake: &FakeCodex, scratch: &Path, lines: usize, how: Halt) {
    let options = ExecOptions::default()
        .state_dir(StateDir::at(scratch.join("state")))
        .grace(Duration::from_millis(20))
        .drop_grace(Duration::from_millis(20));
    let home = scratch.join("home");
    std::fs::create_dir_all(&home).unwrap();
    let invocation = Invocation::new("hello")
        .cwd(scratch)
        .codex_home(home)
        .skip_git_repo_check()
        .output_schema(OutputSchema::Inline(serde_json::json!({"type": "object"})));
    let cancel = CancellationToken::new();
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    let mut stream = exec.exec(invocation, cancel.clone());
    runtime.block_on(async {
        for _ in 0..lines.min(21) {
            stream.next_line().await.unwrap().unwrap();
        }
        match how {
            Halt::Drop => {}
            Halt::Cancel => {
                cancel.cancel();
                while stream.next_line().await.is_some() {}
            }
            Halt::CancelAndDrop => cancel.cancel(),
        }
    });
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
