//! Hides the memory, the environment and the open files of this process from other processes of the same user.

/// Keeps this process as others are, so that a debugger can be attached.
#[cfg(target_os = "linux")]
const SWITCH: &str = "CODEX_TURNS_DUMPABLE";

/// Lets no other process of this user read our environment, or write into our pipes by way of `/proc`, and leaves no core
/// dump. An agent with full access is such a process. Root can do all of that.
///
/// It does not reach our children: a program that is started is as others again.
#[cfg(target_os = "linux")]
pub(crate) fn hide_from_others() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    if std::env::var_os(SWITCH).is_some_and(|value| value == "1") {
        return;
    }
    // If the kernel refuses, the process is as readable as any other, and works.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Only Linux has `/proc`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn hide_from_others() {}
