//! Runtimes: of one thread, two in a process, dropped, without drivers.

use codex_exec::{CodexExec, EventStream, Exec, Program, TransportError};
use codex_fixtures::{FakeCodex, FakeScript, wait_until};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::support::{LONG, STARTED, Scene, rest};

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn workers() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn first_line(runtime: &Runtime, stream: &mut EventStream) {
    runtime.block_on(async { stream.next_line().await.unwrap().unwrap() });
}

fn hanging() -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).hang()
}

/// What one pass may miss the next start looks for: the note of the start stays.
#[cfg(target_os = "linux")]
#[rstest::rstest]
#[case::of_one_thread(one_thread())]
#[case::with_workers(workers())]
fn a_dropped_runtime_kills_the_group_and_sweeps(#[case] runtime: Runtime) {
    use codex_fixtures::ChildProcess;

    let stubborn = ChildProcess::new().own_session().ignores_signals().holds_output().with_descendants(2);
    let first =
        FakeScript::new().spawn(ChildProcess::new().ignores_signals()).spawn(stubborn).then(hanging());
    let second = FakeScript::completed_turn("second");
    let scene = Scene::of(FakeCodex::builder().start(first).start(second).build());
    let mut stream = scene.stream();
    first_line(&runtime, &mut stream);
    assert_eq!(scene.fake.living().len(), 5);
    drop(runtime);
    assert!(wait_until(LONG, || scene.fake.living().is_empty()));
    assert_eq!(scene.notes().len(), 1, "{:?}", scene.notes());
    let ran = one_thread().block_on(rest(stream));
    assert!(matches!(ran.error, Some(TransportError::SupervisorGone)), "{:?}", ran.error);
    one_thread().block_on(scene.run());
    assert_eq!(scene.notes(), [""; 0]);
}

/// They share the thread that starts processes, and neither the end of the other.
#[test]
fn two_runtimes_in_one_process_do_not_disturb_each_other() {
    let numbered = STARTED.replace("5a53", "5a5{n}");
    let first = FakeScript::new().repeat(1, numbered).wait_for_gate("go on").line(STARTED);
    let scene = Scene::of(FakeCodex::builder().start(first).start(hanging()).build());
    let (staying, going) = (one_thread(), workers());
    let (mut first, mut second) = (scene.stream(), scene.stream());
    first_line(&staying, &mut first);
    first_line(&going, &mut second);
    drop(going);
    assert!(wait_until(LONG, || scene.fake.living().len() == 1));
    scene.fake.open_gate("go on");
    let ran = staying.block_on(rest(first));
    assert!(ran.error.is_none() && ran.lines.len() == 1, "{:?}", ran.error);
    assert_eq!(ran.ended().end, codex_protocol::TransportEnd::exited(0));
}

#[rstest::rstest]
#[case::with_none(Builder::new_current_thread().build().unwrap())]
#[case::with_io_alone(Builder::new_current_thread().enable_io().build().unwrap())]
#[case::with_time_alone(Builder::new_current_thread().enable_time().build().unwrap())]
fn a_runtime_without_its_drivers_is_an_error_and_harms_no_other(#[case] bare: Runtime) {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let exec = CodexExec::new(Program::at(scene.fake.path()).unwrap()).options(scene.options.clone());
    let mut stream = exec.exec(scene.invocation("hello"), CancellationToken::new());
    let Some(Err(error @ TransportError::Spawn { .. })) = bare.block_on(stream.next_line()) else {
        panic!("nothing can be started there")
    };
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("I/O and time drivers"), "{source}");
    assert!(wait_until(LONG, || scene.fake.living().is_empty()));
    assert_eq!(scene.notes(), [""; 0]);
    assert!(one_thread().block_on(scene.run()).error.is_none());
}
