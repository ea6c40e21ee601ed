//! HEAD, branches and settings.

use super::GitCli;
use crate::Oid;
use crate::vcs::{Identity, VcsError};

impl GitCli {
    /// What a revision names; `None` if it names nothing.
    pub(super) fn resolve(&self, revision: &str) -> Result<Option<Oid>, VcsError> {
        const STEP: &str = "look up a revision";
        let call = self.runner.git(STEP).args(["rev-parse", "--quiet", "--verify", "--end-of-options"]);
        let output = call.arg(revision).run()?;
        match output.code {
            Some(0) => self.oid(&output.stdout, STEP).map(Some),
            // Git says nothing where there is nothing, and something where something is wrong.
            Some(1 | 128)
                if output.stderr.is_empty() || output.stderr.contains("Needed a single revision") =>
            {
                Ok(None)
            }
            _ => Err(output.failed()),
        }
    }

    pub(super) fn current_branch(&self) -> Result<Option<String>, VcsError> {
        let output = self.runner.git("read HEAD").args(["symbolic-ref", "--quiet", "HEAD"]).run()?;
        match output.code {
            Some(0) => {
                let name = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
                Ok(Some(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned()))
            }
            Some(1) => Ok(None),
            _ => Err(output.failed()),
        }
    }

    pub(super) fn config_value(&self, key: &str) -> Result<Option<String>, VcsError> {
        let output =
            self.runner.git("read the configuration").args(["config", "--null", "--get", key]).run()?;
        match output.code {
            Some(0) => {
                let text = String::from_utf8_lossy(&output.stdout).trim_end_matches('\0').to_owned();
                Ok((!text.is_empty()).then_some(text))
            }
            Some(1) => Ok(None),
            _ => Err(output.failed()),
        }
    }

    /// Both in one start of git; the last value of each counts.
    pub(super) fn configured_identity(&self) -> Result<Option<Identity>, VcsError> {
        let call = self.runner.git("read the configuration");
        let output = call.args(["config", "--null", "--get-regexp", r"^user\.(name|email)$"]).run()?;
        if !matches!(output.code, Some(0 | 1)) {
            return Err(output.failed());
        }
        let (mut name, mut email) = (None, None);
        for setting in String::from_utf8_lossy(&output.stdout).split('\0') {
            match setting.split_once('\n') {
                Some(("user.name", value)) => name = Some(value.to_owned()),
                Some(("user.email", value)) => email = Some(value.to_owned()),
                _ => {}
            }
        }
        let is_set = |value: &String| !value.is_empty();
        Ok(name.filter(is_set).zip(email.filter(is_set)).map(|(name, email)| Identity::new(name, email)))
    }

    pub(super) fn is_shallow_clone(&self) -> Result<bool, VcsError> {
        let call = self.runner.git("look at the history").args(["rev-parse", "--is-shallow-repository"]);
        Ok(call.succeed()?.trim_ascii() == b"true")
    }

    pub(super) fn point_head_at(&self, branch_ref: &str) -> Result<(), VcsError> {
        let call = self.runner.git("switch the branch").args(["symbolic-ref", "-m", "turn", "HEAD"]);
        call.arg(branch_ref).succeed().map(drop)
    }

    /// Reads an object id that git printed.
    pub(super) fn oid(&self, bytes: &[u8], step: &'static str) -> Result<Oid, VcsError> {
        let oid = Oid::from_bytes(bytes.trim_ascii());
        let oid = oid.map_err(|error| VcsError::Unreadable { step, reason: error.to_string() })?;
        if oid.as_str().len() == self.empty_tree.as_str().len() {
            Ok(oid)
        } else {
            Err(VcsError::Unreadable { step, reason: format!("{oid} is of another kind of repository") })
        }
    }
}
