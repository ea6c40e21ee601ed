//! [`Pair`]: a setting of git's that the environment holds.

use std::collections::BTreeMap;
use std::ffi::OsString;

use codex_protocol::is_secret_variable;

const COUNT: &str = "GIT_CONFIG_COUNT";
const KEY: &str = "GIT_CONFIG_KEY_";
const VALUE: &str = "GIT_CONFIG_VALUE_";
const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";

/// The beginnings of keys that say how to reach a remote: headers and passwords of a CI lie there.
const OF_REMOTES: &[&str] = &["credential.", "http.", "https.", "remote.", "url."];

/// A setting that `GIT_CONFIG_KEY_<n>` and `GIT_CONFIG_VALUE_<n>` name, or all settings of the git that started us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pair {
    Setting(OsString, OsString),
    Parameters(OsString),
}

impl Pair {
    /// Whether only a call that contacts a remote needs it, or it may be a secret.
    pub(super) fn is_of_remotes(&self) -> bool {
        match self {
            Self::Setting(key, value) => {
                let key = key.to_string_lossy().to_ascii_lowercase();
                OF_REMOTES.iter().any(|begin| key.starts_with(begin))
                    || is_secret_variable(&key, &value.to_string_lossy())
            }
            // Several settings in one, in git's own quotes.
            Self::Parameters(all) => {
                let all = all.to_string_lossy().to_ascii_lowercase();
                all.contains("://") || OF_REMOTES.iter().any(|begin| all.contains(begin))
            }
        }
    }
}

type Variables = Vec<(OsString, OsString)>;

/// Takes the settings out of an environment.
pub(super) fn split(variables: Variables) -> (Vec<Pair>, Variables) {
    let (mut keys, mut values) = (BTreeMap::new(), BTreeMap::new());
    let (mut pairs, mut others, mut count) = (Vec::new(), Vec::new(), 0);
    for (name, value) in variables {
        let text = name.to_string_lossy();
        let number = |begin: &str| text.strip_prefix(begin)?.parse::<usize>().ok();
        if text == COUNT {
            count = value.to_string_lossy().trim().parse().unwrap_or(0);
        } else if let Some(number) = number(KEY) {
            keys.insert(number, value);
        } else if let Some(number) = number(VALUE) {
            values.insert(number, value);
        } else if text == PARAMETERS {
            pairs.push(Pair::Parameters(value));
        } else {
            others.push((name, value));
        }
    }
    let within = keys.into_iter().take_while(|(number, _)| *number < count);
    pairs.extend(within.filter_map(|(number, key)| Some(Pair::Setting(key, values.remove(&number)?))));
    (pairs, others)
}

/// The variables that name these settings.
pub(super) fn join(pairs: impl Iterator<Item = Pair>) -> Variables {
    let (mut variables, mut count) = (Vec::new(), 0_usize);
    for pair in pairs {
        match pair {
            Pair::Setting(key, value) => {
                variables.push((format!("{KEY}{count}").into(), key));
                variables.push((format!("{VALUE}{count}").into(), value));
                count += 1;
            }
            Pair::Parameters(all) => variables.push((PARAMETERS.into(), all)),
        }
    }
    if count > 0 {
        variables.push((COUNT.into(), count.to_string().into()));
    }
    variables
}
