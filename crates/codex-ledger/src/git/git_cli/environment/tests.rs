//! What git inherits, row by row.

use std::ffi::OsString;

use rstest::rstest;

use super::{GitReach, Inheritance, ssh_command};

fn inherited(reach: GitReach, variables: &[(&str, &str)]) -> Vec<String> {
    let inheritance = Inheritance { hidden: vec!["INNER".into()], remote: vec!["GH_TOKEN".into()] };
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let kept = inheritance.select(reach, variables.collect());
    kept.into_iter().map(|(name, value)| format!("{}={}", name.display(), value.display())).collect()
}

#[rstest]
#[case("GIT_DIR", "/x", false, false)]
#[case("GIT_INDEX_FILE", "/x", false, false)]
#[case("GIT_EXTERNAL_DIFF", "/x", false, false)]
#[case("GIT_LITERAL_PATHSPECS", "1", false, false)]
#[case("GIT_TRACE", "1", false, false)]
#[case("GIT_CONFIG_GLOBAL", "/x", true, true)]
#[case("GIT_SSH_COMMAND", "ssh -i key", false, true)]
#[case("GIT_PROXY_COMMAND", "/x", false, true)]
#[case("HOME", "/x", true, true)]
#[case("SSH_AUTH_SOCK", "/x", true, true)]
#[case("CODEX_API_KEY", "sk", false, false)]
#[case("OPENAI_API_KEY", "sk", false, false)]
#[case("GH_TOKEN", "t", false, true)]
#[case("GITLAB_TOKEN", "t", false, false)]
#[case("INNER", "value", false, false)]
#[case("DATABASE", "postgres://a:secret@db/x", false, false)]
#[case("HTTPS_PROXY", "http://proxy:3128", true, true)]
#[case("HTTPS_PROXY", "http://ada:secret@proxy:3128", false, true)]
#[case("all_proxy", "socks5h://ada:secret@proxy", false, true)]
fn a_variable_reaches_the_calls_that_need_it(
    #[case] name: &str,
    #[case] value: &str,
    #[case] local: bool,
    #[case] remote: bool,
) {
    let is_kept = |reach| !inherited(reach, &[(name, value)]).is_empty();
    assert_eq!((is_kept(GitReach::Local), is_kept(GitReach::Remote)), (local, remote));
}

#[test]
fn a_setting_with_a_password_is_for_remotes_and_the_others_are_counted_again() {
    let variables = [
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "http.https://github.com/.extraHeader"),
        ("GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic c2VjcmV0"),
        ("GIT_CONFIG_KEY_1", "safe.directory"),
        ("GIT_CONFIG_VALUE_1", "*"),
        ("GIT_CONFIG_KEY_2", "url.https://a:b@host/.insteadOf"),
        ("GIT_CONFIG_VALUE_2", "https://host/"),
        ("GIT_CONFIG_KEY_3", "beyond.the"),
        ("GIT_CONFIG_VALUE_3", "count"),
    ];
    let local = ["GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "GIT_CONFIG_COUNT=1"];
    assert_eq!(inherited(GitReach::Local, &variables), local);
    let remote = inherited(GitReach::Remote, &variables);
    assert_eq!((remote.len(), remote.last().unwrap().as_str()), (7, "GIT_CONFIG_COUNT=3"));
}

#[test]
fn parameters_of_a_git_above_us_are_for_remotes_if_they_name_one() {
    let header = [("GIT_CONFIG_PARAMETERS", "'http.extraheader'='AUTHORIZATION: bearer x'")];
    assert_eq!(inherited(GitReach::Local, &header), Vec::<String>::new());
    assert_eq!(inherited(GitReach::Remote, &header).len(), 1);
    assert_eq!(inherited(GitReach::Local, &[("GIT_CONFIG_PARAMETERS", "'user.name'='A'")]).len(), 1);
}

#[test]
fn programs_are_not_looked_for_where_the_agent_writes() {
    assert_eq!(inherited(GitReach::Local, &[("PATH", ".:/bin")]), ["PATH=/bin"]);
}

#[rstest]
#[case("", Some("ssh -o BatchMode=yes -o ConnectTimeout=8"))]
#[case("/usr/bin/ssh -i key", Some("/usr/bin/ssh -i key -o BatchMode=yes -o ConnectTimeout=8"))]
#[case("plink -batch", None)]
fn ssh_asks_nothing(#[case] chosen: &str, #[case] command: Option<&str>) {
    assert_eq!(ssh_command(chosen).as_deref(), command);
}
