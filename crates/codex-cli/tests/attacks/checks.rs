//! What the commands of checks see and touch: they execute what the agent has just written.

use codex_fixtures::{Attack, FakeCodex};

use crate::project::{Project, Ran, working};
use crate::sandboxed::CANARY;

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
