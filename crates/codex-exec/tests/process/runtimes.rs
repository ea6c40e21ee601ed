//! Runtimes: of one thread, two in a process, dropped, without drivers.

use std::task::{Context, Poll, Waker};

use codex_exec::{
    CodexExec, CommandError, CommandSandbox, CommandSpec, EventStream, Exec, Program, RolloutRef, RunCommand,
    RuntimeError, SandboxedCommands, SystemCommands, TransportError,
};
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

fn bare(drivers: &str) -> Runtime {
    let mut builder = Builder::new_current_thread();
    match drivers {
        "I/O" => builder.enable_io(),
        "time" => builder.enable_time(),
        _ => &mut builder,
    };
    builder.build().unwrap()
}

#[rstest::rstest]
#[case::with_none("none", RuntimeError::NoTime)]
#[case::with_io_alone("I/O", RuntimeError::NoTime)]
#[case::with_time_alone("time", RuntimeError::NoIo)]
fn a_runtime_without_its_drivers_is_an_error_and_harms_no_other(
    #[case] drivers: &str,
    #[case] expected: RuntimeError,
) {
    let bare = bare(drivers);
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let exec = CodexExec::new(Program::at(scene.fake.path()).unwrap()).options(scene.options.clone());
    let mut stream = exec.exec(scene.invocation("hello"), CancellationToken::new());
    let error = bare.block_on(stream.next_line()).unwrap().unwrap_err();
    assert!(matches!(error, TransportError::Runtime(lack) if lack == expected), "{error:?}");
    assert!(wait_until(LONG, || scene.fake.living().is_empty()));
    assert_eq!(scene.notes(), [""; 0]);

    let commands = SystemCommands::new();
    let error =
        bare.block_on(commands.run(CommandSpec::shell("true"), CancellationToken::new())).unwrap_err();
    assert_eq!(lack_of(&error), Some(expected), "{error:?}");
    assert!(one_thread().block_on(scene.run()).error.is_none());
}

fn lack_of(error: &CommandError) -> Option<RuntimeError> {
    let CommandError::Spawn { source, .. } = error else { return None };
    source.get_ref()?.downcast_ref().copied()
}

/// What a future gives at its first poll, on a thread without a runtime.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("there is nobody to wake it"),
    }
}

#[test]
fn no_runtime_is_an_error_of_whatever_needs_one() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let program = Program::at(scene.fake.path()).unwrap();
    let missing = |error: CommandError| assert_eq!(lack_of(&error), Some(RuntimeError::Missing), "{error:?}");
    let cancel = CancellationToken::new;
    missing(at_once(SystemCommands::new().run(CommandSpec::shell("true"), cancel())).unwrap_err());
    let sandboxed = SandboxedCommands::new(program.clone(), CommandSandbox::new());
    missing(at_once(sandboxed.run(CommandSpec::shell("true"), cancel())).unwrap_err());
    at_once(program.version()).unwrap_err();
    let rollout = RolloutRef::from_memory("{}");
    at_once(rollout.load(1)).unwrap_err();
    assert!(scene.fake.calls().is_empty());
}
