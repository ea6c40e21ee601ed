//! [`hint`]: what to do if a check failed because of its sandbox; [`Noticing`] looks for that in commands of `--until`.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use codex_exec::{CancellationToken, CommandError, CommandOutput, CommandSpec, NetworkAccess, RunCommand};

use super::surroundings::Boundary;

/// How programs say that they may not write there.
const READ_ONLY: [&str; 4] = ["read-only file system", "erofs", "os error 30", "errno 30"];
/// How they say that there is no network.
const NO_NETWORK: [&str; 8] = [
    "network is unreachable",
    "enetunreach",
    "could not resolve host",
    "temporary failure in name resolution",
    "name or service not known",
    "eai_again",
    "failed to lookup address",
    "nodename nor servname",
];
/// How they say that something was refused: in the sandbox mostly a socket.
const REFUSED: [&str; 5] =
    ["operation not permitted", "eperm", "os error 1)", "errno 1]", "operation is not permitted"];
/// Folders in which package managers and compilers keep what they have fetched or built.
const CACHES: [&str; 10] = [
    "/.cargo/",
    "/.npm",
    "/.cache/",
    "/.m2/",
    "/.gradle/",
    "/.rustup/",
    "/go/pkg/",
    "/.ivy2/",
    "/.nuget/",
    "/.yarn/",
];
/// How much of a line is quoted.
const QUOTED_CHARACTERS: usize = 160;

/// What a line of the output says of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Write,
    Network,
    Unclear,
}

/// Returns what to do about a command that failed within this boundary with this output; `None` if nothing in the output
/// speaks of the boundary.
pub(super) fn hint(output: &str, boundary: &Boundary) -> Option<String> {
    let Boundary::Sandbox(sandbox) = boundary else { return None };
    let is_offline = sandbox.network_access() == NetworkAccess::Denied;
    let (refusal, line) = output.lines().find_map(|line| Some((refusal(line, is_offline)?, line.trim())))?;
    let quoted: String = line.chars().take(QUOTED_CHARACTERS).collect();
    let write = "`--add-dir DIR` makes a folder writable";
    let network =
        "`network = true` below its table in codex-turns.toml, or `--check-network`, opens the network";
    let (means, way_out) = match refusal {
        Refusal::Write if CACHES.iter().any(|cache| line.contains(cache)) => {
            ("the caches of package managers are read-only in the sandbox of checks", write)
        }
        Refusal::Write => {
            ("the sandbox of checks lets them write to the project and to $TMPDIR alone", write)
        }
        Refusal::Network => ("the sandbox of checks has no network", network),
        Refusal::Unclear => ("the sandbox of checks refuses sockets, also to this machine", network),
    };
    let may = if refusal == Refusal::Unclear { "perhaps " } else { "" };
    Some(format!(
        "it says \"{quoted}\": {may}{means}; {way_out}, `--check-sandbox off` runs checks without a sandbox"
    ))
}

fn refusal(line: &str, is_offline: bool) -> Option<Refusal> {
    let line = line.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(&READ_ONLY) {
        return Some(Refusal::Write);
    }
    if !is_offline {
        return None;
    }
    if says(&NO_NETWORK) {
        return Some(Refusal::Network);
    }
    if !says(&REFUSED) {
        return None;
    }
    let is_socket = says(&["socket", "bind", "listen", "connect", "127.0.0.1", "localhost", "::1"]);
    Some(if is_socket { Refusal::Network } else { Refusal::Unclear })
}

/// Runs commands, and keeps the hint of the last one that failed.
pub(crate) struct Noticing {
    commands: Box<dyn RunCommand>,
    boundary: Boundary,
    hint: Mutex<Option<String>>,
}

impl Noticing {
    pub(super) fn new(commands: Box<dyn RunCommand>, boundary: &Boundary) -> Self {
        Self { commands, boundary: boundary.clone(), hint: Mutex::default() }
    }

    /// What to do about the last command that failed, if that was because of its sandbox.
    pub(crate) fn hint(&self) -> Option<String> {
        self.hint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl RunCommand for Noticing {
    async fn run(
        &self,
        command: CommandSpec,
        cancel: CancellationToken,
    ) -> Result<CommandOutput, CommandError> {
        let done = self.commands.run(command, cancel).await?;
        let hint = if done.succeeded() { None } else { hint(&done.output.text(), &self.boundary) };
        *self.hint.lock().unwrap_or_else(PoisonError::into_inner) = hint;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use codex_exec::CommandSandbox;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_plain_write("touch: cannot touch '/opt/x': Read-only file system", Some(Refusal::Write))]
    #[case::of_node(
        "Error: EROFS: read-only file system, mkdir '/home/user/.npm/_logs'",
        Some(Refusal::Write)
    )]
    #[case::of_python(
        "OSError: [Errno 30] Read-only file system: '/home/user/.cache/x'",
        Some(Refusal::Write)
    )]
    #[case::of_cargo("  Read-only file system (os error 30)", Some(Refusal::Write))]
    #[case::a_socket_of_node(
        "Error: listen EPERM: operation not permitted 127.0.0.1",
        Some(Refusal::Network)
    )]
    #[case::a_socket_of_python("PermissionError: [Errno 1] Operation not permitted", Some(Refusal::Unclear))]
    #[case::a_name("curl: (6) Could not resolve host: example.com", Some(Refusal::Network))]
    #[case::no_route("connect: Network is unreachable", Some(Refusal::Network))]
    #[case::rights("cat: /etc/shadow: Permission denied", None)]
    #[case::a_failure("assertion failed: left == right", None)]
    #[case::nothing("", None)]
    fn a_line_says_what_was_refused(#[case] line: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(line, true), expected);
    }

    #[test]
    fn nothing_is_claimed_that_was_not_seen() {
        let (shut, open) = (CommandSandbox::new(), CommandSandbox::new().network(NetworkAccess::Allowed));
        let text = "ok 1\nOSError: [Errno 30] Read-only file system: '/home/user/.cache/x'\n";
        assert_eq!(hint(text, &Boundary::Open), None);
        assert_eq!(hint("connect: Network is unreachable", &Boundary::Sandbox(open)), None);
        insta::assert_snapshot!(hint(text, &Boundary::Sandbox(shut.clone())).unwrap());
        assert_eq!(hint("ok 1\n", &Boundary::Sandbox(shut)), None);
    }
}
