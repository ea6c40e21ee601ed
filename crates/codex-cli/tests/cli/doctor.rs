//! `doctor`, `completions` and `man`.

use codex_fixtures::{FakeCodex, FakeScript};
use rstest::rstest;
use serde_json::Value;

use crate::scratch::{Ran, Scratch};

fn checks(output: &Ran) -> Vec<(String, String)> {
    let findings: Value = serde_json::from_str(&output.stdout).unwrap();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = findings["checks"].as_array().unwrap();
    checks.iter().map(|check| (word(check, "name"), word(check, "health"))).collect()
}

fn health(output: &Ran, name: &str) -> String {
    checks(output).into_iter().find(|(check, _)| check == name).unwrap().1
}

#[test]
fn everything_is_looked_at() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::new());
    let mut command = scratch.command(Some(&fake.path()));
    let ran = Ran::from(command.env("CODEX_API_KEY", "x").args(["doctor", "--json"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let names: Vec<String> = checks(&ran).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["codex", "version", "home", "login", "git", "repository", "sandbox", "state"]);
    for sound in ["codex", "version", "home", "login", "repository", "state"] {
        assert_eq!(health(&ran, sound), "ok", "{ran:?}");
    }
    assert!(fake.calls().is_empty(), "no turn is run");
    scratch.assert_clean(&fake);
}

#[test]
fn what_is_missing_fails_and_says_what_to_do() {
    let scratch = Scratch::new();
    let mut command = scratch.command(None);
    command.args(["doctor", "-C", "../plain", "--codex-home", "nowhere"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let shown: String = scratch
        .anonymous(&ran.stdout)
        .split_inclusive('\n')
        .filter(|line| !line.contains("sandbox"))
        .collect();
    insta::assert_snapshot!(shown);
}

#[rstest]
#[case("0.44.0", "warn")]
#[case("0.169.0", "ok")]
#[case("9.9.9", "warn")]
#[case("nonsense", "fail")]
fn the_version_is_judged(#[case] version: &str, #[case] expected: &str) {
    let scratch = Scratch::new();
    let fake = FakeCodex::builder().version(version).build();
    let ran = Ran::from(scratch.command(Some(&fake.path())).args(["doctor", "--json"]).output().unwrap());
    assert_eq!(health(&ran, "version"), expected, "{ran:?}");
}

#[rstest]
#[case("bash")]
#[case("zsh")]
#[case("fish")]
fn completions_know_the_commands(#[case] shell: &str) {
    let scratch = Scratch::new();
    let ran = Ran::from(scratch.command(None).args(["completions", shell]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("replay") && ran.stdout.contains("idle-timeout"));
    assert!(ran.stdout.contains("until-file") && ran.stdout.contains("budget-tokens"));
}

#[test]
fn the_manual_has_the_exit_codes() {
    let scratch = Scratch::new();
    for page in [&["man"][..], &["man", "run"]] {
        let ran = Ran::from(scratch.command(None).args(page).output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("a limit passed") && ran.stdout.contains(".TH"), "{page:?}");
    }
    let ran = Ran::from(scratch.command(None).args(["man", "fly"]).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[rstest]
#[case(&["--help"], ["  0  the turn completed", "  5  a limit passed"])]
#[case(&["run", "--help"], ["  0  the turn completed", "  5  a limit passed"])]
#[case(&["help", "run"], ["  0  the turn completed", "  5  a limit passed"])]
#[case(&["auto", "--help"], ["  0  every check passed", "  5  the limit of turns, a budget or a time limit is reached"])]
fn help_documents_the_exit_codes(#[case] arguments: &[&str], #[case] codes: [&str; 2]) {
    let scratch = Scratch::new();
    let ran = Ran::from(scratch.command(None).args(arguments).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for code in codes.into_iter().chain(["130  interrupted by Ctrl-C", "143  interrupted by SIGTERM"]) {
        assert!(ran.stdout.contains(code), "{}", ran.stdout);
    }
}
