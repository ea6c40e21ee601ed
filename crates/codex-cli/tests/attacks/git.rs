//! An agent in its sandbox that wants the ledger's git to do something outside of it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use codex_fixtures::Attack;
use rstest::rstest;

use crate::project::{LEDGER, Project, Ran};
use crate::sandboxed::{CANARY, agent_runs};

/// A filter outside of the worktree that writes its environment to a file when a git of ours starts it.
///
/// Codex starts a git of its own at the beginning of a turn, which runs every filter.
fn payload(project: &Project) -> String {
    let (payload, mark) = (project.path("payload"), project.path("owned"));
    let ours = "-c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0";
    let parents = "$PPID $(cut -d' ' -f4 /proc/$PPID/stat)";
    let command_lines = format!("for id in {parents}; do tr '\\0' ' ' < /proc/$id/cmdline; done");
    let text =
        format!("if {command_lines} | grep -q -e '{ours}'; then env >> {}; fi\nexec cat\n", mark.display());
    fs::write(&payload, text).unwrap();
    payload.display().to_string()
}

/// Shell commands that make a repository in a folder whose filter writes its environment to a file outside.
fn planted(project: &Project, folder: &str) -> String {
    let payload = payload(project);
    let git = format!("git -C {folder} -c user.name=a -c user.email=a@example.com");
    [
        // Codex itself turns `rm -rf` away.
        format!("mkdir -p {folder} && if test -e {folder}/.git; then mv {folder}/.git moved; fi"),
        format!("git init -q {folder}"),
        format!("echo one > {folder}/file && {git} add file && {git} commit -q -m one"),
        format!("git -C {folder} config filter.x.clean 'sh {payload}'"),
        format!("mkdir -p {folder}/.git/info && echo '* filter=x' > {folder}/.git/info/attributes"),
        format!("echo two > {folder}/file && echo > planted"),
    ]
    .join(" && ")
}

/// Runs two turns, since what is planted in one can run in the next.
fn two_turns(project: &Project, command: &str, flags: &[&str]) {
    for command in [command, "true"] {
        let ran = agent_runs(project, &[command], |codex_turns| codex_turns.args(flags));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert!(project.work("planted").exists(), "the agent's commands did not run to their end");
    assert!(!project.path("owned").exists(), "{}", fs::read_to_string(project.path("owned")).unwrap());
    assert_eq!(project.manifest(2)["turnId"], 2);
}

#[test]
fn a_submodule_that_is_replaced_runs_nothing() {
    let _attack = Attack::new(
        "the agent replaces a submodule by a repository with a filter",
        "git runs nothing of a repository inside the worktree",
    );
    let project = Project::recorded();
    let lib = project.work("lib");
    fs::create_dir(&lib).unwrap();
    let lib = lib.to_str().unwrap();
    project.git(&["init", "-q", lib]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    project.git(&[&["-C", lib], &who[..], &["commit", "-q", "--allow-empty", "-m", "inside"]].concat());
    project.git(&["-c", "advice.addEmbeddedRepo=false", "add", "lib"]);
    project.commit("a submodule");
    two_turns(&project, &planted(&project, "lib"), &[]);
}

#[test]
fn a_repository_that_a_turn_commits_runs_nothing() {
    let _attack = Attack::new(
        "the agent makes a repository with a filter in a turn that is committed",
        "git runs nothing of a repository inside the worktree",
    );
    let project = Project::recorded();
    project.commit("the ledger");
    two_turns(&project, &planted(&project, "nested"), &["--git", "commit"]);
}

#[test]
fn a_repository_behind_a_file_runs_nothing() {
    let _attack = Attack::new(
        "the agent writes a file .git that names a repository with a filter elsewhere",
        "git runs nothing of a repository inside the worktree",
    );
    let project = Project::recorded();
    project.commit("the ledger");
    let elsewhere = "mv nested/.git inner && echo \"gitdir: $PWD/inner\" > nested/.git";
    two_turns(&project, &format!("{} && {elsewhere}", planted(&project, "nested")), &["--git", "commit"]);
}

/// A `git` that is found first writes down its environment, whatever it is started for.
#[test]
fn no_git_sees_the_key_or_a_token() {
    let _attack = Attack::new(
        "a git that is found first writes down its environment",
        "git inherits no variable that holds a secret",
    );
    let project = Project::recorded();
    project.commit("the ledger");
    let remote = project.path("remote.git");
    project.git(&["init", "-q", "--bare", remote.to_str().unwrap()]);
    project.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    let (programs, seen) = (project.path("programs"), project.path("seen"));
    fs::create_dir(&programs).unwrap();
    let git = programs.join("git");
    let path = env::var_os("PATH").unwrap();
    let real = env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let text = format!(
        "#!/bin/sh\n{{ echo \"ARGS $*\"; env; }} >> '{}'\nexec '{}' \"$@\"\n",
        seen.display(),
        real.display()
    );
    fs::write(&git, text).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let with_secrets = |command: &mut Command| {
        command
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
            .env("OPENAI_API_KEY", CANARY)
            .env("GITHUB_TOKEN", CANARY)
            .env("DATABASE", format!("postgres://ada:{CANARY}@db.example/x"))
            .env("INNER", CANARY)
            .env("CODEX_TURNS_LEDGER_REDACT_VARIABLES", "INNER")
            .env("CODEX_TURNS_LEDGER_PUSH", "origin");
    };
    let ran = agent_runs(&project, &["echo new > new.txt"], |command| {
        with_secrets(command);
        command.args(["--git", "commit"])
    });
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in
        [&["ledger", "verify", "--git"][..], &["ledger", "list"], &["ledger", "recover"], &["config"]]
    {
        let mut command = project.command();
        with_secrets(&mut command);
        command.env("CODEX_API_KEY", CANARY).args(words).output().unwrap();
    }
    // Codex starts git, too, with the environment that it was given.
    let seen = fs::read_to_string(seen).unwrap();
    let ours = seen.split("ARGS ").filter(|start| start.starts_with("-c core.hooksPath=/dev/null "));
    let ours: String = ours.collect();
    assert!(ours.contains("update-index") && ours.contains(" push "), "{ours}");
    let told: Vec<&str> = ours.lines().filter(|line| line.contains(CANARY)).collect();
    assert_eq!(told, Vec::<&str>::new());
}

fn turn(project: &Project, command: &str) -> Ran {
    let ran = agent_runs(project, &[command], |codex_turns| codex_turns);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

/// The paths of the violations of one kind in a record.
fn named(project: &Project, turn: u32, kind: &str) -> Vec<String> {
    let manifest = project.manifest(turn);
    let all = manifest["ledger"]["violations"].as_array().unwrap().iter();
    let of_kind = all.filter(|violation| violation["kind"] == kind);
    of_kind.map(|violation| violation["path"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The files that the first record says were added.
fn added(project: &Project) -> Vec<String> {
    let manifest = project.manifest(1);
    let paths = manifest["changes"]["added"].as_array().unwrap().iter();
    paths.map(|path| path.as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::at_the_top("echo '*' > .gitignore", ".gitignore")]
#[case::itself_and_the_file("printf '/.gitignore\\n/conftest.py\\n' > .gitignore", ".gitignore")]
fn what_new_ignore_rules_hide_is_in_the_record(#[case] write: &str, #[case] rules: &str) {
    let _attack = Attack::new(
        "the agent writes a .gitignore that hides itself and conftest.py",
        "both are in the record and its patch, and named",
    );
    let project = Project::recorded();
    let ran = turn(&project, &format!("{write}; echo import os > conftest.py; echo tried"));
    assert!(ran.stderr.contains("ignore rules that hide .gitignore, conftest.py;"), "{ran:?}");
    let added = added(&project);
    for path in [rules, "conftest.py"] {
        assert!(added.contains(&path.to_owned()), "{path}: {added:?}");
        assert!(named(&project, 1, "hidden-by-ignore").contains(&path.to_owned()), "{path}");
    }
    assert_eq!(named(&project, 1, "ignore-rules-changed"), [rules]);
    assert!(project.artifact(1, "diff.patch").contains("+import os\n"));
    let shown = project.turns(&["ledger", "show", "1"]);
    assert!(shown.stdout.contains("hidden-by-ignore conftest.py"), "{shown:?}");
    project.assert_verified(&["--git"]);
}

#[test]
fn new_attributes_make_no_patch_unreadable() {
    let _attack = Attack::new(
        "the agent writes a .gitattributes with `* -diff`",
        "the patch is readable, the numbers are right, and the file is named",
    );
    let project = Project::recorded();
    turn(&project, "echo '* -diff' > .gitattributes; echo import os > conftest.py; echo tried");
    assert_eq!(named(&project, 1, "attributes-changed"), [".gitattributes"]);
    let patch = project.artifact(1, "diff.patch");
    assert!(patch.contains("+import os\n") && patch.contains("+* -diff\n"), "{patch}");
    assert!(!patch.contains("Binary files"), "{patch}");
    let metrics = &project.manifest(1)["metrics"];
    assert_eq!((&metrics["linesAdded"], &metrics["linesDeleted"]), (&2.into(), &0.into()), "{metrics}");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_file_that_is_too_large_holds_no_record() {
    let _attack = Attack::new(
        "the agent makes a sparse file of 300 GB (`truncate -s 300G huge`)",
        "the turn ends soon with exit 0, the file is named and not stored, and what else changed is recorded",
    );
    let project = Project::recorded();
    let start = Instant::now();
    let ran = turn(&project, "truncate -s 300G huge; echo import os > conftest.py; echo tried");
    assert!(ran.stderr.contains("too large for the record"), "{ran:?}");
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
    assert_eq!(named(&project, 1, "file-too-large"), ["huge"]);
    assert_eq!(added(&project), ["conftest.py"]);
    let shown = project.turns(&["ledger", "show", "1"]);
    assert!(shown.stdout.contains("file-too-large huge"), "{shown:?}");
    project.assert_verified(&["--git"]);
}

#[rstest]
#[case::of_a_record("turns/1/adr.md")]
#[case::of_no_record("patterns/keep.md")]
#[case::new("turns/1/huge")]
fn an_enormous_file_in_the_ledger_holds_no_record(#[case] file: &str) {
    let _attack = Attack::new(
        "the agent makes a file of the ledger 300 GB long",
        "the file is as it was, the turn is recorded soon and names it",
    );
    let project = Project::recorded();
    project.write(&format!("{LEDGER}/patterns/keep.md"), "mine\n");
    assert_eq!(project.work_turn(&[]).code, Some(0));
    let start = Instant::now();
    let ran = agent_runs(&project, &[&format!("truncate -s 300G {LEDGER}/{file}; echo tried")], |it| it);
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(project.read(&format!("{LEDGER}/patterns/keep.md")), "mine\n");
    assert_eq!(named(&project, 2, "ledger-touched"), [format!("{LEDGER}/{file}")]);
    project.assert_verified(&["--git"]);
}

/// The sandbox lets the agent write each of these; git runs outside of it after the turn, and in the next.
#[test]
fn a_filter_that_the_agent_rewrites_does_not_run() {
    let _attack = Attack::new(
        "the agent rewrites the script or the included file that the user's filter lies in",
        "git runs no program that lies in the worktree or is set there",
    );
    let project = Project::recorded();
    project.write(".gitattributes", "*.txt filter=nb\n*.md filter=q\n");
    project.commit("attributes");
    project.git(&["config", "filter.nb.clean", "sh ./tools/clean.sh"]);
    project.git(&["config", "include.path", "../.gitconfig"]);
    let payload = payload(&project);
    let script = format!(
        "mkdir -p tools && echo 'exec sh {payload} script' > tools/clean.sh && chmod +x tools/clean.sh"
    );
    let included = format!("printf '[filter \"q\"]\\n\\tclean = sh {payload} included\\n' > .gitconfig");
    two_turns(
        &project,
        &format!("{script} && {included} && echo a > a.txt && echo b > b.md && echo > planted"),
        &[],
    );
}

/// Codex starts a git of its own at the beginning of a turn, outside of the sandbox and with the key.
#[test]
fn the_git_of_codex_runs_no_filter_that_the_agent_rewrites() {
    let _attack = Attack::new(
        "the agent rewrites the script or the included file that the user's filter lies in, for the git of Codex",
        "the git of Codex runs no program that lies in the worktree or is set there when a turn starts",
    );
    let project = Project::recorded();
    project.write(".gitattributes", "*.txt filter=nb\n*.md filter=q\n");
    for file in ["a.txt", "b.md"] {
        project.write(file, "old");
    }
    project.commit("attributes");
    project.git(&["config", "filter.nb.clean", "sh ./tools/clean.sh"]);
    project.git(&["config", "include.path", "../.gitconfig"]);
    let owned = project.path("owned");
    let payload = format!("env >> {}; exec cat", owned.display());
    project.write("payload", &payload);
    let script = "mkdir -p tools && cp payload tools/clean.sh";
    let included = "printf '[filter \"q\"]\n\tclean = sh ./payload\n' > .gitconfig";
    let changed = "echo new > a.txt && echo new > b.md && touch -d '2 days ago' a.txt b.md && echo > planted";
    let flags = ["--no-ledger"];
    for command in [&*format!("{script} && {included} && {changed}"), "true"] {
        let ran = agent_runs(&project, &[command], |codex_turns| codex_turns.args(flags));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert!(project.work("planted").exists(), "the agent's commands did not run to their end");
    assert!(!owned.exists(), "{}", fs::read_to_string(owned).unwrap());
}

#[test]
fn a_planted_repository_that_one_works_in_runs_nothing() {
    let _attack = Attack::new(
        "the agent plants a repository with a filter in a folder, and the user works there then",
        "git believes no configuration of a repository below another",
    );
    let project = Project::recorded();
    project.commit("the ledger");
    two_turns(&project, &planted(&project, "sub"), &[]);
    for words in
        [&["ledger", "init"][..], &["ledger", "gc"], &["ledger", "verify", "--git"], &["ledger", "recover"]]
    {
        project.command().arg("-C").arg(project.work("sub")).args(words).output().unwrap();
        project.command().current_dir(project.work("sub")).args(words).output().unwrap();
    }
    let ran =
        agent_runs(&project, &["echo three > file"], |command| command.arg("-C").arg(project.work("sub")));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.has("sub/ai/agentic-pipeline/turns/1/manifest.json"));
    assert!(!project.path("owned").exists());
}
