//! What the settings of a repository may do before anybody has trusted them.

use std::fs;
use std::os::unix::fs::symlink;

use codex_fixtures::{Attack, FakeCodex, FakeScript};

use crate::project::{Project, Ran};

const BOUNDARY: &str = "settings that nobody has trusted start, contact and loosen nothing";

/// A project with a ledger and settings that nobody has trusted.
fn untrusted(settings: &str) -> Project {
    let project = Project::recorded();
    project.write("codex-turns.toml", settings);
    project.commit("settings");
    project
}

fn fake() -> FakeCodex {
    FakeCodex::new(FakeScript::completed_turn("done"))
}

fn arguments(fake: &FakeCodex) -> String {
    fake.calls().last().unwrap().arguments().join(" ")
}

#[test]
fn a_review_runs_no_command_of_the_request() {
    let _attack = Attack::new("a pull request names a tests command; its checkout is reviewed", BOUNDARY);
    let project = untrusted("[tests]\ncommand = \"touch owned\"\n[lint]\ncommand = [\"touch\", \"owned\"]\n");
    project.git(&["branch", "base"]);
    let ran = project.run(&fake(), &["--review", "base:base"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!project.has("owned"), "{ran:?}");
    let line = "ignored in codex-turns.toml: tests.command, lint.command (not trusted; `codex-turns trust` shows and \
                trusts them)";
    assert!(ran.stderr.contains(line), "{ran:?}");
}

#[test]
fn no_command_runs_after_a_turn() {
    let _attack = Attack::new("a repository names tests, linter and coverage; a turn runs in it", BOUNDARY);
    let commands = "[tests]\ncommand = \"touch owned\"\n[lint]\ncommand = \"touch owned\"\n\
                    [coverage]\ncommand = \"touch owned\"\n";
    let project = untrusted(commands);
    for words in [&["do it"][..], &["--no-ledger", "do it"], &["-q", "do it"]] {
        let ran = project.run(&fake(), words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains("ignored in codex-turns.toml: tests.command"), "{ran:?}");
    }
    assert!(!project.has("owned"));
}

#[test]
fn a_gate_of_an_ignored_command_is_not_passed() {
    let _attack =
        Attack::new("a change of the tests command takes the gate away", "a gate holds without trust");
    let project = untrusted("[tests]\ncommand = \"true\"\ngate = true\n");
    let ran = project.run(&fake(), &["do it"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(project.manifest(1)["ledger"]["reason"], "tests-not-run");
}

#[test]
fn the_sandbox_is_not_loosened() {
    let _attack = Attack::new("a repository asks for danger-full-access", BOUNDARY);
    for (settings, key) in [
        ("[run]\nsandbox = \"danger-full-access\"\n", "run.sandbox"),
        ("[run]\nsandbox = \"workspace-write\"\n", "run.sandbox"),
        ("run.profile = \"loose\"\n", "run.profile"),
    ] {
        let (project, fake) = (untrusted(settings), fake());
        let ran = project.run(&fake, &["do it"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains(&format!("ignored in codex-turns.toml: {key} (")), "{ran:?}");
        let words = arguments(&fake);
        for loose in ["danger-full-access", "workspace-write", "loose"] {
            assert!(!words.contains(loose), "{settings}: {words}");
        }
    }
}

#[test]
fn a_trusted_loosening_is_named() {
    let _attack =
        Attack::new("a trusted file loosens the sandbox silently", "loosening is named on the screen");
    let (project, fake) = (Project::recorded(), fake());
    project.trusted_settings("[run]\nsandbox = \"danger-full-access\"\n");
    let ran = project.run(&fake, &["do it"]);
    assert!(
        ran.stderr.contains("codex-turns.toml is trusted and loosens: run.sandbox = danger-full-access"),
        "{ran:?}"
    );
    assert!(arguments(&fake).contains("danger-full-access"));
    let ran = project.run(&fake, &["-s", "read-only", "do it"]);
    assert!(!ran.stderr.contains("loosens"), "the flag wins: {ran:?}");
    assert!(!arguments(&fake).contains("danger-full-access"));
}

#[test]
fn tightening_needs_no_trust() {
    let _attack = Attack::new("settings that tighten are ignored", "what tightens holds without trust");
    let (project, fake) = (Project::recorded(), fake());
    project.write("codex-turns.toml", "[run]\nsandbox = \"read-only\"\n[ledger]\nrequired = true\n");
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("ignored"), "{ran:?}");
    assert!(arguments(&fake).contains("read-only"));
    assert_eq!(project.manifest(1)["turnId"], 1);
}

#[test]
fn nothing_is_pushed_or_claimed_elsewhere() {
    let _attack = Attack::new("a repository pushes records and claims numbers on a remote", BOUNDARY);
    let project = Project::recorded();
    let remote = project.path("remote.git").display().to_string();
    project.git(&["init", "-q", "--bare", &remote]);
    project.git(&["remote", "add", "origin", &remote]);
    project.write(
        "codex-turns.toml",
        "[ledger]\ngit = \"commit\"\nclaim = \"remote\"\nremote = \"origin\"\npush = \"origin\"\n",
    );
    project.commit("settings");
    let head = project.git(&["rev-parse", "HEAD"]);
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.git(&["ls-remote", "origin"]), "", "nothing is there");
    assert_eq!(project.git(&["rev-parse", "HEAD"]), head, "nothing was committed");
    assert_eq!(project.manifest(1)["ledger"]["claim"]["scope"], "local");
}

#[test]
fn a_copied_file_with_another_script_is_not_trusted() {
    let _attack =
        Attack::new("a trusted file is copied, beside another ./check.sh", "trust is of all named bytes");
    let project = Project::recorded();
    for (name, command) in [
        ("check.sh", "./check.sh"),
        ("ci/check.sh", "cd ci && sh check.sh"),
        ("a/b.py", "[\"python3\", \"a/b.py\"]"),
    ] {
        project.write(name, "true\n");
        let command = if command.starts_with('[') { command.to_owned() } else { format!("{command:?}") };
        project.trusted_settings(&format!("[tests]\ncommand = {command}\n"));
        project.write(name, "touch owned\n");
        let ran = project.run(&fake(), &["do it"]);
        assert!(ran.stderr.contains("not trusted since it changed"), "{name}: {ran:?}");
        assert!(!project.has("owned"), "{name}: {ran:?}");
        let shown = project.turns(&["trust", "--show"]);
        assert!(shown.stdout.contains(&format!("changed since it was trusted: {name}")), "{shown:?}");
    }
    // The same bytes in another place are another project.
    let other = Project::recorded();
    other.write("check.sh", "true\n");
    other.write("codex-turns.toml", "[tests]\ncommand = \"./check.sh\"\n");
    let ran = project.run(&fake(), &["-C", other.path("work").to_str().unwrap(), "do it"]);
    assert!(ran.stderr.contains("ignored in codex-turns.toml: tests.command (not trusted;"), "{ran:?}");
}

#[test]
fn a_program_that_appears_later_is_not_trusted() {
    let _attack = Attack::new("a named program is missing when trusted, and comes with a change", BOUNDARY);
    let project = Project::recorded();
    project.trusted_settings("[tests]\ncommand = \"test ! -e check.sh || sh check.sh\"\n");
    project.write("check.sh", "touch owned\n");
    let ran = project.run(&fake(), &["do it"]);
    assert!(!project.has("owned") && ran.stderr.contains("not trusted since it changed"), "{ran:?}");
}

#[test]
fn a_link_out_of_the_project_is_not_trusted() {
    let _attack = Attack::new("./check.sh or the settings are a link out of the project", BOUNDARY);
    let project = Project::recorded();
    let outside = project.path("tmp/evil.sh");
    fs::write(&outside, "#!/bin/sh\ntouch owned\n").unwrap();
    symlink(&outside, project.work("check.sh")).unwrap();
    project.write("codex-turns.toml", "[tests]\ncommand = \"sh ./check.sh\"\n");
    let trusted = project.turns(&["trust"]);
    assert_eq!(trusted.code, Some(2), "{trusted:?}");
    let ran = project.run(&fake(), &["--trust", "do it"]);
    assert!(!project.has("owned") && ran.stderr.contains("link out of the project"), "{ran:?}");
    fs::remove_file(project.work("codex-turns.toml")).unwrap();
    fs::write(project.path("tmp/theirs.toml"), "[tests]\ncommand = \"touch owned\"\n").unwrap();
    symlink(project.path("tmp/theirs.toml"), project.work("codex-turns.toml")).unwrap();
    let ran = project.run(&fake(), &["--trust", "do it"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(!project.has("owned"), "{ran:?}");
}

#[test]
fn what_the_agent_changes_in_mid_run_counts_nowhere() {
    let _attack =
        Attack::new("the agent rewrites the trusted settings in mid-run", "settings are read once per run");
    let project = Project::recorded();
    project.trusted_settings("[tests]\ncommand = \"touch mine\"\n");
    let script = FakeScript::new()
        .write_file(
            "codex-turns.toml",
            "[tests]\ncommand = \"touch owned\"\n[run]\nsandbox = \"danger-full-access\"\n",
        )
        .then(FakeScript::completed_turn("done"));
    let fake = FakeCodex::new(script);
    let ran = project.run(&fake, &["--report", "agent", "do it"]);
    assert!(project.has("mine") && !project.has("owned"), "{ran:?}");
    assert!(fake.calls().iter().all(|call| !call.arguments().join(" ").contains("danger")), "{ran:?}");
    let ran = project.run(&fake, &["do it"]);
    assert!(
        ran.stderr.contains("ignored in codex-turns.toml: run.sandbox, tests.command (not trusted since"),
        "{ran:?}"
    );
    assert!(!project.has("owned"), "{ran:?}");
}

#[test]
fn a_store_that_the_agent_can_write_decides_nothing() {
    let _attack = Attack::new(
        "the user's state lies in /tmp, where the agent forges trust",
        "the store is refused there",
    );
    let project = untrusted("[tests]\ncommand = \"touch owned\"\n");
    let inside = project.work(".state");
    let link = project.path("tmp/link");
    symlink(project.path("state"), &link).unwrap();
    let in_tmp = tempfile::tempdir_in("/tmp").unwrap();
    for state in [in_tmp.path(), &project.path("tmp"), &inside, &link] {
        let fake = fake();
        let with_state = |words: &[&str]| {
            let mut command = project.command();
            command.env("XDG_STATE_HOME", state).env("CODEX_PATH", fake.path());
            Ran::from(command.args(words).output().unwrap())
        };
        let trusted = with_state(&["trust"]);
        assert_eq!(trusted.code, Some(2), "{trusted:?}");
        assert!(trusted.stderr.contains("agents may write to"), "{trusted:?}");
        let ran = with_state(&["run", "-s", "read-only", "do it"]);
        assert!(
            ran.stderr.contains("ignored in codex-turns.toml: tests.command (not trusted: trust is kept"),
            "{ran:?}"
        );
    }
    assert!(!project.has("owned"));
}

#[test]
fn no_agent_can_forge_trust_for_a_later_turn() {
    let _attack = Attack::new(
        "an --add-dir has the user's state in it; the agent forges trust for the next turn",
        "no turn may write to the store",
    );
    let project = untrusted("[tests]\ncommand = \"touch owned\"\n");
    project.trust();
    let (state, fake) = (project.path("state"), fake());
    let state = state.to_str().unwrap();
    let (added, inside) = (["--add-dir", state], ["-C", state, "--skip-git-repo-check"]);
    let writing = ["-s", "workspace-write", "do it"];
    for words in [&["do it"][..], &writing]
        .into_iter()
        .flat_map(|last| [[&added, last].concat(), [&inside[..], last].concat()])
    {
        let ran = project.run(&fake, &words);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("trust is kept in"), "{ran:?}");
        assert!(ran.stderr.contains("agents may write to"), "{ran:?}");
    }
    assert!(fake.calls().is_empty());
    // What may write nothing forges nothing, but does not make the store believed either.
    let ran = project.run(&fake, &[&added[..], &["-s", "read-only", "do it"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("not trusted: trust is kept"), "{ran:?}");
    assert!(!project.has("owned"));
}

#[test]
fn a_worktree_is_a_project_of_its_own_whatever_it_claims() {
    let _attack = Attack::new(
        "a checkout claims by commondir to be a trusted repository",
        "trust goes by the real path",
    );
    let project = Project::recorded();
    project.trusted_settings("[tests]\ncommand = \"touch ../owned\"\n");
    project.commit("settings");
    project.git(&["worktree", "add", "-q", "../linked"]);
    // A folder that says that it is the git directory of the trusted one.
    let lie = project.path("lie");
    fs::create_dir_all(lie.join(".git")).unwrap();
    fs::write(lie.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(lie.join(".git/commondir"), project.work(".git").display().to_string()).unwrap();
    fs::write(lie.join("codex-turns.toml"), project.read("codex-turns.toml")).unwrap();
    for folder in [project.path("linked"), lie] {
        let ran = project.run(&fake(), &["-C", folder.to_str().unwrap(), "do it"]);
        assert!(ran.stderr.contains("ignored in codex-turns.toml: tests.command (not trusted;"), "{ran:?}");
        assert!(!project.path("owned").exists());
    }
}

#[test]
fn a_file_of_ones_own_counts_and_one_of_the_project_does_not() {
    let _attack = Attack::new(
        "`--config FILE` names a file that the request has made",
        "a file in the project is not one's own",
    );
    let project = untrusted("[tests]\ncommand = \"touch theirs\"\n");
    let own = project.path("home/own.toml");
    fs::write(&own, "[tests]\ncommand = \"touch mine\"\n[run]\nsandbox = \"workspace-write\"\n").unwrap();
    let ran = project.run(&fake(), &["--config", own.to_str().unwrap(), "do it"]);
    assert!(ran.code == Some(0) && project.has("mine") && !project.has("theirs"), "{ran:?}");
    assert!(ran.stderr.contains("own.toml is trusted and loosens: run.sandbox"), "{ran:?}");
    project.write("ci/own.toml", "[tests]\ncommand = \"touch owned\"\n");
    let link = project.path("home/link.toml");
    symlink(project.work("ci/own.toml"), &link).unwrap();
    symlink(project.path("work"), project.path("home/alias")).unwrap();
    let alias = project.path("home/alias/ci/own.toml");
    for file in ["ci/own.toml", link.to_str().unwrap(), alias.to_str().unwrap(), "./codex-turns.toml"] {
        let ran = project.run(&fake(), &["--config", file, "do it"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("is a file of the project, and it is not trusted"), "{ran:?}");
    }
    // Trust of the settings of the project is not trust of every file in it.
    project.trust();
    assert_eq!(project.run(&fake(), &["--config", "ci/own.toml", "do it"]).code, Some(2));
    assert!(!project.has("owned"));
    let ran = project.run(&fake(), &["--config", "ci/own.toml", "--trust", "do it"]);
    assert!(ran.code == Some(0) && project.has("owned"), "{ran:?}");
    assert_eq!(project.run(&fake(), &["--config", "nowhere.toml", "do it"]).code, Some(2));
}

#[test]
fn trust_in_the_environment_says_which_bytes() {
    let _attack =
        Attack::new("CODEX_TURNS_TRUST=1 is set once for everything", "the variable takes bytes or a ref");
    let project = untrusted("[tests]\ncommand = \"touch owned\"\n");
    let fake = fake();
    let with = |value: &str| {
        let mut command = project.command();
        command.env("CODEX_TURNS_TRUST", value).env("CODEX_PATH", fake.path());
        Ran::from(command.args(["run", "do it"]).output().unwrap())
    };
    for value in ["1", "true", "yes", "all", "sha256:1"] {
        let ran = with(value);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("CODEX_TURNS_TRUST") && ran.stderr.contains("which bytes"), "{ran:?}");
    }
    let other = format!("sha256:{}", "0".repeat(64));
    assert!(with(&other).stderr.contains("not trusted;"));
    assert!(!project.has("owned"));
    let shown = project.turns(&["trust", "--show"]).stdout;
    let digest = shown.split("CODEX_TURNS_TRUST=").nth(1).unwrap().trim();
    let ran = with(digest);
    assert!(project.has("owned") && !ran.stderr.contains("ignored"), "{ran:?}");
    project.write("codex-turns.toml", "[tests]\ncommand = \"touch owned2\"\n");
    assert!(with(digest).stderr.contains("not trusted;"));
    assert!(!project.has("owned2"));
}

#[test]
fn bytes_of_a_protected_branch_are_trusted_and_no_others() {
    let _attack = Attack::new(
        "a request changes the settings, or a script that they name",
        "the bytes are those at the ref",
    );
    let project = Project::recorded();
    project.write("check.sh", "touch checked\n");
    project.write("codex-turns.toml", "[tests]\ncommand = \"sh check.sh\"\n");
    project.commit("settings");
    project.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let with = |reference: &str| project.run(&fake(), &["--trust-ref", reference, "do it"]);
    let ran = with("origin/main");
    assert!(project.has("checked") && !ran.stderr.contains("ignored"), "{ran:?}");
    fs::remove_file(project.work("checked")).unwrap();
    project.write("check.sh", "touch checked; touch owned\n");
    project.commit("a request");
    let ran = with("origin/main");
    assert!(ran.stderr.contains("ignored in codex-turns.toml: tests.command"), "{ran:?}");
    // A tag of the request's repository does not take the place of the branch.
    project.git(&["tag", "origin/main"]);
    let ran = with("origin/main");
    assert!(ran.stderr.contains("ignored in codex-turns.toml: tests.command"), "{ran:?}");
    assert!(!project.has("owned") && !project.has("checked"));
    assert_eq!(with("no/such").code, Some(2));
    assert_eq!(with("1").code, Some(2));
}
