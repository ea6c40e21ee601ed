//! Turns and runs in a runtime that lacks a driver, and in none.

use std::task::{Context, Poll, Waker};

use codex_exec::{EventStream, RolloutRef, RuntimeError, TransportReport};
use codex_protocol::ExitKind;
use codex_turn::{AutoRunError, ReadRollout, Turn, TurnError};
use tokio::runtime::{Builder, Runtime};

use crate::support::{hanging_thread, started, thread, turn_lines};

fn bare() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// What a future gives at its first poll, on a thread without a runtime.
fn at_once<F: IntoFuture>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future.into_future());
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("there is nobody to wake it"),
    }
}

/// A turn of lines that needs no runtime, but has a rollout that is read with one.
fn turn() -> Turn {
    let report = TransportReport::new(ExitKind::Code(0)).rollout(RolloutRef::from_memory("{}"));
    Turn::over(EventStream::from_parts(turn_lines("done", 1), report)).read_rollout(ReadRollout::Always)
}

#[test]
fn a_turn_of_lines_needs_no_runtime() {
    for result in [at_once(turn()), bare().block_on(turn().into_future())] {
        let result = result.unwrap();
        assert!(result.verdict.is_completed() && result.rollout.is_none());
    }
}

#[test]
fn a_run_says_what_its_runtime_lacks() {
    let run = || thread([EventStream::from_lines(turn_lines("done", 1))]).run_auto("do it");
    let lack = |error| {
        let AutoRunError::Lack(lack) = error else { panic!("{error:?}") };
        lack
    };
    assert_eq!(lack(at_once(run()).unwrap_err()), RuntimeError::Missing);
    assert_eq!(lack(bare().block_on(run().into_future()).unwrap_err()), RuntimeError::NoTime);
}

#[test]
fn a_turn_that_is_to_wait_says_what_its_runtime_lacks() {
    let thread = hanging_thread([started()]);
    let mut first = thread.run_streamed("one");
    assert!(at_once(first.next_line()).is_some());
    let waits = || thread.run("two").with(|invocation| invocation.thread_wait(std::time::Duration::MAX));
    for error in [at_once(waits()), bare().block_on(waits().into_future())] {
        let error = error.unwrap_err();
        assert!(matches!(error, TurnError::Start(_)), "{error:?}");
    }
    drop(first);
}

#[cfg(feature = "tools")]
#[test]
fn a_turn_with_tools_says_what_its_runtime_lacks() {
    use codex_turn::{NoArguments, ToolSet, tool};

    let ping = || tool("ping", "Answers.", |_: NoArguments| async { "pong" });
    let turn = || hanging_thread([]).run("do it").tools(ToolSet::builder().tool(ping()).build().unwrap());
    let lack = |error| {
        let TurnError::Tools(error) = error else { panic!("{error:?}") };
        *error.get_ref().unwrap().downcast_ref::<RuntimeError>().unwrap()
    };
    let with_time = Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(lack(at_once(turn()).unwrap_err()), RuntimeError::Missing);
    assert_eq!(lack(bare().block_on(turn().into_future()).unwrap_err()), RuntimeError::NoTime);
    assert_eq!(lack(with_time.block_on(turn().into_future()).unwrap_err()), RuntimeError::NoIo);
}
