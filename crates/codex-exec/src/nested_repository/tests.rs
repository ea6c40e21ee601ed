//! Configurations of nested repositories, and what is set against them.

use std::fs;

use super::*;
use crate::Invocation;

/// The settings for a turn in `work/lib`, whose git folder has this configuration; `work` is a repository as well.
fn settings(config: &str, choice: NestedRepository) -> Result<Vec<String>, InvocationError> {
    let scratch = tempfile::tempdir().unwrap();
    let work = scratch.path().join("work");
    for git in [work.join(".git"), work.join("lib/.git")] {
        fs::create_dir_all(&git).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }
    fs::write(work.join("lib/.git/config"), config).unwrap();
    let invocation = Invocation::new("go").cwd(work.join("lib")).nested_repository(choice);
    let settings = GitSettings::of(invocation.parts())?;
    let text = |(key, value): &(OsString, OsString)| format!("{}={}", key.display(), value.display());
    Ok(settings.pairs().iter().map(text).collect())
}

fn neutralised(config: &str) -> Vec<String> {
    settings(config, NestedRepository::Neutralise).unwrap()
}

fn filter(name: &str) -> Vec<String> {
    ["clean=", "process=", "required=false", "smudge="].map(|end| format!("filter.{name}.{end}")).into()
}

#[test]
fn every_spelling_of_a_filter_is_found() {
    for (config, name) in [
        ("[filter \"x\"]\n\tclean = a\n", "x"),
        ("[filter \"x\"] clean = a", "x"),
        ("[FILTER.X]\nCLEAN=a\n", "x"),
        ("[filter \"A.b = \\\"c\\\\\"]\nprocess\n", "A.b = \"c\\"),
        ("[filter.a \"b\"]\r\nsmudge = a \\\r\n b\r\n", "a.b"),
        ("\u{feff}# [core]\n[core] bare = \"a # b\" ; c\n[filter \"\"]\nclean = a\n", ""),
    ] {
        let found = neutralised(config);
        for pair in filter(name) {
            assert!(found.contains(&pair), "{config:?}: {pair} in {found:?}");
        }
    }
}

#[test]
fn what_starts_programs_is_set_and_other_settings_are_not() {
    let config = "[core]\nbare = false\npager = x\nsshCommand = x\n[alias]\nco = checkout\nx = !x\n\
        [credential \"https://a.b\"]\nhelper = !x\n[diff \"d\"]\ntextconv = x\n[remote \"o\"]\nurl = u\nuploadpack = x\n";
    assert_eq!(
        neutralised(config),
        [
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "alias.x=!false",
            "core.pager=cat",
            "core.sshcommand=ssh",
            "credential.https://a.b.helper=",
            "diff.d.textconv=cat",
            "remote.o.uploadpack=git-upload-pack",
        ]
    );
}

#[test]
fn what_cannot_be_neutralised_is_refused() {
    for config in [
        "[include]\npath = other\n",
        "[includeIf \"gitdir:/\"]\npath = other\n",
        "[filter \"x\nclean = a\n",
        "[filter \"x\\\ny\"]\nclean = a\n",
        "[filter x]\nclean = a\n",
        "clean = a\n",
        "[core]\na = \"b\nc\"\n",
        "[core]\na = b\0\n",
    ] {
        let refused = settings(config, NestedRepository::Neutralise);
        assert!(matches!(refused, Err(InvocationError::NestedRepository { .. })), "{config:?}: {refused:?}");
    }
    assert!(settings("", NestedRepository::Refuse).is_err());
    assert_eq!(settings("[include]\npath = other\n", NestedRepository::Trust).unwrap(), [""; 0]);
}

#[test]
fn each_repository_below_the_outermost_counts_and_that_one_does_not() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |path: &str| scratch.path().join(path);
    let write = |path: &str, text: &str| {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        fs::write(at(path), text).unwrap();
    };
    let config = |name: &str| format!("[filter \"{name}\"]\nclean = a\n");
    write("work/.git/HEAD", "ref: refs/heads/main\n");
    write("work/.git/config", &config("top"));
    let found = |cwd: &str| {
        let settings = GitSettings::of(Invocation::new("go").cwd(at(cwd)).parts()).unwrap();
        let keys = settings.pairs().iter().map(|(key, _)| key.to_string_lossy().into_owned());
        keys.filter(|key| key.rsplit('.').next() == Some("clean")).collect::<Vec<_>>()
    };
    assert_eq!(found("work"), [""; 0]);
    // A file names the folder, which names a common one.
    write("work/lib/.git", "gitdir: real/git\n");
    write("work/lib/real/git/commondir", "../common\n");
    write("work/lib/real/git/config.worktree", &config("worktree"));
    write("work/lib/real/common/config", &config("common"));
    assert_eq!(found("work/lib"), ["filter.common.clean", "filter.worktree.clean"]);
    // Git passes over a folder that is not a repository.
    fs::create_dir_all(at("work/lib/deep/.git")).unwrap();
    assert_eq!(found("work/lib/deep"), ["filter.common.clean", "filter.worktree.clean"]);
    // What the outermost repository keeps may include files, such as a worktree of git's.
    write("work/tree/.git", &format!("gitdir: {}\n", at("work/.git/worktrees/tree").display()));
    write("work/.git/worktrees/tree/commondir", "../..\n");
    write("work/.git/config", &(config("top") + "[include]\npath = other\n"));
    assert_eq!(found("work/tree"), ["filter.top.clean"]);
}
