//! The sandbox: whether the system lets Codex shut the agent's commands in.

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_exec::{CommandSpec, RunCommand};
use codex_runner::Environment;
use tokio_util::sync::CancellationToken;

use super::check::Probe;

const NAME: &str = "sandbox";
const ADVICE: &str = "commands in read-only and workspace-write fail without them: allow user namespaces \
                      for this user, or use a machine of its own and danger-full-access";
/// How long the trial may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Switches of the Linux kernel that forbid user namespaces at this value.
const SWITCHES: [(&str, &str); 2] =
    [("/proc/sys/user/max_user_namespaces", "0"), ("/proc/sys/kernel/unprivileged_userns_clone", "0")];

/// Looks at the switches of the kernel, then makes a namespace where there is a program that does so.
pub(super) async fn check(commands: &dyn RunCommand) -> Probe {
    if !cfg!(target_os = "linux") {
        return seatbelt();
    }
    for (switch, forbidding) in SWITCHES {
        if fs::read_to_string(switch).is_ok_and(|value| value.trim() == forbidding) {
            return Probe::warn(NAME, format!("user namespaces are forbidden by {switch}"), ADVICE);
        }
    }
    let trial = CommandSpec::argv(["unshare", "--user", "--map-root-user", "--mount", "true"]).limit(LIMIT);
    let trial = Environment::of_process().without_declared_secrets(trial);
    match commands.run(trial, CancellationToken::new()).await {
        Ok(tried) if tried.succeeded() => Probe::ok(NAME, "user namespaces can be made"),
        Ok(tried) => {
            let why = tried.output.text().trim().to_owned();
            Probe::warn(NAME, format!("user namespaces cannot be made: {why}"), ADVICE)
        }
        Err(_) => Probe::ok(NAME, "nothing forbids user namespaces (not tried: there is no unshare)"),
    }
}

fn seatbelt() -> Probe {
    if Path::new("/usr/bin/sandbox-exec").exists() {
        Probe::ok(NAME, "the system's own")
    } else {
        Probe::warn(
            NAME,
            "the system has none that Codex knows",
            "use danger-full-access on a machine of its own",
        )
    }
}
