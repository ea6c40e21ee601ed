//! Tests of trust: what is covered, what is refused, and what is kept.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rstest::rstest;
use tempfile::TempDir;

use super::*;

/// A folder with a real path, with these files in it.
fn folder(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(scratch.path()).unwrap();
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (scratch, root)
}

fn named(root: &Path, command: &str) -> Vec<String> {
    let mut files = FileList::default();
    named_files(root, command, &["./out/*.xml".to_owned()], &mut files).unwrap();
    files.paths().map(str::to_owned).collect()
}

#[rstest]
#[case("./check.sh", &["check.sh"])]
#[case("check.sh", &["check.sh"])]
#[case("sh ci/test.sh --fast", &["ci/test.sh"])]
#[case("'./check.sh' && echo", &["check.sh"])]
#[case("A=./check.sh;$A", &["check.sh"])]
#[case("exec ./ci/../check.sh", &["check.sh"])]
#[case("cd ci && ./test.sh", &["ci/test.sh"])]
#[case("cd ci\n./test.sh", &["ci/test.sh"])]
#[case("python\nci/a b.py", &["ci/a b.py"])]
#[case("tool --config=ci/test.sh", &["ci/test.sh"])]
#[case("echo `./check.sh`$(./check.sh)", &["check.sh"])]
#[case("sh ci/test.sh --report out/a.xml", &["ci/test.sh"])]
#[case("sh c\"i\"/te's't.sh", &["ci/test.sh"])]
#[case("sh ci/te\\st.sh", &["ci/test.sh"])]
#[case("sh ci/te?t.sh", &["ci/test.sh"])]
#[case("cd ci && sh ./t*.sh", &["ci/test.sh"])]
#[case("sh ci/{x,test}.sh", &["ci/test.sh"])]
#[case("sh $PWD/ci/test.sh ${PWD}/check.sh", &["check.sh", "ci/test.sh"])]
#[case("python3 -m tools.server", &["tools/__init__.py", "tools/server.py"])]
#[case("python3 -mtools.server", &["tools/__init__.py", "tools/server.py"])]
#[case("echo *", &[])]
#[case("make test", &[])]
#[case("ci", &[])]
#[case("../check.sh /etc/passwd", &[])]
fn files_that_a_command_names_are_covered(#[case] command: &str, #[case] expected: &[&str]) {
    let (_scratch, root) = folder(&[
        ("check.sh", "1"),
        ("ci/test.sh", "2"),
        ("ci/a b.py", "3"),
        ("tools/__init__.py", "4"),
        ("tools/server.py", "5"),
        ("Makefile", ""),
        ("out/a.xml", ""),
    ]);
    assert_eq!(named(&root, command), expected, "{command}");
}

#[test]
fn a_file_named_by_its_whole_path_is_covered() {
    let (_scratch, root) = folder(&[("check.sh", "1")]);
    assert_eq!(named(&root, &format!("sh {}/check.sh", root.display())), ["check.sh"]);
}

#[test]
fn a_link_out_of_the_project_cannot_be_trusted() {
    let (_elsewhere, other) = folder(&[("evil.sh", "evil")]);
    let (_scratch, root) = folder(&[("ci/good.sh", "good")]);
    symlink(other.join("evil.sh"), root.join("check.sh")).unwrap();
    symlink(&other, root.join("away")).unwrap();
    symlink("ci/good.sh", root.join("inside.sh")).unwrap();
    let refused = |command: &str| {
        let error = named_files(&root, command, &[], &mut FileList::default()).unwrap_err();
        matches!(error, TrustError::File { source: FileRefused::OutOfProject { .. }, .. })
    };
    assert!(refused("./check.sh"));
    assert!(refused("sh away/evil.sh"));
    assert!(refused("cd away; ./evil.sh"));
    let (mut through, mut direct) = (FileList::default(), FileList::default());
    named_files(&root, "./inside.sh", &[], &mut through).unwrap();
    named_files(&root, "ci/good.sh", &[], &mut direct).unwrap();
    assert_eq!(through.paths().collect::<Vec<_>>(), ["inside.sh"]);
    assert!(!through.contains(&direct));
}

#[test]
fn what_is_no_file_or_too_large_is_not_read() {
    let (_scratch, root) = folder(&[("large", "12345")]);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let read = |name: &str| read_below(&root, Path::new(name), 4);
    assert!(matches!(read("large"), Err(FileRefused::TooLarge { limit_bytes: 4 })));
    assert!(matches!(read("pipe"), Err(FileRefused::NotAFile)));
    assert!(matches!(read("nothing"), Ok(None)));
    assert!(matches!(read("large/below"), Ok(None)));
    symlink("nowhere", root.join("dangling")).unwrap();
    assert!(matches!(read("dangling"), Err(FileRefused::NotAFile)));
}

fn list(files: &[(&str, &str)]) -> FileList {
    let mut list = FileList::default();
    for (path, bytes) in files {
        list.add(*path, bytes.as_bytes());
    }
    list
}

#[test]
fn each_word_covers_what_it_names_and_nothing_else() {
    let settings = list(&[("codex-turns.toml", "a")]);
    let whole = list(&[("codex-turns.toml", "a"), ("check.sh", "b")]);
    let other = list(&[("codex-turns.toml", "a"), ("check.sh", "c")]);
    assert!(!Trust::default().covers(&settings, &whole));
    assert!(Trust::default().everything().covers(&whole, &whole));
    let files = Trust::default().files(whole.clone());
    assert!(files.covers(&whole, &whole) && files.covers(&settings, &other), "each file by itself");
    assert!(!files.covers(&other, &other), "another check.sh");
    let digest = Trust::default().whole(whole.digest());
    assert!(digest.covers(&whole, &whole) && !digest.covers(&settings, &other));
    assert!(!digest.covers(&list(&[("else", "")]), &whole), "a file that the digest does not have");
}

#[test]
fn a_digest_depends_on_names_and_bytes() {
    let lists = [
        list(&[]),
        list(&[("a", "b")]),
        list(&[("a", "c")]),
        list(&[("b", "b")]),
        list(&[("a", "b"), ("c", "b")]),
    ];
    for (at, one) in lists.iter().enumerate() {
        for other in &lists[at + 1..] {
            assert_ne!(one.digest(), other.digest());
        }
        let text = one.digest().to_string();
        assert_eq!(text.parse::<Digest>().unwrap(), one.digest());
    }
}

#[rstest]
#[case("1")]
#[case("0")]
#[case("true")]
#[case("YES")]
#[case("all")]
#[case("*")]
#[case("sha256:12")]
#[case("sha256:zz")]
#[case("-x")]
#[case("--upload-pack=x")]
#[case("a..b")]
#[case("HEAD~1")]
#[case("HEAD^")]
#[case("main@{1}")]
#[case("a b")]
#[case("main:file")]
#[case("refs//heads")]
fn a_word_that_does_not_say_which_bytes_is_refused(#[case] text: &str) {
    TrustWord::parse(text).unwrap_err();
}

#[test]
fn a_word_is_a_digest_or_a_ref() {
    let digest = list(&[("a", "b")]).digest();
    assert_eq!(TrustWord::parse(&digest.to_string()).unwrap(), TrustWord::Digest(digest));
    for name in ["main", "origin/main", "refs/tags/v1.0", "0123456789012345678901234567890123456789"] {
        assert_eq!(TrustWord::parse(name).unwrap(), TrustWord::Ref(name.to_owned()));
    }
}

#[test]
fn a_store_keeps_each_project_apart_and_for_this_user_alone() {
    let (_scratch, state) = folder(&[]);
    fs::set_permissions(&state, Permissions::from_mode(0o700)).unwrap();
    let store = TrustStore::below(&state, &WritablePlaces::default()).unwrap();
    let (one, other) = (Path::new("/one"), Path::new("/other"));
    assert_eq!(store.load(one).unwrap(), None);
    assert!(!store.forget(one).unwrap());
    let record = TrustRecord::new(one, list(&[("a", "b")]), vec!["will run make".to_owned()]);
    store.save(one, &record).unwrap();
    assert_eq!(store.load(one).unwrap(), Some(record.clone()));
    assert_eq!(store.load(other).unwrap(), None);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state.join("trust")), 0o700);
    let file = fs::read_dir(state.join("trust")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(mode(&file), 0o600);
    // A record that was put in the place of another one's says whose it is.
    store.save(other, &record).unwrap();
    assert_eq!(store.load(other).unwrap(), None);
    fs::write(&file, "{}").unwrap();
    assert_eq!(store.load(one).unwrap(), None, "a record of nothing");
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    assert!(matches!(store.load(one), Err(TrustError::StoreOfOthers { .. })));
    fs::remove_file(&file).unwrap();
    symlink("/dev/null", &file).unwrap();
    store.load(one).unwrap_err();
}

#[test]
fn a_store_in_reach_of_the_agent_is_refused() {
    let (_scratch, root) = folder(&[("safe/x", ""), ("open/deep/x", "")]);
    let (safe, open) = (root.join("safe"), root.join("open"));
    symlink(open.join("deep"), safe.join("into")).unwrap();
    symlink(&safe, open.join("out")).unwrap();
    symlink(&open, root.join("alias")).unwrap();
    let refused = |state: &Path, places: &[&Path]| {
        let places = WritablePlaces::new(places.iter().map(|place| (*place).to_owned()));
        matches!(TrustStore::below(state, &places), Err(TrustError::StoreInReach { .. }))
    };
    assert!(!refused(&safe.join("state"), &[&open]));
    assert!(refused(&open.join("state"), &[&open]), "below it");
    assert!(refused(&open, &[&open.join("trust"), &open]), "it itself");
    assert!(refused(&safe.join("into/state"), &[&open]), "by a link into it");
    assert!(refused(&open.join("out/state"), &[&open]), "by a link in it, which the agent can turn");
    assert!(refused(&open.join("state"), &[&root.join("alias")]), "where the place is a link");
    assert!(refused(&safe.join("../open/state"), &[&open]), "by a path that goes up");
    assert!(!refused(&safe.join("state"), &[&root.join("nowhere")]));
}

#[test]
fn a_store_that_others_may_write_to_is_refused() {
    let (_scratch, state) = folder(&[]);
    fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
    let refused = TrustStore::below(&state, &WritablePlaces::default());
    assert!(matches!(refused, Err(TrustError::StoreOfOthers { .. })), "{refused:?}");
}
