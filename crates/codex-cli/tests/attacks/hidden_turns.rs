//! What an agent in its sandbox can do to keep later turns in a folder out of the records of the project.

use codex_fixtures::{Attack, FakeCodex, FakeScript};
use rstest::rstest;

use crate::project::{Project, Ran};
use crate::record::{plain, violations};
use crate::sandboxed::agent_runs;

const COMMIT: &str = "-c user.name=a -c user.email=a@example.com commit -q --allow-empty -m a";

/// Without the check, the next turn would belong to a project without a ledger.
#[rstest]
#[case::empty_file("touch src/.git", "src", &[])]
#[case::of_git("git init -q src", "src", &[])]
#[case::barely("mkdir -p src/.git/objects src/.git/refs; echo 'ref: refs/heads/x' > src/.git/HEAD", "src", &[])]
#[case::moved("mv src lib; git init -q lib", "lib", &[])]
#[case::new_folder("git init -q new", "new", &[])]
#[case::deeper("mkdir -p src/deep/er; git init -q src/deep", "src/deep/er", &[])]
#[case::committed("mv src lib; git init -q src; git -C src COMMIT", "src", &["--git", "commit"])]
fn a_folder_that_becomes_a_repository_keeps_no_turn_from_its_record(
    #[case] plant: &str,
    #[case] folder: &str,
    #[case] flags: &[&str],
) {
    let _attack = Attack::new(
        "the agent turns a folder of the project into a repository, and the next turn runs there",
        "the record names the folder, and a turn there fails with exit code 6",
    );
    let project = Project::recorded();
    project.write("src/lib.rs", "x");
    project.commit("src");
    let plant = format!("{}; echo > planted", plant.replace("COMMIT", COMMIT));
    agent_runs(&project, &[&plant], |command| command.args(flags));
    assert!(project.has("planted"), "the agent's commands did not run to their end");
    let named = violations(&project, 1, "unseen-by-git");
    assert!(named.iter().any(|path| folder.starts_with(path.trim_end_matches("/.git"))), "{named:?}");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    for flags in [&[][..], &["--quiet"], &["--require-ledger"]] {
        let ran = project.run(&fake, &[flags, &["-C", folder, "do it"]].concat());
        assert_eq!(ran.code, Some(6), "{ran:?}");
        assert!(ran.stderr.contains("belongs to the project"), "{ran:?}");
    }
    assert!(fake.calls().is_empty() && !project.work(folder).join("ai").exists());
    let ran = project.run(&fake, &["-C", folder, "--no-ledger", "--skip-git-repo-check", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_submodule_with_a_ledger_of_its_own_records_its_turns() {
    let project = Project::recorded();
    let lib = project.work("lib");
    project.git(&["init", "-q", lib.to_str().unwrap()]);
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let run = || project.run(&fake, &["-C", "lib", "do it"]);
    assert_eq!(run().code, Some(6));
    let made = project.command().current_dir(&lib).args(["ledger", "init"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let ran = run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.has("lib/ai/agentic-pipeline/turns/1/manifest.json"));
    // A linked worktree belongs to the same repository.
    project.git(&["worktree", "add", "-q", "linked"]);
    let ran = project.run(&fake, &["-C", "linked", "do it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_folder_that_becomes_a_link_keeps_no_turn_from_its_record() {
    let _attack = Attack::new(
        "the agent replaces a folder by a link to another repository, and the next turn runs there",
        "a turn there fails with exit code 6",
    );
    let project = Project::recorded();
    project.write("src/lib.rs", "x");
    project.commit("src");
    let other = project.path("other");
    project.git(&["init", "-q", other.to_str().unwrap()]);
    plain(&project, &[&format!("mv src src2; ln -s {} src; echo planted", other.display())]);
    assert!(project.work("src").is_symlink(), "the agent's commands did not run to their end");
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    for in_folder in [false, true] {
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path()).args(["run", "-q"]);
        if in_folder {
            // A shell says how it came to its folder.
            command.current_dir(project.work("src")).env("PWD", project.work("src"));
        } else {
            command.args(["-C", "src"]);
        }
        let ran = Ran::from(command.arg("do it").output().unwrap());
        assert_eq!(ran.code, Some(6), "{ran:?}");
        assert!(ran.stderr.contains("leads out of the project"), "{ran:?}");
    }
    assert!(fake.calls().is_empty());
    let ran = project.run(&fake, &["-C", other.to_str().unwrap(), "do it"]);
    assert_eq!(ran.code, Some(0), "its real path is another project: {ran:?}");
}
