//! [`child_environment`]: the variables of this process that a command gets, without the secrets.

use std::ffi::{OsStr, OsString};

use codex_protocol::is_secret_variable;

use super::CommandSpec;
use crate::ApiKey;

/// A shorter value is too likely to be that of another variable by chance.
const KEY_BYTES: usize = 8;

/// Begins the names of the variables that hold the tokens of host tools.
const TOOL_TOKEN: &str = "CODEX_TURNS_TOOL_TOKEN";

/// Returns what a command inherits of these variables, followed by the variables that it sets itself.
///
/// A secret is left out by its name, by a password in its value, and under any name if its value is that of the API key.
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
    let inherited = process.iter().filter(|(name, value)| {
        command.handed_over.contains(name)
            || !(command.env_removed.contains(name) || keys.contains(&value) || is_secret(name, value))
    });
    let mut environment: Vec<_> = inherited.cloned().collect();
    environment.retain(|(name, _)| !command.env.iter().any(|(set, _)| set == name));
    environment.extend(command.env.iter().cloned());
    environment
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
