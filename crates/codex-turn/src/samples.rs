//! Samples of the errors of this crate, for tests of what people are told.
//!
//! Each list has the variant's name beside its sample, and at least one of each variant.

use std::io;
use std::sync::Arc;

use codex_exec::{CommandError, RuntimeError, TransportError};

use crate::{AutoRunError, CheckError, ResponseError, TurnError};

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

/// Returns samples of why there is no result of a turn; those of turns that ran are not among them.
///
/// ```
/// for (name, error) in codex_turn::samples::turn_errors() {
///     assert!(error.result().is_none(), "{name}");
/// }
/// ```
pub fn turn_errors() -> Vec<(&'static str, TurnError)> {
    vec![
        ("TurnError::Start", TurnError::Start(Arc::new(TransportError::Runtime(RuntimeError::Missing)))),
        ("TurnError::Busy", TurnError::Busy { thread: None, holder: None }),
        ("TurnError::Json", TurnError::Json(ResponseError::Missing)),
        ("TurnError::Tools", TurnError::Tools(Arc::new(denied()))),
        ("TurnError::InsideRuntime", TurnError::InsideRuntime),
        ("TurnError::Runtime", TurnError::Runtime(Arc::new(denied()))),
    ]
}

/// Returns samples of why an auto-run does not start.
pub fn auto_run_errors() -> Vec<(&'static str, AutoRunError)> {
    let no_program = CheckError::NoProgram { program: "carg".to_owned() };
    vec![
        ("AutoRunError::ZeroLimit", AutoRunError::ZeroLimit { limit: "turns" }),
        ("AutoRunError::NoModel", AutoRunError::NoModel),
        ("AutoRunError::NoPrice", AutoRunError::NoPrice { model: "gpt-5.5".to_owned() }),
        ("AutoRunError::Check", AutoRunError::Check { name: "carg test".to_owned(), source: no_program }),
        ("AutoRunError::Lack", AutoRunError::Lack(RuntimeError::NoTime)),
        ("AutoRunError::InsideRuntime", AutoRunError::InsideRuntime),
        ("AutoRunError::Runtime", AutoRunError::Runtime(Arc::new(denied()))),
    ]
}

/// Returns samples of why a check gives no answer.
pub fn check_errors() -> Vec<(&'static str, CheckError)> {
    vec![
        ("CheckError::NoProgram", CheckError::NoProgram { program: "carg".to_owned() }),
        ("CheckError::Command", CommandError::directory("/gone").into()),
        ("CheckError::Pointer", CheckError::Pointer { pointer: "done".to_owned() }),
        ("CheckError::Empty", CheckError::Empty),
        ("CheckError::Other", CheckError::other("the build server does not answer")),
    ]
}
