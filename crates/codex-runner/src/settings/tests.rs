//! Tests of settings: who wins, and what is said of what is wrong.

use std::fs;

use rstest::rstest;

use super::trust_rule::TrustRule;
use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let set = |environment: Environment, (name, value): &(&str, &str)| environment.variable(*name, *value);
    variables.iter().fold(Environment::empty(), set)
}

fn load(
    file: Option<&str>,
    variables: &[(&str, &str)],
    flags: Vec<SettingFlag>,
) -> Result<Settings, SettingsError> {
    believed(Belief::Trusted, file, variables, flags)
}

fn believed(
    belief: Belief,
    file: Option<&str>,
    variables: &[(&str, &str)],
    flags: Vec<SettingFlag>,
) -> Result<Settings, SettingsError> {
    let project = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        fs::write(project.path().join(FILE_NAME), text).unwrap();
    }
    let file = SettingsFile::of_project(&fs::canonicalize(project.path()).unwrap())?;
    Settings::load(file, belief, &environment(variables), flags)
}

fn shown(config: &Settings, key: &str) -> String {
    let found = config.shown.iter().find(|shown| shown.key == key).unwrap();
    format!("{} from {}", found.value, found.origin)
}

#[test]
fn everything_has_a_default() {
    let config = load(None, &[], Vec::new()).unwrap();
    let lines: Vec<String> = config
        .shown
        .iter()
        .map(|shown| format!("{} = {} ({})", shown.key, shown.value, shown.variable))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert!(config.shown.iter().all(|shown| shown.origin == Origin::Default));
}

#[rstest]
#[case("make > out.log", "make >")]
#[case("a 2>&1 >>b c", "a 2> > c")]
#[case("a >b;./c", "a >;./c")]
#[case("a", "a")]
fn files_that_a_script_writes_are_not_named(#[case] script: &str, #[case] expected: &str) {
    let words = CheckCommand::Shell(script.to_owned()).words();
    assert_eq!(words.replace(">>", ">"), expected);
}

/// The table that a reviewer of a new setting reads.
#[test]
fn every_setting_says_whether_it_needs_trust() {
    let config = load(None, &[], Vec::new()).unwrap();
    let rule = |key: &str| {
        let rule = TrustRule::known(key).unwrap_or_else(|| panic!("{key} is missing in trust_rule.rs"));
        format!("{key}: {rule:?}")
    };
    let lines: Vec<String> = config.shown.iter().map(|shown| rule(&shown.key)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn without_trust_only_what_limits_reports_or_tightens_counts() {
    let file = "[run]\nsandbox = \"workspace-write\"\ntimeout = \"1m\"\n\
                [ledger]\npush = \"origin\"\nclaim = \"remote\"\nremote = \"origin\"\nrequired = true\n\
                [ledger.limits]\npaths = 7\nlog_bytes = 99999999\n\
                [tests]\ncommand = \"make\"\nreport = \"a.xml\"\ngate = true\n";
    let config = believed(Belief::Untrusted, Some(file), &[], Vec::new()).unwrap();
    let ignored: Vec<&str> = config.ignored().iter().map(|claimed| claimed.key.as_str()).collect();
    let expected = [
        "run.sandbox",
        "ledger.claim",
        "ledger.remote",
        "ledger.push",
        "ledger.limits.log_bytes",
        "tests.command",
    ];
    assert_eq!(ignored, expected);
    for (key, expected) in [
        ("run.sandbox", "null from default"),
        ("run.timeout", "\"1m\" from codex-turns.toml:3"),
        ("ledger.push", "null from default"),
        ("ledger.claim", "\"local\" from default"),
        ("ledger.required", "true from codex-turns.toml:8"),
        ("ledger.limits.paths", "7 from codex-turns.toml:10"),
        ("tests.command", "null from default"),
        ("tests.report", "[\"a.xml\"] from codex-turns.toml:14"),
        ("tests.gate", "true from codex-turns.toml:15"),
    ] {
        assert_eq!(shown(&config, key), expected, "{key}");
    }
}

#[test]
fn a_flag_or_a_variable_needs_no_trust() {
    let file = "[run]\nmodel = \"theirs\"\n[tests]\ncommand = \"theirs\"\n";
    let variables = [("CODEX_TURNS_TESTS_COMMAND", "mine")];
    let flag = SettingFlag::new("run.model", "-m", "mine");
    let config = believed(Belief::Untrusted, Some(file), &variables, vec![flag]).unwrap();
    assert_eq!(shown(&config, "tests.command"), "\"mine\" from CODEX_TURNS_TESTS_COMMAND");
    assert_eq!(shown(&config, "run.model"), "\"mine\" from -m");
    assert!(config.ignored().is_empty(), "{:?}", config.ignored());
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let file = "[ledger]\ngit = \"branch\"\ntask = \"from the file\"\n\n[run]\nmodel = \"m\"\n";
    let variables =
        [("CODEX_TURNS_LEDGER_GIT", "record"), ("CODEX_TURNS_LEDGER_TASK", "from the environment")];
    let flag = SettingFlag::new("ledger.git", "--git", "commit");
    let config = load(Some(file), &variables, vec![flag]).unwrap();
    assert_eq!(shown(&config, "ledger.git"), "\"commit\" from --git");
    assert_eq!(shown(&config, "ledger.task"), "\"from the environment\" from CODEX_TURNS_LEDGER_TASK");
    assert_eq!(shown(&config, "run.model"), "\"m\" from codex-turns.toml:6");
    assert_eq!(shown(&config, "ledger.events"), "false from default");
    assert_eq!(config.ledger.git.value, codex_ledger::GitMode::Commit);
}

#[test]
fn a_command_is_a_text_for_the_shell_or_a_list_without_one() {
    let file = "[tests]\ncommand = \"make test | tail\"\nreport = [\"a.xml\", \"b/*.xml\"]\n\
                [lint]\ncommand = [\"make\", \"lint\"]\nlimit = \"1m 30s\"\ngate = true\n";
    let config = load(Some(file), &[], Vec::new()).unwrap();
    assert_eq!(config.tests.command.value, Some(CheckCommand::Shell("make test | tail".to_owned())));
    assert_eq!(config.tests.report.value, ["a.xml", "b/*.xml"]);
    let words = ["make", "lint"].map(str::to_owned).to_vec();
    assert_eq!(config.lint.command.value, Some(CheckCommand::Plain(words)));
    assert_eq!((config.lint.limit.value.as_secs(), config.lint.gate.value), (90, true));
}

#[test]
fn an_empty_variable_and_a_variable_of_another_name_set_nothing() {
    let variables =
        [("CODEX_TURNS_RUN_MODEL", ""), ("CODEX_TURNS_LOG", "debug"), ("CODEX_TURNS_RUN_0f", "1")];
    let config = load(None, &variables, Vec::new()).unwrap();
    assert_eq!(shown(&config, "run.model"), "null from default");
}

#[rstest]
#[case::unknown_key("[ledger]\ngit = \"record\"\n\n[tests]\ncomand = \"make\"\n")]
#[case::unknown_key_with_dashes("run.idle-timeout = \"5m\"\n")]
#[case::unknown_table("[test]\ncommand = \"make\"\n")]
#[case::unknown_empty_table("[ledgers]\n")]
#[case::unlike_anything("[ledger]\nqqq = 1\n")]
#[case::the_first_unknown_key("[zzz]\nb = 1\na = 2\n")]
#[case::an_unknown_key_beside_an_empty_table("[tests]\n[lint]\nx = 1\n")]
#[case::no_table("tests = \"make\"\n")]
#[case::syntax("[ledger]\ngit = record\n")]
#[case::twice("[ledger]\ngit = \"record\"\ngit = \"commit\"\n")]
#[case::wrong_word("[ledger]\n\ngit = \"Commit\"\n")]
#[case::wrong_sandbox("[run]\nsandbox = \"full\"\n")]
#[case::number_in_quotes("[ledger.limits]\nlog_bytes = \"1MiB\"\n")]
#[case::nothing_at_all("[ledger.limits]\npaths = 0\n")]
#[case::negative("[ledger.limits]\npaths = -1\n")]
#[case::no_unit("[tests]\ncommand = \"make\"\nlimit = \"90\"\n")]
#[case::limit_without_quotes("[tests]\ncommand = \"make\"\nlimit = 90\n")]
#[case::truth_in_quotes("[ledger]\nevents = \"true\"\n")]
#[case::empty_command("[tests]\ncommand = \"  \"\n")]
#[case::empty_list("[tests]\ncommand = []\n")]
#[case::list_of_numbers("[tests]\ncommand = [\"make\", 3]\n")]
#[case::report_without_command("[tests]\nreport = \"junit.xml\"\n")]
#[case::coverage_of_nothing("[coverage]\nreport = \"lcov.info\"\n")]
#[case::gate_without_command("[lint]\ngate = true\n")]
#[case::report_elsewhere("[tests]\ncommand = \"make\"\nreport = \"../junit.xml\"\n")]
#[case::report_at_the_root("[tests]\ncommand = \"make\"\nreport = [\"a.xml\", \"/tmp/junit.xml\"]\n")]
#[case::broken_pattern("[tests]\ncommand = \"make\"\nreport = \"a/***/b.xml\"\n")]
#[case::remote_without_a_name("[ledger]\nclaim = \"remote\"\n")]
#[case::password_of_a_remote(
    "[ledger]\nclaim = \"remote\"\nremote = \"https://ada:s3cret@localhost/x.git\"\n"
)]
#[case::token_of_a_remote("[ledger]\npush = \"https://x-access-token-0123456789@localhost/x.git\"\n")]
fn what_is_wrong_is_said_with_its_line(#[case] file: &str) {
    let error = load(Some(file), &[], Vec::new()).unwrap_err();
    let thread = std::thread::current();
    let case = thread.name().unwrap().rsplit("::").next().unwrap();
    // A case has the same name wherever it stands.
    let name = case
        .trim_start_matches("case_")
        .trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '_');
    insta::with_settings!({ snapshot_suffix => name, omit_expression => true }, {
        insta::assert_snapshot!(format!("{file}\n{error}"));
    });
}

#[test]
fn a_report_of_coverage_may_come_from_the_tests() {
    let file = "[tests]\ncommand = \"make\"\n[coverage]\nreport = \"lcov.info\"\n";
    assert!(load(Some(file), &[], Vec::new()).is_ok());
}

#[test]
fn a_wrong_variable_and_a_wrong_flag_are_named() {
    let error = load(None, &[("CODEX_TURNS_LEDGER_EVENTS", "yes")], Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "CODEX_TURNS_LEDGER_EVENTS: `ledger.events` must be true or false");
    let flag = SettingFlag::new("ledger.task", "--task", " ");
    let error = load(None, &[], vec![flag]).unwrap_err();
    assert_eq!(error.to_string(), "--task: `ledger.task` must not be empty");
}

#[test]
fn a_key_that_nobody_knows_is_named_wherever_it_is_set() {
    let flag = SettingFlag::new("tests.comand", "--tests", "make");
    let error = load(None, &[], vec![flag]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "--tests: there is no setting `tests.comand`; the nearest is `tests.command`"
    );
    let error = load(None, &[("CODEX_TURNS_RUN_MODLE", "gpt-5")], Vec::new()).unwrap_err();
    let sentence = "CODEX_TURNS_RUN_MODLE: there is no setting `run.modle`; the nearest is `run.model`";
    assert_eq!(error.to_string(), sentence);
    // Those that set something else, or mark a start of Codex, are no mistake.
    let others =
        ["CODEX_TURNS_LOG", "CODEX_TURNS_TRUST", "CODEX_TURNS_TOOL_TOKEN_1", "CODEX_TURNS_RUN_5e_0123abcd"];
    assert!(load(None, &others.map(|name| (name, "1")), Vec::new()).is_ok());
}

#[test]
fn a_command_that_nobody_has_trusted_is_ignored_and_no_other_is() {
    let file = Some("[tests]\ncommand = \"make\"\n");
    let untrusted = believed(Belief::Untrusted, file, &[], Vec::new()).unwrap();
    assert!(untrusted.tests.is_ignored && !untrusted.lint.is_ignored);
    assert!(!load(file, &[], Vec::new()).unwrap().tests.is_ignored);
}

#[test]
fn what_cannot_be_understood_is_said_where_it_would_count() {
    let untrusted = |file: &str| believed(Belief::Untrusted, Some(file), &[], Vec::new());
    let ignored = untrusted("[run]\nmodel = 5\n").unwrap();
    assert_eq!((ignored.run.model.value.as_deref(), ignored.ignored()[0].key.as_str()), (None, "run.model"));
    for (file, key) in
        [("[run]\ntimeout = \"soon\"\n", "`run.timeout`"), ("[run]\nsandbox = 5\n", "`run.sandbox`")]
    {
        let error = untrusted(file).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn each_flag_keeps_what_it_said_itself() {
    let flags = vec![
        SettingFlag::new("run.model", "--model", "gpt-5"),
        SettingFlag::new("run.profile", "--profile", "quick"),
    ];
    let settings = load(None, &[], flags).unwrap();
    let text = |key: &str| settings.shown.iter().find(|shown| shown.key == key).unwrap().text.clone();
    assert_eq!(
        (text("run.model").as_deref(), text("run.profile").as_deref()),
        (Some("gpt-5"), Some("quick"))
    );
}

#[test]
fn a_remote_is_a_name_and_never_an_address() {
    for remote in ["origin", "team/origin", "up-stream_2"] {
        let file = format!("[ledger]\nclaim = \"remote\"\nremote = \"{remote}\"\npush = \"{remote}\"\n");
        assert!(load(Some(&file), &[], Vec::new()).is_ok(), "{remote}");
    }
    for address in [
        "ssh://git@localhost/x.git",
        "git@localhost:x.git",
        "localhost:x.git",
        "https://ada@localhost/x.git",
        "https://ada:s3cret@localhost/x.git",
        "ext::sh -c touch% owned",
        "file:///x.git",
        "/x.git",
        "./x",
        "../x.git",
        "a/../../x",
        ".",
        "-o",
        "--upload-pack=x",
        "~/x",
        "a b",
    ] {
        let file = format!("[ledger]\npush = \"{address}\"\n");
        let error = load(Some(&file), &[], Vec::new()).unwrap_err().to_string();
        assert!(error.contains("name of a remote") && !error.contains("s3cret"), "{address}: {error}");
        load(None, &[("CODEX_TURNS_LEDGER_REMOTE", address)], Vec::new()).unwrap_err();
    }
}

#[test]
fn a_value_that_does_not_win_may_be_wrong() {
    let flag = SettingFlag::new("ledger.git", "--git", "commit");
    assert!(load(Some("[ledger]\ngit = \"nothing\"\n"), &[], vec![flag]).is_ok());
}

#[test]
fn a_file_may_begin_with_a_byte_order_mark() {
    let config = load(Some("\u{feff}[run]\r\nmodel = \"m\"\r\n"), &[], Vec::new()).unwrap();
    assert_eq!(shown(&config, "run.model"), "\"m\" from codex-turns.toml:2");
}
