//! The remotes that numbers and records are sent to, with their addresses.

use super::Project;
use crate::notice::ProjectNotice;
use crate::runner_error::RunnerError;
use crate::settings::{ClaimReach, Setting, SettingsError};

impl Project {
    /// Returns a notice for each remote that the settings have something sent to.
    ///
    /// # Errors
    ///
    /// The repository has no such remote. Git would take the name for a path then.
    pub fn remotes(&self) -> Result<Vec<ProjectNotice>, RunnerError> {
        let ledger = &self.settings.ledger;
        let mut notices = Vec::new();
        if ledger.claim.value == ClaimReach::Remote
            && let Some((remote, addresses)) = self.addresses("ledger.remote", &ledger.remote)?
        {
            notices.push(ProjectNotice::ClaimsOn { remote, addresses });
        }
        if let Some((remote, addresses)) = self.addresses("ledger.push", &ledger.push)? {
            notices.push(ProjectNotice::PushesTo { remote, addresses });
        }
        Ok(notices)
    }

    /// Returns the name and the addresses of a remote; nothing if the setting names none.
    fn addresses(
        &self,
        key: &str,
        setting: &Setting<Option<String>>,
    ) -> Result<Option<(String, Vec<String>)>, RunnerError> {
        let Some(name) = &setting.value else { return Ok(None) };
        // Without git, or outside of a repository, the ledger says so itself.
        let Ok(git) = self.git().discover(self.root()) else { return Ok(None) };
        let addresses = git.push_addresses(name).unwrap_or_default();
        if addresses.is_empty() {
            return Err(RunnerError::Settings(SettingsError::Value {
                place: setting.origin.clone(),
                key: key.to_owned(),
                problem: format!(
                    "names {name:?}, and this repository has no such remote; `git remote add {name} ADDRESS` adds it"
                ),
            }));
        }
        Ok(Some((name.clone(), addresses.iter().map(|address| without_password(address)).collect())))
    }
}

/// An address without what could be a password or a token: of a URL, whatever stands before the `@` of its host.
fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_are_not_shown() {
        for (address, shown) in [
            ("https://ada:s3cret@host/x.git", "https://host/x.git"),
            ("https://ghp_token@host:8443/x@y", "https://host:8443/x@y"),
            ("https://ada:a@b@host", "https://host"),
            ("ssh://git@host/x", "ssh://host/x"),
            ("git@host:x.git", "git@host:x.git"),
            ("https://host/a@b", "https://host/a@b"),
            ("/srv/x.git", "/srv/x.git"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }
}
