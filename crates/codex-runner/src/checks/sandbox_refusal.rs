//! [`SandboxRefusal`]: the line in which a command that failed says that its sandbox refused something.

use codex_exec::NetworkAccess;

use super::CheckBoundary;

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

/// A line in which a command that failed says that its sandbox refused something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SandboxRefusal {
    /// What was refused.
    pub kind: RefusalKind,
    /// The line, without blanks around it.
    pub line: String,
}

/// Says what a sandbox refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// Writing to the cache of a package manager or compiler.
    Cache,
    /// Writing elsewhere.
    Write,
    /// A connection or a socket.
    Network,
    /// Something that is most often a socket.
    Unclear,
}

impl SandboxRefusal {
    /// Finds what the output of a command that failed within this boundary says; `None` if nothing in it speaks of the boundary.
    pub(crate) fn find(output: &str, boundary: &CheckBoundary) -> Option<Self> {
        let CheckBoundary::Sandbox(sandbox) = boundary else { return None };
        let is_offline = sandbox.network_access() == NetworkAccess::Denied;
        let found =
            |line: &str| Some(Self { kind: refusal(line, is_offline)?, line: line.trim().to_owned() });
        output.lines().find_map(found)
    }
}

fn refusal(line: &str, is_offline: bool) -> Option<RefusalKind> {
    let line = line.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(&READ_ONLY) {
        return Some(if says(&CACHES) { RefusalKind::Cache } else { RefusalKind::Write });
    }
    if !is_offline {
        return None;
    }
    if says(&NO_NETWORK) {
        return Some(RefusalKind::Network);
    }
    if !says(&REFUSED) {
        return None;
    }
    let is_socket = says(&["socket", "bind", "listen", "connect", "127.0.0.1", "localhost", "::1"]);
    Some(if is_socket { RefusalKind::Network } else { RefusalKind::Unclear })
}

#[cfg(test)]
mod tests {
    use codex_exec::CommandSandbox;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_plain_write("touch: cannot touch '/opt/x': Read-only file system", Some(RefusalKind::Write))]
    #[case::of_node(
        "Error: EROFS: read-only file system, mkdir '/home/user/.npm/_logs'",
        Some(RefusalKind::Cache)
    )]
    #[case::of_python(
        "OSError: [Errno 30] Read-only file system: '/home/user/.cache/x'",
        Some(RefusalKind::Cache)
    )]
    #[case::of_cargo("  Read-only file system (os error 30)", Some(RefusalKind::Write))]
    #[case::a_socket_of_node(
        "Error: listen EPERM: operation not permitted 127.0.0.1",
        Some(RefusalKind::Network)
    )]
    #[case::a_socket_of_python(
        "PermissionError: [Errno 1] Operation not permitted",
        Some(RefusalKind::Unclear)
    )]
    #[case::a_name("curl: (6) Could not resolve host: example.com", Some(RefusalKind::Network))]
    #[case::no_route("connect: Network is unreachable", Some(RefusalKind::Network))]
    #[case::rights("cat: /etc/shadow: Permission denied", None)]
    #[case::a_failure("assertion failed: left == right", None)]
    #[case::nothing("", None)]
    fn a_line_says_what_was_refused(#[case] line: &str, #[case] expected: Option<RefusalKind>) {
        assert_eq!(refusal(line, true), expected);
    }

    #[test]
    fn nothing_is_claimed_that_was_not_seen() {
        let (shut, open) = (CommandSandbox::new(), CommandSandbox::new().network(NetworkAccess::Allowed));
        let text = "ok 1\nOSError: [Errno 30] Read-only file system: '/home/user/.cache/x'\n";
        let find = |text: &str, boundary: &CheckBoundary| SandboxRefusal::find(text, boundary);
        assert_eq!(find(text, &CheckBoundary::Open), None);
        assert_eq!(find("connect: Network is unreachable", &CheckBoundary::Sandbox(open)), None);
        let found = find(text, &CheckBoundary::Sandbox(shut.clone())).unwrap();
        assert_eq!((found.kind, found.line.starts_with("OSError")), (RefusalKind::Cache, true));
        assert_eq!(find("ok 1\n", &CheckBoundary::Sandbox(shut)), None);
    }
}
