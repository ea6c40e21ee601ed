//! What is started because of its name, before anybody knows what it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use codex_fixtures::Attack;

use crate::project::{Project, Ran};
use crate::sandboxed::CANARY;

#[test]
fn a_program_that_is_asked_for_its_version_gets_no_key() {
    let _attack = Attack::new(
        "a program called codex that writes down its environment when it is asked for its version",
        "the question is asked without secrets",
    );
    let project = Project::new();
    let seen = project.path("seen");
    let program = project.path("bin/codex");
    let text = format!("#!/bin/sh\nenv >> '{}'\necho codex-cli 0.169.0\n", seen.display());
    write_program(&program, &text);
    let mut command = project.command();
    command.env("CODEX_PATH", &program).env("CODEX_API_KEY", CANARY).env("DEPLOY_TOKEN", CANARY);
    let ran = Ran::from(command.arg("doctor").output().unwrap());
    assert!(ran.stdout.contains("version     0.169.0") && ran.stderr.is_empty(), "{ran:?}");
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("PATH=") && !seen.contains(CANARY), "{seen}");
}

/// Writes a program that can be started.
pub(crate) fn write_program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}
