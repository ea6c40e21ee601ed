//! What git is told at every start, so that no setting changes what it does.

use std::env;
use std::ffi::{OsStr, OsString};

/// Settings of every start. Each takes away something that a user's configuration could change.
const SETTINGS: &[&str] = &[
    // No program of the user's runs.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.askPass=",
    // What is written survives a loss of power.
    "core.fsync=committed",
    // Output is what we expect.
    "core.quotePath=true",
    "color.ui=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "diff.suppressBlankEmpty=false",
    "core.warnAmbiguousRefs=false",
    // Content is stored as `git add` would, and never refused.
    "core.safecrlf=false",
    "core.splitIndex=false",
    "advice.addEmbeddedRepo=false",
    "advice.addIgnoredFile=false",
    "apply.ignoreWhitespace=no",
    "apply.whitespace=nowarn",
    // A push pushes one ref.
    "push.followTags=false",
    "push.gpgSign=false",
    "push.pushOption=",
];

/// Variables of every start.
const VARIABLES: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "true"),
];

/// Variables of git's that are the user's to set: how to reach a remote, and where configuration lies. All others name
/// another repository, index or way of working than the one that is meant.
const INHERITED: &[&str] = &[
    "GIT_ALLOW_PROTOCOL",
    "GIT_ATTR_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
];

/// `-c` and a setting, for each.
pub(super) fn settings() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().flat_map(|setting| ["-c", setting])
}

/// The variables to set.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().copied()
}

/// Where git, and the programs that it starts by name, are looked for; `None` if `PATH` is not set.
pub(super) fn search_path() -> Option<OsString> {
    env::var_os("PATH").map(|path| codex_protocol::absolute_path_entries(&path))
}

/// The variables to take away.
pub(super) fn removed() -> impl Iterator<Item = OsString> {
    env::vars_os().map(|(name, _)| name).filter(|name| is_removed(name))
}

fn is_removed(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"GIT_") && !INHERITED.iter().any(|kept| name.starts_with(kept.as_bytes()))
}

/// The command that git starts for ssh, made to ask nothing; `None` where that is not ours to say.
///
/// `chosen` is what the user has set. A program other than OpenSSH does not know the options.
pub(super) fn ssh_command(chosen: &str) -> Option<String> {
    let command = if chosen.trim().is_empty() { "ssh" } else { chosen.trim() };
    let program = command.split_whitespace().next()?.rsplit('/').next()?;
    (program == "ssh").then(|| format!("{command} -o BatchMode=yes -o ConnectTimeout=8"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{is_removed, ssh_command};

    #[rstest]
    #[case("GIT_DIR", true)]
    #[case("GIT_INDEX_FILE", true)]
    #[case("GIT_EXTERNAL_DIFF", true)]
    #[case("GIT_LITERAL_PATHSPECS", true)]
    #[case("GIT_CONFIG_GLOBAL", false)]
    #[case("GIT_CONFIG_COUNT", false)]
    #[case("GIT_SSH_COMMAND", false)]
    #[case("PATH", false)]
    fn variables_that_lead_elsewhere_are_removed(#[case] name: &str, #[case] removed: bool) {
        assert_eq!(is_removed(name.as_ref()), removed);
    }

    #[rstest]
    #[case("", Some("ssh -o BatchMode=yes -o ConnectTimeout=8"))]
    #[case("/usr/bin/ssh -i key", Some("/usr/bin/ssh -i key -o BatchMode=yes -o ConnectTimeout=8"))]
    #[case("plink -batch", None)]
    fn ssh_asks_nothing(#[case] chosen: &str, #[case] command: Option<&str>) {
        assert_eq!(ssh_command(chosen).as_deref(), command);
    }
}
