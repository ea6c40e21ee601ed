//! Git runs no program of the configuration that somebody who writes in the worktree could choose.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use codex_ledger::git::{ReadObjects as _, Worktree as _};
use rstest::rstest;

use crate::programs::{FILTERS, Markers, PLACES, check, inner, plant};
use crate::scratch::{LEDGER, Scratch, exclude, run};

/// A repository with one attribute for all files, whose filter is not believed.
fn stored_as_it_is(scratch: &Scratch, markers: &Markers, configure: &[(&str, &str)], plant: impl FnOnce()) {
    scratch.write(".gitattributes", "* filter=x\n");
    scratch.commit_all("attributes");
    for (key, value) in configure {
        scratch.git(&["config", key, value]);
    }
    let cli = scratch.cli();
    plant();
    scratch.write("text", "one\n");
    for (cli, text) in [(cli, "two\n"), (scratch.cli(), "three\n")] {
        scratch.write("text", text);
        let tree = cli.snapshot(&exclude()).unwrap().tree;
        let entry = cli.entry(&tree, &"text".parse().unwrap()).unwrap().unwrap();
        assert_eq!(cli.read_object(&entry.oid).unwrap().unwrap().bytes, text.as_bytes());
        cli.folder_tree(&LEDGER.parse().unwrap()).unwrap();
    }
    assert_eq!(markers.ran(), Vec::<String>::new());
}

const KEYS: &[&str] = &["clean", "process"];

/// A program in the worktree that would pass its input on changed.
fn tool(scratch: &Scratch, markers: &Markers, at: &str) {
    let program = markers.program("tool");
    let text = fs::read_to_string(program).unwrap().replace("exec cat", "exec sed s/^/by-the-tool/");
    scratch.write(at, text);
    fs::set_permissions(scratch.path(at.as_bytes()), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The user's own configuration names a program that the agent can rewrite.
#[rstest]
#[case::relative("./tools/clean.sh")]
#[case::relative_without_a_dot("tools/clean.sh %f")]
#[case::of_a_shell("sh tools/clean.sh")]
#[case::of_a_script("sh -c 'cat | tools/clean.sh'")]
#[case::absolute("ROOT/tools/clean.sh")]
#[case::in_quotes("'ROOT/tools/clean.sh' %f")]
#[case::around("../main/tools/clean.sh")]
#[case::behind_a_link("BESIDE/link/clean.sh")]
#[case::in_the_root("sh clean.sh")]
fn a_filter_in_the_worktree_does_not_run(#[case] command: &str) {
    for key in KEYS {
        let scratch = Scratch::new();
        let markers = Markers::beside(&scratch);
        symlink(scratch.path(b"tools"), scratch.beside("link")).unwrap();
        let command = command.replace("ROOT", scratch.root.to_str().unwrap());
        let command = command.replace("BESIDE", scratch.beside("").to_str().unwrap().trim_end_matches('/'));
        let key = format!("filter.x.{key}");
        let configure = [(key.as_str(), command.as_str()), ("filter.x.required", "true")];
        tool(&scratch, &markers, "tools/clean.sh");
        tool(&scratch, &markers, "clean.sh");
        stored_as_it_is(&scratch, &markers, &configure, || ());
    }
}

/// Callers that start git themselves disable the same programs.
#[test]
fn what_is_taken_away_is_said() {
    let scratch = Scratch::new();
    scratch.commit_all("first");
    let said = || {
        let said = scratch.cli().switched_off().into_iter();
        said.map(|(key, value)| format!("{}={}", key.display(), value.display())).collect::<Vec<_>>()
    };
    scratch.git(&["config", "filter.x.clean", "cat"]);
    assert_eq!(said(), Vec::<String>::new());
    scratch.git(&["config", "filter.y.smudge", "sh tools/smudge.sh"]);
    assert_eq!(
        said(),
        ["filter.y.clean=", "filter.y.process=", "filter.y.required=false", "filter.y.smudge="]
    );
    // A repository below another one is not believed. The setting of local remotes is not a program, so it is left out.
    let outer = scratch.root.parent().unwrap();
    run(outer, &["init", "-q"], &[]);
    let all = said();
    assert!(all.contains(&"filter.x.clean=".to_owned()), "{all:?}");
    assert!(all.iter().all(|setting| setting.starts_with("filter.")), "{all:?}");
}

/// A program whose name alone is given is not taken from the worktree, though the path has a folder of it.
#[test]
fn no_program_is_found_in_the_worktree() {
    let scratch = Scratch::new();
    let markers = Markers::beside(&scratch);
    scratch.write(".gitattributes", "*.big filter=x\n");
    scratch.commit_all("attributes");
    scratch.git(&["config", "filter.x.clean", "clean-it"]);
    tool(&scratch, &markers, "bin/clean-it");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", scratch.path(b"bin").display());
    scratch.write("a.big", "x");
    Scratch::builder().env("PATH", path).discover(&scratch.root).unwrap().snapshot(&exclude()).unwrap();
    assert_eq!(markers.ran(), Vec::<String>::new());
}

/// The configuration includes a file that the agent writes, before or after git looked at it first.
#[rstest]
#[case::relative("include.path", "../.gitconfig")]
#[case::absolute("include.path", "ROOT/.gitconfig")]
#[case::behind_another("include.path", "BESIDE/between")]
#[case::on_a_condition("includeIf.gitdir:/.path", "../.gitconfig")]
#[case::on_a_branch("includeIf.onbranch:**.path", "../.gitconfig")]
fn nothing_of_an_included_file_in_the_worktree_runs(#[case] key: &str, #[case] value: &str) {
    for filter in KEYS {
        let scratch = Scratch::new();
        let markers = Markers::beside(&scratch);
        let root = scratch.root.to_str().unwrap().to_owned();
        let beside = scratch.beside("between");
        fs::write(&beside, format!("[include]\n\tpath = {root}/.gitconfig\n")).unwrap();
        let value = value.replace("ROOT", &root).replace("BESIDE/between", beside.to_str().unwrap());
        let program = markers.program("included");
        stored_as_it_is(&scratch, &markers, &[(key, &value)], || {
            let text = format!("[filter \"x\"]\n\t{filter} = {program}\n\trequired\n");
            scratch.write(".gitconfig", text);
        });
    }
}

/// The agent has planted a repository, in which we are started then.
#[rstest]
#[case::a_folder(false, "x")]
#[case::behind_a_file(true, "x")]
#[case::with_an_equals_sign(false, "a=b.c")]
fn nothing_of_a_repository_that_is_the_project_runs(#[case] is_behind_a_file: bool, #[case] name: &str) {
    for key in KEYS {
        let outer = Scratch::new();
        let markers = Markers::beside(&outer);
        let sub = inner(&outer, "sub");
        let mut git_dir = sub.join(".git");
        if is_behind_a_file {
            let elsewhere = outer.path(b"elsewhere");
            fs::rename(&git_dir, &elsewhere).unwrap();
            fs::write(&git_dir, format!("gitdir: {}\n", elsewhere.display())).unwrap();
            git_dir = elsewhere;
        }
        run(&sub, &["config", &format!("filter.{name}.{key}"), &markers.program("nested")], &[]);
        run(&sub, &["config", &format!("filter.{name}.required"), "true"], &[]);
        fs::create_dir_all(git_dir.join("info")).unwrap();
        fs::write(git_dir.join("info/attributes"), format!("* filter={name}\n")).unwrap();
        let cli = Scratch::cli_at(&sub);
        cli.snapshot(&exclude()).unwrap();
        fs::write(sub.join("file"), "three\n").unwrap();
        cli.look(&exclude()).unwrap();
        assert_eq!(markers.ran(), Vec::<String>::new());
    }
}

/// Every call in a repository below another, with programs in all places.
#[test]
fn no_call_in_a_repository_below_another_runs_anything() {
    let scratch = Scratch::new();
    run(scratch.root.parent().unwrap(), &["init", "-q"], &[]);
    check(&scratch, |markers| plant(markers, &scratch.root, "below", &[PLACES, FILTERS]));
}

#[test]
fn no_call_in_a_root_that_everybody_can_write_runs_anything() {
    let scratch = Scratch::new();
    fs::set_permissions(&scratch.root, fs::Permissions::from_mode(0o1777)).unwrap();
    check(&scratch, |markers| plant(markers, &scratch.root, "shared", &[PLACES, FILTERS]));
}

/// What the repository above has made itself is believed: its linked worktrees.
#[test]
fn the_filter_of_a_linked_worktree_below_its_repository_runs() {
    let scratch = Scratch::new();
    let markers = Markers::beside(&scratch);
    scratch.write(".gitattributes", "*.big filter=x\n");
    scratch.commit_all("attributes");
    scratch.git(&["worktree", "add", "-q", "trees/one"]);
    scratch.git(&["config", "filter.x.clean", &markers.program("clean")]);
    let cli = Scratch::cli_at(&scratch.path(b"trees/one"));
    scratch.write("trees/one/a.big", "x");
    cli.snapshot(&exclude()).unwrap();
    assert_eq!(markers.ran(), ["clean"]);
}
