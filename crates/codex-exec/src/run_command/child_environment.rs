//! [`child_environment`]: the variables of this process that a command gets, without the secrets.

use std::ffi::{OsStr, OsString};

use codex_protocol::{GitSetting, is_secret_variable};

use super::CommandSpec;
use crate::ApiKey;

/// A shorter value is too likely to be that of another variable by chance.
const KEY_BYTES: usize = 8;

/// Begins the names of the variables that hold the tokens of host tools.
const TOOL_TOKEN: &str = "CODEX_TURNS_TOOL_TOKEN";

/// Returns what a command inherits of these variables, followed by the variables that it sets itself.
///
/// A secret is left out by its name, by the form of its value, and under any name if its value is that of the API key. A
/// setting of git's that has one is left out whole.
pub(super) fn child_environment(
    process: impl IntoIterator<Item = (OsString, OsString)>,
    command: &CommandSpec,
) -> Vec<(OsString, OsString)> {
    let process: Vec<_> = process.into_iter().collect();
    let keys: Vec<&OsString> = process
        .iter()
        .filter(|(name, value)| name == ApiKey::VARIABLE && value.len() >= KEY_BYTES)
        .map(|(_, value)| value)
        .collect();
    let is_kept = |name: &OsString, value: &OsString| {
        command.handed_over.contains(name)
            || !(command.env_removed.contains(name) || keys.contains(&value) || is_secret(name, value))
    };
    let (of_git, others): (Vec<_>, Vec<_>) =
        process.iter().cloned().partition(|(name, _)| GitSetting::has_variable(&name.to_string_lossy()));
    let mut environment: Vec<_> = others.into_iter().filter(|(name, value)| is_kept(name, value)).collect();
    environment.extend(settings_of_git(of_git, command, &keys));
    environment.retain(|(name, _)| !command.env.iter().any(|(set, _)| set == name));
    environment.extend(command.env.iter().cloned());
    environment
}

/// The settings of git's that are left, counted again.
fn settings_of_git(
    variables: Vec<(OsString, OsString)>,
    command: &CommandSpec,
    keys: &[&OsString],
) -> Vec<(OsString, OsString)> {
    let has_key = variables.iter().filter(|(_, value)| keys.contains(&value)).map(|(name, _)| name.clone());
    let has_key: Vec<OsString> = has_key.collect();
    GitSetting::retain(variables, |setting| {
        let names: Vec<OsString> = setting.names().into_iter().map(OsString::from).collect();
        let is_any = |list: &[OsString]| names.iter().any(|name| list.contains(name));
        is_any(&command.handed_over)
            || !(is_any(&command.env_removed) || is_any(&has_key) || setting.is_secret())
    })
}

fn is_secret(name: &OsStr, value: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == ApiKey::VARIABLE
        || name.starts_with(TOOL_TOKEN)
        || is_secret_variable(&name, &value.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("LANG", "C", true)]
    #[case::the_key("CODEX_API_KEY", "sk-1", false)]
    #[case::a_blank_key("CODEX_API_KEY", "", false)]
    #[case::another_key("OPENAI_API_KEY", "sk-2", false)]
    #[case::a_tool_token("CODEX_TURNS_TOOL_TOKEN_1", "x", false)]
    #[case::a_password("PGPASSWORD", "x", false)]
    #[case::a_password_in_a_url("HTTPS_PROXY", "http://ada:v3ry-s3cret@proxy:3128", false)]
    #[case::a_url("HTTPS_PROXY", "http://proxy:3128", true)]
    #[case::no_secret("MAX_TOKENS", "12", true)]
    fn a_variable_is_inherited_unless_it_is_a_secret(
        #[case] name: &str,
        #[case] value: &str,
        #[case] is_inherited: bool,
    ) {
        let child = child_environment([(name.into(), value.into())], &CommandSpec::shell("true"));
        assert_eq!(child, if is_inherited { vec![(name.into(), value.into())] } else { Vec::new() });
    }

    #[test]
    fn the_key_is_left_out_under_any_name() {
        let process = [("CODEX_API_KEY", "sk-12345"), ("COPY", "sk-12345"), ("SIMILAR", "sk-123456")];
        let process = process.map(|(name, value)| (name.into(), value.into()));
        let child = child_environment(process.clone(), &CommandSpec::shell("true"));
        assert_eq!(child, [("SIMILAR".into(), "sk-123456".into())]);
        let child = child_environment(process, &CommandSpec::shell("true").hand_over("COPY"));
        assert_eq!(child.len(), 2, "{child:?}");
    }

    #[test]
    fn a_setting_of_git_is_kept_or_left_out_whole() {
        let process = [
            ("GIT_CONFIG_COUNT", "3"),
            ("GIT_CONFIG_KEY_0", "http.https://host/.extraheader"),
            ("GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic c2VjcmV0OnNlY3JldA=="),
            ("GIT_CONFIG_KEY_1", "safe.directory"),
            ("GIT_CONFIG_VALUE_1", "*"),
            ("GIT_CONFIG_KEY_2", "user.name"),
            ("GIT_CONFIG_VALUE_2", "sk-12345"),
            ("CODEX_API_KEY", "sk-12345"),
        ];
        let process = process.map(|(name, value)| (name.into(), value.into()));
        let child = |command: &CommandSpec| child_environment(process.clone(), command);
        let safe = |number: usize| {
            let (key, value) = (format!("GIT_CONFIG_KEY_{number}"), format!("GIT_CONFIG_VALUE_{number}"));
            vec![(key.into(), "safe.directory".into()), (value.into(), "*".into())]
        };
        let count = |count: &str| vec![("GIT_CONFIG_COUNT".into(), count.into())];
        assert_eq!(child(&CommandSpec::shell("true")), [safe(0), count("1")].concat());
        let handed = child(&CommandSpec::shell("true").hand_over("GIT_CONFIG_VALUE_0"));
        assert_eq!(handed, [process[1..3].to_vec(), safe(1), count("2")].concat());
        assert_eq!(child(&CommandSpec::shell("true").env_remove("GIT_CONFIG_VALUE_1")), []);
    }

    #[test]
    fn what_the_caller_says_wins() {
        let process = [("A_TOKEN", "a"), ("B_TOKEN", "b"), ("LANG", "C"), ("TERM", "x")];
        let command = CommandSpec::shell("true")
            .env_remove("A_TOKEN")
            .hand_over("A_TOKEN")
            .env_remove("LANG")
            .env("TERM", "dumb")
            .env("C_TOKEN", "c");
        let child = child_environment(process.map(|(name, value)| (name.into(), value.into())), &command);
        let expected = [("A_TOKEN", "a"), ("TERM", "dumb"), ("C_TOKEN", "c")];
        assert_eq!(child, expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn a_secret_that_is_not_utf8_is_left_out() {
        let value = OsString::from_vec(vec![0xff, 0xfe]);
        let name = OsString::from_vec(b"\xff_TOKEN".to_vec());
        let child = child_environment(
            [("MY_TOKEN".into(), value.clone()), (name, value)],
            &CommandSpec::shell("true"),
        );
        assert!(child.is_empty(), "{child:?}");
    }
}
