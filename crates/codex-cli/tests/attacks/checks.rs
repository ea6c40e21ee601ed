//! What the commands of checks see and touch: they execute what the agent has just written.

use std::fs;

use codex_fixtures::{Attack, FakeCodex, ModelServer, Reply, Script};
use rstest::rstest;

use crate::project::{Project, Ran, working};
use crate::sandboxed::{CANARY, agent_runs};

/// Writes a script that tries what a check must not be able to do, and says what worked.
const PLANT: &str = r#"cat > test.sh <<'END'
touch built && echo built
echo 'touch owned' >> "$HOME/.bashrc" && echo LOOSE profile
echo 'touch owned' > .git/hooks/pre-commit && echo LOOSE hook
echo '[core] pager = x' >> .git/config && echo LOOSE config
touch ../outside /tmp/codex-turns-outside && echo LOOSE outside
perl -e 'use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or exit 1' && echo LOOSE socket
env | grep -q canary && echo LOOSE key
mkdir "$TMPDIR/mine" && echo temporary
exit 0
END"#;

/// Secrets of several kinds, all with the canary as their value or in it.
fn secrets() -> [(&'static str, String); 5] {
    [
        ("CODEX_API_KEY", CANARY.to_owned()),
        ("COPY_OF_IT", CANARY.to_owned()),
        ("DEPLOY_TOKEN", format!("deploy-{CANARY}")),
        ("HTTPS_PROXY", format!("http://ada:{CANARY}@127.0.0.1:9")),
        ("PLAIN", format!("plain-{CANARY}")),
    ]
}

const REDACTED: &str = "[ledger.redact]\nvariables = [\"PLAIN\"]\n";

fn with_secrets(project: &Project, words: &[&str]) -> Ran {
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).envs(secrets()).args(words);
    Ran::from(command.output().unwrap())
}

#[test]
fn a_command_of_until_gets_no_secret() {
    let _attack = Attack::new(
        "`auto --until 'echo $CODEX_API_KEY'`: a check prints its environment",
        "no child but Codex inherits a secret",
    );
    let project = Project::recorded();
    project.trusted_settings(REDACTED);
    let ran = with_secrets(&project, &["auto", "--until", "env > seen", "--max-turns", "1", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let seen = project.read("seen");
    assert!(seen.contains("PATH=") && !seen.contains(CANARY), "{seen}");
}

/// Secrets that tell by a name or by a form of its own, each with `zz9` in its value.
const TELLING: &[(&str, &str)] = &[
    ("SSHPASS", "zz9"),
    ("DB_PASS", "zz9"),
    ("TF_VAR_db_pass", "zz9"),
    ("BW_SESSION", "zz9"),
    ("OP_SESSION_my", "zz9"),
    ("FASTLANE_SESSION", "zz9"),
    ("CI_JOB_JWT", "zz9"),
    ("CREDS", "zz9"),
    ("SIGNING_CERT_P12", "zz9"),
    ("DOCKER_AUTH_CONFIG", r#"{"auths":{"r":{"auth":"zz9vOmJhcg=="}}}"#),
    ("REGISTRY", r#"{"auths":{"r":{"auth":"zz9vOmJhcg=="}}}"#),
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/zz9"),
    ("NOTIFY", "https://hooks.slack.com/services/T0/B0/zz9"),
    ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=zz9;EndpointSuffix=core.windows.net"),
    ("BUS", "Endpoint=sb://x/;SharedAccessKey=zz9"),
    ("GRADLE_OPTS", "-Xmx1g -Dtoken=zz9"),
];

/// What programs need, although parts of its names stand in names of secrets.
const HARMLESS: &[(&str, &str)] = &[
    ("BYPASS", "1"),
    ("COMPASS_HOME", "/opt/compass"),
    ("SSH_ASKPASS", "/usr/bin/askpass"),
    ("XDG_SESSION_ID", "2"),
    ("DESKTOP_SESSION", "plain"),
    ("KDE_FULL_SESSION", "true"),
    ("TERM_SESSION_ID", "w0t0p0"),
    ("SESSION_MANAGER", "local/host:@/tmp/.ICE-unix/1"),
    ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus,guid=0123456789abcdef"),
];

#[test]
fn a_check_gets_no_secret_that_tells_by_any_name_or_form() {
    let _attack = Attack::new(
        "`auto --until env`, with secrets whose names end in PASS, SESSION, JWT, or whose values are logins of Docker, webhooks, \
         connection strings, options",
        "names and forms of secrets are kinds, and sessions of the desktop are none",
    );
    let project = Project::recorded();
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).envs(TELLING.iter().chain(HARMLESS).copied());
    command.args(["auto", "--until", "env > seen", "--max-turns", "1", "do it"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let seen = project.read("seen");
    assert!(!seen.contains("zz9"), "{seen}");
    for (name, value) in HARMLESS {
        assert!(seen.contains(&format!("{name}={value}\n")), "{name}: {seen}");
    }
}

#[test]
fn a_secret_of_gits_configuration_is_withheld_and_git_works() {
    let _attack = Attack::new(
        "the environment has GIT_CONFIG_VALUE_0 with a header for a host; a check runs git",
        "a setting of git's reaches a check whole or not at all",
    );
    let project = Project::recorded();
    let fake = FakeCodex::new(working());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).envs([
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "http.https://github.com/.extraheader"),
        ("GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic enoyM3NlY3JldA=="),
        ("GIT_CONFIG_KEY_1", "user.name"),
        ("GIT_CONFIG_VALUE_1", "Grace"),
    ]);
    let check = "git config --get user.name > seen && git status && env >> seen";
    command.args(["auto", "--until", check, "--max-turns", "1", "do it"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let seen = project.read("seen");
    assert!(seen.starts_with("Grace\n") && !seen.contains("enoyM3NlY3JldA"), "{seen}");
}

#[test]
fn a_check_of_the_project_gets_no_secret() {
    let _attack = Attack::new(
        "tests, linters and coverage print their environment",
        "no child but Codex inherits a secret",
    );
    let project = Project::recorded();
    let settings: String = ["tests", "lint", "coverage"]
        .map(|name| format!("[{name}]\ncommand = \"env > {name}.seen\"\n"))
        .concat();
    project.trusted_settings(&format!("{REDACTED}{settings}"));
    let ran = with_secrets(&project, &["run", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for name in ["tests", "lint", "coverage"] {
        let seen = project.read(&format!("{name}.seen"));
        assert!(seen.contains("PATH=") && !seen.contains(CANARY), "{name}: {seen}");
    }
}

#[test]
fn a_check_gets_what_a_person_hands_over_and_no_more() {
    let project = Project::recorded();
    project.trusted_settings(
        "[tests]\ncommand = \"env > tests.seen\"\nenv = [\"DEPLOY_TOKEN\", \"NO_SUCH\"]\n\
         [lint]\ncommand = \"env > lint.seen\"\n",
    );
    let ran = with_secrets(&project, &["run", "--check-env", "PLAIN", "--check-env", "NEITHER", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let seen = |name: &str| project.read(&format!("{name}.seen"));
    assert!(seen("tests").contains("DEPLOY_TOKEN=deploy-") && !seen("lint").contains("DEPLOY_TOKEN"));
    assert!(seen("tests").contains("PLAIN=plain-") && seen("lint").contains("PLAIN=plain-"));
    assert!(!seen("tests").contains("CODEX_API_KEY"), "{}", seen("tests"));
    for sentence in [
        "warning: --check-env names NEITHER, which is not set\n",
        "warning: tests.env (codex-turns.toml:3) names NO_SUCH, which is not set\n",
    ] {
        assert!(ran.stderr.contains(sentence), "{ran:?}");
    }
    let context = project.artifact(1, "session_context_values.md");
    for named in ["TESTS_ENV", "DEPLOY_TOKEN, NO_SUCH", "CHECK_ENV", "PLAIN, NEITHER"] {
        assert!(context.contains(named) && !context.contains(CANARY), "{named}: {context}");
    }
}

/// What the planted script leaves behind if it is shut in, and what is told of it.
fn assert_shut_in(project: &Project, ran: &Ran, profile: &str, config: &str) {
    assert_eq!(fs::read_to_string(project.path("home/.bashrc")).unwrap(), profile);
    assert_eq!(project.read(".git/config"), config);
    assert!(!project.has(".git/hooks/pre-commit") && !project.path("outside").exists(), "{ran:?}");
    assert!(project.has("built"), "it ran: {ran:?}");
    assert!(!project.read("said").contains("LOOSE"), "{}", project.read("said"));
    assert!(project.read("said").contains("temporary"), "{}", project.read("said"));
    assert!(ran.stderr.contains("sandbox: workspace-write, no network"), "{ran:?}");
}

fn with_profile() -> (Project, &'static str, String) {
    let (project, profile) = (Project::recorded(), "# mine\n");
    fs::write(project.path("home/.bashrc"), profile).unwrap();
    let config = project.read(".git/config");
    (project, profile, config)
}

#[test]
fn tests_that_the_agent_wrote_stay_in_the_sandbox() {
    let _attack = Attack::new(
        "the agent writes a test that changes ~/.bashrc and .git, opens a socket and prints the key",
        "checks run in the sandbox of Codex",
    );
    let (project, profile, config) = with_profile();
    project.trusted_settings("[tests]\ncommand = \"sh test.sh > said 2>&1\"\n");
    let ran = agent_runs(&project, &[PLANT], |command| command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_shut_in(&project, &ran, profile, &config);
}

#[test]
fn a_command_of_until_stays_in_the_sandbox() {
    let _attack = Attack::new(
        "the agent writes what `auto --until 'sh test.sh'` runs",
        "commands of --until run in the sandbox of Codex",
    );
    let (project, profile, config) = with_profile();
    let script = Script::new([Reply::new().exec(PLANT), Reply::new().message("Done.")]);
    let server = ModelServer::start(script).unwrap();
    let mut command = project.with_real_codex(&server);
    command.env("CODEX_API_KEY", CANARY).arg("auto").args(server.settings().arguments());
    command.args(["-s", "workspace-write", "--until", "test -f test.sh && sh test.sh > said 2>&1", "do it"]);
    let ran = Ran::from(command.output().unwrap());
    server.assert_clean();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_shut_in(&project, &ran, profile, &config);
}

#[rstest]
#[case::of_the_user("codex-home/config.toml")]
#[case::of_the_project("work/.codex/config.toml")]
fn no_configuration_of_codex_loosens_checks(#[case] file: &str) {
    let _attack = Attack::new(
        "config.toml of the user or the project says danger-full-access",
        "the sandbox of checks reads neither",
    );
    let (project, profile, config) = with_profile();
    project.trusted_settings("[tests]\ncommand = \"sh test.sh > said 2>&1\"\n");
    let loose = "sandbox_mode = \"danger-full-access\"\n[sandbox_workspace_write]\nnetwork_access = true\n";
    fs::create_dir_all(project.path(file).parent().unwrap()).unwrap();
    fs::write(project.path(file), loose).unwrap();
    let ran = agent_runs(&project, &[PLANT], |command| command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_shut_in(&project, &ran, profile, &config);
}

const FORGED: &str = r#"<testsuite><testcase name="forged"/></testsuite>"#;

fn kinds(manifest: &serde_json::Value) -> Vec<(&str, &str)> {
    let violations = manifest["ledger"]["violations"].as_array().unwrap();
    violations
        .iter()
        .map(|violation| {
            (violation["kind"].as_str().unwrap(), violation["path"].as_str().unwrap_or_default())
        })
        .collect()
}

#[rstest]
#[case::written_by_the_agent("mkdir -p out; cp forged.src out/junit.xml", "")]
#[case::with_a_time_to_come(
    "mkdir -p out; cp forged.src out/junit.xml; touch -d 2099-01-01 out/junit.xml",
    "report-from-the-future"
)]
#[case::a_link_out_of_the_project("mkdir -p out; ln -s ../../outside.xml out/junit.xml", "report-linked")]
#[case::a_folder_that_is_a_link("ln -s ../elsewhere out", "report-linked")]
fn a_report_that_the_command_did_not_write_does_not_count(#[case] forge: &str, #[case] violation: &str) {
    let _attack = Attack::new(
        "the agent leaves a junit.xml of its own, with a time to come, or as a link",
        "only what the command has written counts",
    );
    let project = Project::recorded();
    project.write("forged.src", FORGED);
    project.write(".gitignore", "out\n");
    project.commit("set up");
    fs::write(project.path("outside.xml"), FORGED).unwrap();
    fs::create_dir(project.path("elsewhere")).unwrap();
    fs::write(project.path("elsewhere/junit.xml"), FORGED).unwrap();
    project.trusted_settings("[tests]\ncommand = \"true\"\nreport = \"out/junit.xml\"\n");
    let ran = agent_runs(&project, &[forge], |command| command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["metrics"]["testsPassed"], serde_json::Value::Null, "{ran:?}");
    assert_eq!(manifest["validation"]["testsStatus"], "passed", "the command ended well");
    if violation.is_empty() {
        assert!(ran.stderr.contains("the command has not written out/junit.xml: not counted"), "{ran:?}");
    } else {
        assert!(kinds(&manifest).iter().any(|(kind, _)| *kind == violation), "{manifest}");
    }
    // Nor does it count for a later turn.
    assert_eq!(project.work_turn(&[]).code, Some(0));
    assert_eq!(project.manifest(2)["metrics"]["testsPassed"], serde_json::Value::Null);
    project.assert_verified(&[]);
}

#[test]
fn a_loop_of_links_does_not_hold_the_checks() {
    let _attack = Attack::new(
        "the agent makes loops of links below a folder that `report = \"**/junit.xml\"` looks into",
        "patterns follow no link",
    );
    let project = Project::recorded();
    project.write("green.src", FORGED);
    project.write(".gitignore", "deep\n");
    project.commit("set up");
    project.trusted_settings(
        "[tests]\ncommand = \"cp green.src deep/a/junit.xml\"\nreport = \"**/junit.xml\"\n",
    );
    let forge = "mkdir -p deep/a deep/b; for n in 1 2 3 4 5 6 7 8; do ln -s .. deep/a/$n; ln -s ../.. deep/b/$n; done";
    let ran = agent_runs(&project, &[forge], |command| command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.manifest(1)["metrics"]["testsPassed"], 1, "{ran:?}");
}
