//! Where records are pushed, and what a review runs, of settings that a person has trusted.

use codex_fixtures::{Attack, FakeCodex, FakeScript};

use crate::project::Project;

fn fake() -> FakeCodex {
    FakeCodex::new(FakeScript::completed_turn("done"))
}

#[test]
fn a_push_goes_to_a_remote_that_a_person_has_named() {
    let _attack = Attack::new(
        "settings push to an address, to a folder, or to a name that git takes for one",
        "`push` and `remote` are names of remotes that the repository has",
    );
    let project = Project::recorded();
    let elsewhere = project.path("elsewhere.git").display().to_string();
    project.git(&["init", "-q", "--bare", &elsewhere]);
    project.git(&["init", "-q", "--bare", "folder"]);
    for push in [elsewhere.as_str(), "file:///x", "ext::sh -c touch% owned", "folder", "../elsewhere.git"] {
        for key in ["push", "remote"] {
            let settings = format!("[ledger]\ngit = \"commit\"\nclaim = \"remote\"\n{key} = {push:?}\n");
            let more = if key == "push" { "remote = \"folder\"\n" } else { "" };
            project.write("codex-turns.toml", &format!("{settings}{more}"));
            let ran = project.work_turn(&["--trust"]);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains("git remote add"), "{ran:?}");
        }
    }
    assert!(!project.has("owned"));
    assert_eq!(project.git(&["ls-remote", &elsewhere]), "");
    assert_eq!(project.git(&["ls-remote", "./folder"]), "");
}

#[test]
fn where_records_are_pushed_is_said_and_can_be_refused() {
    let _attack = Attack::new("records are pushed somewhere without a word", "what is pushed where is said");
    let project = Project::recorded();
    let remote = project.path("remote.git").display().to_string();
    project.git(&["init", "-q", "--bare", &remote]);
    project.git(&["remote", "add", "origin", "https://ada:s3cret@localhost/x.git"]);
    project.git(&["remote", "set-url", "--push", "origin", &remote]);
    project.trusted_settings("[ledger]\ngit = \"commit\"\npush = \"origin\"\n");
    project.commit("settings");
    let ran = project.work_turn(&["--no-push"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("pushed"), "{ran:?}");
    assert_eq!(project.git(&["ls-remote", &remote]), "");
    let ran = project.run(&fake(), &["-q", "do it"]);
    assert!(ran.stderr.contains(&format!("records are pushed to origin ({remote})")), "{ran:?}");
    assert_ne!(project.git(&["ls-remote", &remote]), "");
    project.git(&["remote", "set-url", "--push", "origin", "https://ada:s3cret@localhost:1/x.git"]);
    let ran = project.run(&fake(), &["do it"]);
    assert!(ran.stderr.contains("records are pushed to origin (https://localhost:1/x.git)"), "{ran:?}");
    assert!(!ran.stderr.contains("s3cret"), "{ran:?}");
}

#[test]
fn a_review_runs_no_checks_unless_asked_for() {
    let _attack = Attack::new("a trusted tests command runs the code of a request", "reviews run no checks");
    let project = Project::recorded();
    project.trusted_settings("[tests]\ncommand = \"touch checked\"\ngate = true\n");
    project.commit("settings");
    project.git(&["branch", "base"]);
    for what in ["base:base", "uncommitted", "commit:HEAD"] {
        let ran = project.run(&fake(), &["--review", what]);
        assert!(ran.code == Some(0) && !project.has("checked"), "{what}: {ran:?}");
    }
    let ran = project.run(&fake(), &["--review", "prompt", "look"]);
    assert!(ran.code == Some(0) && !project.has("checked"), "{ran:?}");
    let ran = project.run(&fake(), &["--review", "base:base", "--checks"]);
    assert!(ran.code == Some(0) && project.has("checked"), "{ran:?}");
}
