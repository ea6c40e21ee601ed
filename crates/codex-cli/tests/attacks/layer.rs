//! Programs and instructions that a repository brings for Codex itself: `./codex` on `PATH`, and Codex's project layer.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use codex_fixtures::{Attack, FakeCodex, FakeScript};
use rstest::rstest;

use crate::project::{Project, Ran};

/// Puts programs of these names into the repository; one that runs leaves its name in `OWNED`.
fn plant(project: &Project, names: &[&str]) {
    for name in names {
        let owned = project.path("owned");
        let script = format!("#!/bin/sh\necho {name} \"$CODEX_API_KEY\" >> '{}'\nexit 1\n", owned.display());
        project.write(name, &script);
        fs::set_permissions(project.work(name), Permissions::from_mode(0o755)).unwrap();
    }
}

fn owned(project: &Project) -> String {
    fs::read_to_string(project.path("owned")).unwrap_or_default()
}

const PROGRAMS: &[&str] = &["codex", "git", "sh", "bwrap", "bin/codex", "bin/git", "bin/sh"];

#[rstest]
#[case::empty_first(":/usr/local/bin:/usr/bin:/bin")]
#[case::empty_in_the_middle("/nowhere::/usr/bin:/bin")]
#[case::dot(".:/usr/bin:/bin")]
#[case::relative("bin:./bin:/usr/bin:/bin")]
fn no_program_of_the_repository_is_found_on_path(#[case] path: &str) {
    let _attack = Attack::new(
        "the repository has ./codex, ./git and ./sh, and PATH an empty or relative entry",
        "only absolute entries of PATH are looked at, by us and by our children",
    );
    let project = Project::recorded();
    plant(&project, PROGRAMS);
    let turns = |arguments: &[&str], codex: Option<&FakeCodex>| {
        let mut command = project.command();
        command.env("PATH", path).env("CODEX_API_KEY", "canary").args(arguments);
        if let Some(codex) = codex {
            command.env("CODEX_PATH", codex.path());
        }
        Ran::from(command.output().unwrap())
    };

    let ran = turns(&["doctor"], None);
    assert_eq!(owned(&project), "", "{ran:?}");
    assert!(ran.stdout.contains("no codex was found"), "{ran:?}");
    let ran = turns(&["run", "do it"], None);
    assert!(ran.stderr.contains(", skipped as empty or relative: "), "{ran:?}");
    assert_eq!((ran.code, owned(&project).as_str()), (Some(3), ""), "{ran:?}");

    // Codex itself looks for programs too, and so do the shells of checks.
    let script = FakeScript::completed_turn("Done.");
    let fake = FakeCodex::builder().start(script).log_value_of("PATH").build();
    for arguments in [&["run", "do it"][..], &["auto", "--until", "git --version", "do it"]] {
        let ran = turns(arguments, Some(&fake));
        assert_eq!((ran.code, owned(&project).as_str()), (Some(0), ""), "{ran:?}");
    }
    for call in fake.calls() {
        let path = call.variable("PATH").unwrap();
        assert!(path.split(':').all(|entry| entry.starts_with('/')), "{path}");
    }
}
