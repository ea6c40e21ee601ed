//! [`LedgerSettings`]: how turns are recorded.

use std::time::Duration;

use codex_ledger::git::Signing;
use codex_ledger::record::DirtyWorktree;
use codex_ledger::{GitMode, LedgerOptions};
use serde_json::Value as Json;

use super::setting::Setting;
use super::setting_sources::Sources;
use super::value::{Value, one_of};

/// How turns are recorded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LedgerSettings {
    /// What is done with git beyond keeping a record.
    pub git: Setting<GitMode>,
    /// What becomes of a mode that commits in a worktree that is not clean.
    pub dirty: Setting<DirtyWorktree>,
    /// How far the number of a record is unique.
    pub claim: Setting<ClaimReach>,
    /// The remote that numbers are claimed on.
    pub remote: Setting<Option<String>>,
    /// The remote that tags are pushed to.
    pub push: Setting<Option<String>>,
    /// Variables that hold a secret and that git nevertheless inherits where it contacts a remote.
    pub remote_env: Setting<Vec<String>>,
    /// The name of the task where `--task` names none.
    pub task: Setting<Option<String>>,
    /// Who asks; git's `user.name` where nobody is named.
    pub initiator: Setting<Option<String>>,
    /// Whether commits and tags are signed.
    pub sign: Setting<Signing>,
    /// Whether records hold the lines that Codex printed.
    pub events: Setting<bool>,
    /// Whether nothing runs that is not recorded.
    pub required: Setting<bool>,
    /// How long and how large.
    pub limits: LimitSettings,
    /// What is redacted in addition to what looks like a secret.
    pub redact: RedactSettings,
}

/// How long and how large.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LimitSettings {
    /// The longest part of a log, in bytes.
    pub log_bytes: Setting<u64>,
    /// The longest part of a prompt, in bytes.
    pub prompt_bytes: Setting<u64>,
    /// The longest patch, in bytes.
    pub patch_bytes: Setting<u64>,
    /// The most paths in a list.
    pub paths: Setting<u64>,
    /// How long a number is tried to be claimed.
    pub claim: Setting<Duration>,
    /// How long a remote may take.
    pub remote: Setting<Duration>,
}

/// What is redacted in addition to what looks like a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RedactSettings {
    /// Variables whose values are secret, whatever their names.
    pub variables: Setting<Vec<String>>,
    /// Files of `NAME=VALUE` lines, relative to the project, whose secret-named values are secret.
    pub files: Setting<Vec<String>>,
    /// Texts that are never redacted.
    pub keep: Setting<Vec<String>>,
}

/// How far the number of a turn is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a number is unique here or on a remote")]
pub enum ClaimReach {
    /// In this repository with all its worktrees.
    Local,
    /// Wherever the same remote is used.
    Remote,
}

impl Value for ClaimReach {
    fn from_text(text: &str) -> Result<Self, String> {
        one_of(text, [("local", Self::Local), ("remote", Self::Remote)])
    }

    fn json(&self) -> Json {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
        .into()
    }
}

impl LedgerSettings {
    pub(super) fn take(sources: &mut Sources<'_>) -> Self {
        let settings = Self {
            git: sources.take("ledger.git", GitMode::default()),
            dirty: sources.take("ledger.dirty", DirtyWorktree::default()),
            claim: sources.take("ledger.claim", ClaimReach::Local),
            remote: sources.take("ledger.remote", None),
            push: sources.take("ledger.push", None),
            remote_env: sources.take("ledger.remote_env", Vec::new()),
            task: sources.take("ledger.task", None),
            initiator: sources.take("ledger.initiator", None),
            sign: sources.take("ledger.sign", Signing::default()),
            events: sources.take("ledger.events", false),
            required: sources.take("ledger.required", false),
            limits: LimitSettings::take(sources),
            redact: RedactSettings::take(sources),
        };
        if settings.claim.value == ClaimReach::Remote
            && settings.remote.value.is_none()
            && !sources.is_ignored("ledger.remote")
        {
            let problem = "is \"remote\", and `ledger.remote` names none".to_owned();
            sources.refuse(settings.claim.origin.clone(), "ledger.claim", problem);
        }
        for (key, remote) in [("ledger.remote", &settings.remote), ("ledger.push", &settings.push)] {
            if remote.value.as_deref().is_some_and(|name| !is_name(name)) {
                let problem = "must be the name of a remote, not an address: `git remote add NAME ADDRESS`, then NAME; \
                               a password belongs to a credential helper of git";
                sources.refuse(remote.origin.clone(), key, problem.to_owned());
            }
        }
        settings
    }
}

/// Whether a text can be the name of a remote: git would take anything else for an address or a path.
fn is_name(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-/".contains(letter);
    let parts = || text.split('/');
    text.chars().all(is_plain)
        && !text.starts_with('-')
        && parts().all(|part| !part.is_empty() && !part.starts_with('.'))
}

impl LimitSettings {
    fn take(sources: &mut Sources<'_>) -> Self {
        let usual = LedgerOptions::default();
        Self {
            log_bytes: sources.take("ledger.limits.log_bytes", usual.log_limit_bytes as u64),
            prompt_bytes: sources.take("ledger.limits.prompt_bytes", usual.prompt_limit_bytes as u64),
            patch_bytes: sources.take("ledger.limits.patch_bytes", usual.patch_limit_bytes),
            paths: sources.take("ledger.limits.paths", usual.paths_limit as u64),
            claim: sources.take("ledger.limits.claim", usual.claim.give_up),
            remote: sources.take("ledger.limits.remote", usual.claim.remote_limit),
        }
    }
}

impl RedactSettings {
    fn take(sources: &mut Sources<'_>) -> Self {
        Self {
            variables: sources.take("ledger.redact.variables", Vec::new()),
            files: sources.take("ledger.redact.files", vec![".env".to_owned(), ".env.*".to_owned()]),
            keep: sources.take("ledger.redact.keep", Vec::new()),
        }
    }
}
