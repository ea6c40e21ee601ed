//! Looks up revisions and settings.

use super::GitCli;
use crate::git::vcs::VcsError;
use crate::values::Oid;

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

    /// A value of git's configuration; the last one where there are several.
    pub(super) fn setting(&self, key: &str) -> Result<Option<String>, VcsError> {
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
