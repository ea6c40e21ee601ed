//! Talks with remotes, within a limit, without a question to anybody.

use std::time::{Duration, Instant};

use super::GitCli;
use super::environment::ssh_command;
use super::process::{Call, GitOutput};
use crate::git::vcs::{PushOutcome, RefEntry, VcsError};

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

    /// Pushes refs by one push. The outcomes are in the order of the refs. If one was not taken, the remote is asked for it,
    /// and for its refs that match a pattern; they come with the outcomes.
    pub(super) fn push(
        &self,
        remote: &str,
        refs: &[RefEntry],
        patterns: &[String],
        options: &[&str],
        limit: Duration,
    ) -> Result<(Vec<PushOutcome>, Vec<RefEntry>), VcsError> {
        let deadline = Instant::now() + limit;
        let call = self.without_questions(self.runner.git("push a ref"))?.limit(limit);
        let call = call.args(["push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed"]);
        let call = call.arg("--recurse-submodules=no").args(options).args(["--", remote]);
        let pushed = match call.args(refs.iter().map(|it| format!("{}:{}", it.oid, it.name))).run() {
            Ok(output) => output,
            Err(error @ VcsError::TimedOut { .. }) => {
                return Ok((vec![PushOutcome::Unreachable(error.to_string()); refs.len()], Vec::new()));
            }
            Err(error) => return Err(error),
        };
        let answers = PushAnswers::read(&pushed);
        let open = refs.iter().filter(|it| !answers.accepts(&it.name)).map(|it| it.name.clone());
        let mut asked: Vec<String> = open.collect();
        if asked.is_empty() {
            return Ok((vec![PushOutcome::Won; refs.len()], Vec::new()));
        }
        asked.extend_from_slice(patterns);
        // Whatever git says, only the remote knows; it gets the rest of the time, and a moment at least.
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1)).min(limit);
        let there = self.ls_remote_all(remote, &asked, left).ok();
        let outcomes = refs.iter().map(|it| answers.outcome(it, there.as_deref())).collect();
        Ok((outcomes, there.unwrap_or_default()))
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

/// What `git push --porcelain` says of each ref: `<flag>\t<from>:<to>\t<summary>`.
struct PushAnswers {
    accepted: Vec<String>,
    refused: Vec<(String, String)>,
    /// Standard error, or that git ended without a word.
    words: String,
}

impl PushAnswers {
    fn read(output: &GitOutput) -> Self {
        let text = String::from_utf8_lossy(&output.stdout);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let mut parts = line.splitn(3, '\t');
            let (Some(flag), Some(refs), Some(summary)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let name = refs.rsplit(':').next().unwrap_or_default().to_owned();
            match flag {
                "*" | "=" | " " => accepted.push(name),
                "!" => refused.push((name, summary.to_owned())),
                _ => {}
            }
        }
        // A git that fails and refuses nothing has not told all: its yes may be too early.
        if output.code != Some(0) && refused.is_empty() {
            accepted.clear();
        }
        let lines: Vec<&str> = output.stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut words = lines.join("; ");
        if words.is_empty() && refused.is_empty() {
            words = format!("git push ended with {:?}", output.code);
        }
        Self { accepted, refused, words }
    }

    fn accepts(&self, name: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted == name)
    }

    fn outcome(&self, pushed: &RefEntry, there: Option<&[RefEntry]>) -> PushOutcome {
        if self.accepts(&pushed.name) {
            return PushOutcome::Won;
        }
        let said = self.refused.iter().find(|(name, _)| *name == pushed.name).map(|(_, said)| said.as_str());
        let words = [said.unwrap_or_default(), &self.words];
        let reason = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
        let Some(there) = there else { return PushOutcome::Unreachable(reason) };
        match there.iter().find(|found| found.name == pushed.name) {
            Some(found) if found.oid == pushed.oid => PushOutcome::Won,
            Some(found) => PushOutcome::Taken(found.oid.clone()),
            None if is_busy(&reason) => PushOutcome::Busy(reason),
            None => PushOutcome::Denied(reason),
        }
    }
}

/// Two pushes to the same ref at the same time: the remote turns one away before the other is done.
fn is_busy(reason: &str) -> bool {
    ["stale info", "lock", "failed to update ref", "already exists", "fetch first"]
        .iter()
        .any(|word| reason.contains(word))
}
