//! Talks with remotes, within a limit, without a question to anybody.

use std::time::{Duration, Instant};

use super::GitCli;
use super::environment::ssh_command;
use super::process::{Call, GitOutput};
use crate::git::vcs::{PushOutcome, Refs as _, VcsError};
use crate::values::Oid;

impl GitCli {
    /// Returns the addresses that a push to a remote goes to, as git itself would rewrite them; none if the repository
    /// has no remote of this name. Contacts nothing.
    ///
    /// # Errors
    ///
    /// Git cannot be started, or takes longer than its limit.
    pub fn push_addresses(&self, remote: &str) -> Result<Vec<String>, VcsError> {
        let call = self.runner.git("ask for the addresses of a remote");
        let output = call.args(["remote", "get-url", "--push", "--all", "--", remote]).run()?;
        if output.code != Some(0) {
            return Ok(Vec::new());
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    pub(super) fn push(
        &self,
        remote: &str,
        name: &str,
        object: &Oid,
        options: &[&str],
        limit: Duration,
    ) -> Result<PushOutcome, VcsError> {
        let deadline = Instant::now() + limit;
        let call = self.without_questions(self.runner.git("push a ref"))?.limit(limit);
        let call = call.args(["push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed"]);
        let call = call.arg("--recurse-submodules=no").args(options).args(["--", remote]);
        let pushed = match call.arg(format!("{object}:{name}")).run() {
            Ok(output) => output,
            Err(error @ VcsError::TimedOut { .. }) => return Ok(PushOutcome::Unreachable(error.to_string())),
            Err(error) => return Err(error),
        };
        if is_accepted(&pushed) {
            return Ok(PushOutcome::Won);
        }
        let reason = reason(&pushed);
        // Whatever git says, only the remote knows; it gets the rest of the time, and a moment at least.
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1)).min(limit);
        let Ok(refs) = self.ls_remote(remote, name, left) else {
            return Ok(PushOutcome::Unreachable(reason));
        };
        Ok(match refs.into_iter().find(|found| found.name == name) {
            Some(found) if found.oid == *object => PushOutcome::Won,
            Some(found) => PushOutcome::Taken(found.oid),
            None if is_busy(&reason) => PushOutcome::Busy(reason),
            None => PushOutcome::Denied(reason),
        })
    }

    /// Lets a call contact a remote, and ask nothing there.
    pub(super) fn without_questions<'c>(&self, call: Call<'c>) -> Result<Call<'c>, VcsError> {
        let call = call.contacts_a_remote();
        let from_environment = std::env::var("GIT_SSH_COMMAND").ok();
        let chosen = match from_environment {
            Some(command) => command,
            // A program named there takes other options.
            None if std::env::var_os("GIT_SSH").is_some() => return Ok(call),
            None => self.setting("core.sshCommand")?.unwrap_or_default(),
        };
        Ok(match ssh_command(&chosen) {
            Some(command) => call.env("GIT_SSH_COMMAND", command),
            None => call,
        })
    }
}

/// `*\t<from>:<to>\t[new reference]` and `=\t…\t[up to date]` are yes.
fn is_accepted(output: &GitOutput) -> bool {
    let text = String::from_utf8_lossy(&output.stdout);
    output.code == Some(0)
        && text
            .lines()
            .any(|line| line.starts_with("*\t") || line.starts_with("=\t") || line.starts_with(" \t"))
}

/// What the remote says of the ref, else the last that git says.
fn reason(output: &GitOutput) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let refused =
        text.lines().filter(|line| line.starts_with("!\t")).filter_map(|line| line.rsplit('\t').next());
    let lines: Vec<&str> =
        refused.chain(output.stderr.lines().map(str::trim)).filter(|line| !line.is_empty()).collect();
    let reason = lines.join("; ");
    if reason.is_empty() { format!("git push ended with {:?}", output.code) } else { reason }
}

/// Two pushes to the same ref at the same time: the remote turns one away before the other is done.
fn is_busy(reason: &str) -> bool {
    ["stale info", "lock", "failed to update ref", "already exists", "fetch first"]
        .iter()
        .any(|word| reason.contains(word))
}
