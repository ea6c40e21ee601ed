//! What a file of settings may do after the turn has changed what it names, and before anybody has trusted it.

use codex_fixtures::{Attack, FakeCodex, FakeScript};

use crate::project::{Project, Ran};

#[test]
fn a_script_that_the_turn_has_changed_runs_in_the_sandbox() {
    let _attack = Attack::new(
        "the agent rewrites ci/test.sh, and a trusted file runs it without sandbox, with network and a token",
        "what a file loosens holds for the bytes that were trusted",
    );
    let loose = ["sandbox = \"off\"", "network = true", "env = [\"DEPLOY_TOKEN\"]"];
    for setting in loose {
        let project = Project::recorded();
        project.write("ci/test.sh", "env > seen\n");
        project.trusted_settings(&format!("[tests]\ncommand = \"sh ci/test.sh\"\n{setting}\n"));
        let with = |script: FakeScript, words: &[&str]| {
            let fake = FakeCodex::new(script.then(FakeScript::completed_turn("done")));
            let mut command = project.command();
            command.env("CODEX_PATH", fake.path()).env("DEPLOY_TOKEN", "canary-token");
            Ran::from(command.args(words).output().unwrap())
        };
        let ran = with(FakeScript::new(), &["run", "do it"]);
        assert!(!ran.stderr.contains("changed by the turn"), "{setting}: {ran:?}");
        assert_eq!(project.read("seen").contains("canary-token"), setting.contains("DEPLOY"), "{setting}");
        let change = || FakeScript::new().write_file("ci/test.sh", "env > seen; true\n");
        let ran = with(change(), &["run", "do it"]);
        let line = "ci/test.sh was changed by the turn: tests run in the sandbox";
        assert!(ran.stderr.contains(line), "{setting}: {ran:?}");
        assert!(ran.stderr.contains("sandbox: workspace-write, no network"), "{setting}: {ran:?}");
        assert!(!project.read("seen").contains("canary-token"), "{setting}");
        // A person's flags stay a person's word.
        project.trust();
        let words = ["run", "--check-sandbox", "off", "--check-env", "DEPLOY_TOKEN", "do it"];
        let ran = with(FakeScript::new().write_file("ci/test.sh", "env > seen; :\n"), &words);
        assert!(ran.stderr.contains("(no sandbox)"), "{setting}: {ran:?}");
        assert!(project.read("seen").contains("canary-token"), "{setting}");
    }
}

#[test]
fn a_required_ledger_is_not_made_for_a_file_that_nobody_trusts() {
    let _attack = Attack::new(
        "a repository requires a ledger where nobody has switched recording on",
        "an untrusted file may refuse a turn, and makes no ledger",
    );
    let (project, fake) = (Project::new(), FakeCodex::new(FakeScript::completed_turn("done")));
    project.write("codex-turns.toml", "[ledger]\nrequired = true\n");
    let ran = project.run(&fake, &["do it"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("codex-turns ledger init"), "{ran:?}");
    assert!(
        !project.has("ai") && fake.calls().iter().all(|call| !call.arguments().join(" ").contains("exec"))
    );
    assert_eq!(project.run(&fake, &["--require-ledger", "do it"]).code, Some(0), "a person's flag");
    assert_eq!(project.manifest(1)["turnId"], 1);
}
