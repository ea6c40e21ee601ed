//! Runs over processes: many at once leave nothing behind, and one that nobody polls ends in time.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{CodexExec, ExecOptions, Program, StateDir};
use codex_fixtures::{FakeCodex, FakeScript, wait_until};
use codex_turn::{AutoRunEvent, AutoRunReport, Codex, StopReason, ThreadOptions};

use crate::support::{completed, message};

/// Codex that plays these starts, working in this folder.
fn codex(fake: &FakeCodex, folder: &std::path::Path) -> Codex {
    let options = ExecOptions::default().state_dir(StateDir::at(folder.join("state")));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    Codex::builder().exec(Arc::new(exec)).codex_home(folder).build().unwrap()
}

fn turn(run: usize, answer: &str) -> FakeScript {
    let thread = format!("019b7c2a-1111-7000-8000-0000000000{run:02}");
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{thread}"}}"#))
        .line(message(answer))
        .line(completed(1, 1))
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn children() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    tasks.map(|task| of(task.unwrap()).split_whitespace().count()).sum()
}

/// Two turns, the second of which makes the file that the check looks for.
async fn run(number: usize, folder: &std::path::Path) -> AutoRunReport {
    let folder = folder.join(number.to_string());
    fs::create_dir_all(&folder).unwrap();
    let fake = FakeCodex::builder()
        .start(turn(number, "no"))
        .start(turn(number, "yes").write_file(folder.join("done"), ""))
        .build();
    let thread = codex(&fake, &folder).start_thread(ThreadOptions::new(&folder).skip_git_repo_check());
    let report =
        thread.run_auto("do it").until("test -e done").total_limit(Duration::from_mins(2)).await.unwrap();
    assert_eq!(fake.living(), Vec::<u32>::new(), "run {number}");
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_runs_at_once_give_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    // What a first run leaves for good, such as the thread that starts processes, is there before it is counted.
    run(0, folder.path()).await;
    let metrics = tokio::runtime::Handle::current().metrics();
    let counts = || (metrics.num_alive_tasks(), open_files(), children());
    let before = counts();
    let runs: Vec<_> = (1..=50)
        .map(|number| {
            let folder = folder.path().to_owned();
            tokio::spawn(async move { run(number, &folder).await })
        })
        .collect();
    for run in runs {
        let report = run.await.unwrap();
        assert!(report.is_satisfied(), "{:?}", report.stop);
        assert_eq!(report.steps.len(), 2);
    }
    let mut after = counts();
    let back = tokio::task::block_in_place(|| {
        wait_until(Duration::from_secs(20), || {
            after = counts();
            after.0 <= before.0 && after.1 <= before.1 && after.2 <= before.2
        })
    });
    assert!(back, "tasks, files, children: {before:?}, then {after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_ends_the_turn_of_a_run_that_nobody_polls() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeCodex::new(FakeScript::new().read_stdin().line(message("half")).hang());
    let thread =
        codex(&fake, folder.path()).start_thread(ThreadOptions::new(folder.path()).skip_git_repo_check());
    let mut events = thread.run_auto("do it").total_limit(Duration::from_secs(4)).stream();
    while !matches!(events.next_event().await.unwrap().unwrap(), AutoRunEvent::Line { .. }) {}
    assert!(!fake.living().is_empty(), "the turn runs");
    let ended = || fake.living().is_empty();
    assert!(tokio::task::block_in_place(|| wait_until(Duration::from_secs(20), ended)));
    let report = events.finish().await.unwrap();
    assert!(matches!(report.stop, StopReason::Time { .. }), "{:?}", report.stop);
}
