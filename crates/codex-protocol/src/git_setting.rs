//! [`GitSetting`]: a setting of git's in the environment, which counts only as a whole.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::secret_name::is_secret_name;
use crate::secret_value::is_secret_variable;

const COUNT: &str = "GIT_CONFIG_COUNT";
const KEY: &str = "GIT_CONFIG_KEY_";
const VALUE: &str = "GIT_CONFIG_VALUE_";
const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";

/// The beginnings of keys that say how to reach a remote: headers and passwords of a CI lie there.
const OF_REMOTES: &[&str] = &["credential.", "http.", "https.", "remote.", "url."];

/// Variables of an environment.
type Variables = Vec<(OsString, OsString)>;

/// A setting that the variables `GIT_CONFIG_KEY_<n>` and `GIT_CONFIG_VALUE_<n>` hold, or all settings that
/// `GIT_CONFIG_PARAMETERS` holds.
///
/// Every git fails if it is told of a setting whose value was withheld, so that an environment keeps or loses it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitSetting {
    /// One setting.
    #[non_exhaustive]
    One {
        /// Its number in the environment that it was taken from.
        number: usize,
        /// Its name, such as `http.extraHeader`.
        key: OsString,
        /// What it is set to.
        value: OsString,
    },
    /// The settings of the git that started this process, in git's own quotes.
    Parameters(OsString),
}

impl GitSetting {
    /// Returns the variables without the settings that are not to be kept; those that are kept come last, and are counted
    /// again.
    ///
    /// ```
    /// use codex_protocol::GitSetting;
    ///
    /// let all = [
    ///     ("GIT_CONFIG_COUNT", "2"),
    ///     ("GIT_CONFIG_KEY_0", "http.https://github.com/.extraHeader"),
    ///     ("GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic c2VjcmV0OnNlY3JldA=="),
    ///     ("GIT_CONFIG_KEY_1", "safe.directory"),
    ///     ("GIT_CONFIG_VALUE_1", "*"),
    /// ];
    /// let all = all.map(|(name, value)| (name.into(), value.into()));
    /// let kept = GitSetting::retain(all, |setting| !setting.is_secret());
    /// let expected =
    ///     [("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*"), ("GIT_CONFIG_COUNT", "1")];
    /// assert_eq!(kept, expected.map(|(name, value)| (name.into(), value.into())));
    /// ```
    pub fn retain(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        mut is_kept: impl FnMut(&Self) -> bool,
    ) -> Vec<(OsString, OsString)> {
        let (settings, mut variables) = split(variables);
        variables.extend(join(settings.into_iter().filter(|setting| is_kept(setting))));
        variables
    }

    /// Whether a variable of this name holds a part of a setting, or how many there are.
    pub fn has_variable(name: &str) -> bool {
        name == COUNT || name == PARAMETERS || name.starts_with(KEY) || name.starts_with(VALUE)
    }

    /// The names of the variables that held it.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::One { number, .. } => vec![format!("{KEY}{number}"), format!("{VALUE}{number}")],
            Self::Parameters(_) => vec![PARAMETERS.to_owned()],
        }
    }

    /// Whether it holds a secret: by the last part of its name, in its name as in `url.https://user:password@host/.insteadOf`,
    /// or by the form of its value. What holds several settings does if one of them may.
    pub fn is_secret(&self) -> bool {
        match self {
            Self::One { key, value, .. } => {
                let (key, value) = (key.to_string_lossy(), value.to_string_lossy());
                let name = key.rsplit('.').next().unwrap_or_default();
                is_secret_name(name) || is_secret_variable("", &key) || is_secret_variable("", &value)
            }
            Self::Parameters(all) => self.is_of_remotes() || is_secret_variable("", &all.to_string_lossy()),
        }
    }

    /// Whether only a call that contacts a remote needs it, or it may be a secret.
    pub fn is_of_remotes(&self) -> bool {
        match self {
            Self::One { key, .. } => {
                let key = key.to_string_lossy().to_ascii_lowercase();
                OF_REMOTES.iter().any(|begin| key.starts_with(begin)) || self.is_secret()
            }
            Self::Parameters(all) => {
                let all = all.to_string_lossy().to_ascii_lowercase();
                all.contains("://") || OF_REMOTES.iter().any(|begin| all.contains(begin))
            }
        }
    }
}

/// Takes the settings out of an environment.
fn split(variables: impl IntoIterator<Item = (OsString, OsString)>) -> (Vec<GitSetting>, Variables) {
    let (mut keys, mut values) = (BTreeMap::new(), BTreeMap::new());
    let (mut settings, mut others, mut count) = (Vec::new(), Vec::new(), 0);
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
            settings.push(GitSetting::Parameters(value));
        } else {
            others.push((name, value));
        }
    }
    let within = keys.into_iter().take_while(|(number, _)| *number < count);
    settings.extend(
        within.filter_map(|(number, key)| {
            Some(GitSetting::One { number, key, value: values.remove(&number)? })
        }),
    );
    (settings, others)
}

/// The variables that hold these settings.
fn join(settings: impl Iterator<Item = GitSetting>) -> Variables {
    let (mut variables, mut count) = (Vec::new(), 0_usize);
    for setting in settings {
        match setting {
            GitSetting::One { key, value, .. } => {
                variables.push((format!("{KEY}{count}").into(), key));
                variables.push((format!("{VALUE}{count}").into(), value));
                count += 1;
            }
            GitSetting::Parameters(all) => variables.push((PARAMETERS.into(), all)),
        }
    }
    if count > 0 {
        variables.push((COUNT.into(), count.to_string().into()));
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::GitSetting;

    #[test]
    fn a_setting_is_secret_by_name_address_or_form() {
        let is_secret = |key: &str, value: &str| {
            GitSetting::One { number: 0, key: key.into(), value: value.into() }.is_secret()
        };
        for (key, value) in [
            ("http.https://github.com/.extraheader", "AUTHORIZATION: basic c2VjcmV0OnNlY3JldA=="),
            ("url.https://ada:x@host/.insteadOf", "https://host/"),
            ("remote.origin.url", "https://ada:x@host/a.git"),
            ("sendemail.smtpPass", "x"),
            ("github.token", "x"),
        ] {
            assert!(is_secret(key, value), "{key}");
        }
        for (key, value) in [
            ("safe.directory", "*"),
            ("credential.helper", "store"),
            ("user.signingkey", "ABCD"),
            ("http.proxy", "http://proxy:3128"),
        ] {
            assert!(!is_secret(key, value), "{key}");
        }
        let parameters = |text: &str| GitSetting::Parameters(text.into()).is_secret();
        assert!(parameters("'http.extraheader'='AUTHORIZATION: bearer x'"));
        assert!(!parameters("'user.name'='A'"));
    }
}
