//! What git is told at every start, so that no setting changes what it does, and no secret reaches it.

use std::env;
use std::ffi::{OsStr, OsString};

use codex_protocol::{GitSetting, absolute_path_entries, is_secret_variable};

/// Settings of every start. Each takes away something that a user's configuration could change.
const SETTINGS: &[&str] = &[
    // No program of the user's runs.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.askPass=",
    "protocol.ext.allow=never",
    // No other repository takes part: none that lies in the worktree, none that was planted as a folder.
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "status.submoduleSummary=false",
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
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "true"),
    // A filter in Python takes no module from the worktree.
    ("PYTHONSAFEPATH", "1"),
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

/// The beginnings of those that only a call needs that contacts a remote.
const OF_REMOTES: &[&str] = &["GIT_HTTP_", "GIT_PROXY_", "GIT_SSH"];

/// Keys for the service that Codex calls. No setting hands them to git.
const NEVER: &[&str] = &["CODEX_API_KEY", "OPENAI_API_KEY"];

/// The variables that name a proxy, in lower case.
const PROXIES: &[&str] = &["http_proxy", "https_proxy", "all_proxy"];

/// Whether a start of git contacts another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GitReach {
    Local,
    Remote,
}

/// Says what git inherits of our environment beside what is no secret.
#[derive(Debug, Clone, Default)]
pub(super) struct Inheritance {
    /// Names of variables that are secret, whatever their names look like.
    pub(super) hidden: Vec<String>,
    /// Names of secrets that a call which contacts a remote inherits nevertheless.
    pub(super) remote: Vec<String>,
}

impl Inheritance {
    /// The whole environment that git inherits.
    pub(super) fn variables(&self, reach: GitReach) -> Vec<(OsString, OsString)> {
        self.select(reach, env::vars_os().collect())
    }

    fn select(&self, reach: GitReach, variables: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
        let variables =
            GitSetting::retain(variables, |setting| reach == GitReach::Remote || !setting.is_of_remotes());
        let kept = variables.into_iter().filter(|(name, value)| {
            let text = name.to_string_lossy();
            let is_kept =
                || is_inherited(name, reach) && !self.is_withheld(&text, &value.to_string_lossy(), reach);
            GitSetting::has_variable(&text) || is_kept()
        });
        let kept = kept.map(|(name, value)| {
            let value = if name == "PATH" { absolute_path_entries(&value) } else { value };
            (name, value)
        });
        kept.collect()
    }

    fn is_withheld(&self, name: &str, value: &str, reach: GitReach) -> bool {
        let names = |list: &[String]| list.iter().any(|listed| listed == name);
        if NEVER.contains(&name) {
            return true;
        }
        if reach == GitReach::Remote {
            let is_proxy = PROXIES.contains(&name.to_ascii_lowercase().as_str());
            if names(&self.remote) || is_proxy || name.starts_with("GIT_") {
                return false;
            }
        }
        names(&self.hidden) || is_secret_variable(name, value)
    }
}

/// `-c` and a setting, for each.
pub(super) fn settings() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().flat_map(|setting| ["-c", setting])
}

/// The variables to set.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().copied()
}

fn is_inherited(name: &OsStr, reach: GitReach) -> bool {
    let name = name.as_encoded_bytes();
    let begins = |list: &[&str]| list.iter().any(|kept| name.starts_with(kept.as_bytes()));
    // `GIT_CONFIG` makes `git config` read another file than all else.
    !name.starts_with(b"GIT_")
        || (name != b"GIT_CONFIG" && begins(INHERITED) && (reach == GitReach::Remote || !begins(OF_REMOTES)))
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
mod tests;
