//! [`told`]: the remotes that numbers and records go to, with their addresses, before anything is sent.

use std::path::Path;

use crate::config::{ClaimReach, Config, ConfigError, Setting};
use crate::failure::Failure;
use crate::ledger_setup::git;
use crate::render::{Line, Tone};

/// Returns a line for each remote that the settings have something sent to.
///
/// # Errors
///
/// The repository has no such remote. Git would take the name for a path then.
pub(crate) fn told(root: &Path, config: &Config) -> Result<Vec<Line>, Failure> {
    let settings = &config.ledger;
    let claims = settings.claim.value == ClaimReach::Remote;
    let uses = [
        ("ledger.remote", "numbers are claimed on", Some(&settings.remote).filter(|_| claims)),
        ("ledger.push", "records are pushed to", Some(&settings.push)),
    ];
    let named: Vec<(&str, &str, &Setting<Option<String>>, &String)> = uses
        .into_iter()
        .filter_map(|(key, words, setting)| Some((key, words, setting?, setting?.value.as_ref()?)))
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    // Without git, or outside of a repository, the ledger says so itself.
    let Ok(git) = git(config).discover(root) else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for (key, words, setting, name) in named {
        let addresses = git.push_addresses(name).unwrap_or_default();
        if addresses.is_empty() {
            return Err(Failure::Config(ConfigError::Value {
                place: setting.origin.clone(),
                key: key.to_owned(),
                problem: format!(
                    "names {name:?}, and this repository has no such remote; `git remote add {name} ADDRESS` adds it"
                ),
            }));
        }
        let addresses: Vec<String> = addresses.iter().map(|address| without_password(address)).collect();
        lines.push(Line::new(Tone::Plain, &format!("{words} {name} ({})", addresses.join(", "))));
    }
    Ok(lines)
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
