//! Tests of patterns: what they stand for, and what does not keep them.

use std::fs;
use std::os::unix::fs::symlink;

use rstest::rstest;

use super::*;

fn search(root: &Path, patterns: &[&str]) -> Matching {
    let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    files_matching(root, &patterns, SearchLimits::default(), &AtomicBool::new(false))
}

fn project() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in ["a.xml", "out/b.xml", "out/deep/er/c.xml", "out/d.txt", ".env", ".env.local", ".git/x.xml"] {
        fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
        fs::write(root.path().join(file), "").unwrap();
    }
    root
}

#[rstest]
#[case::a_name(&["a.xml"], &["a.xml"])]
#[case::a_path(&["./out//b.xml"], &["out/b.xml"])]
#[case::in_one_folder(&["out/*.xml"], &["out/b.xml"])]
#[case::everywhere(&["**/*.xml"], &["a.xml", "out/b.xml", "out/deep/er/c.xml"])]
#[case::below(&["out/**/c.xml"], &["out/deep/er/c.xml"])]
#[case::twice(&["**/**/c.xml", "out/deep/**"], &["out/deep/er/c.xml"])]
#[case::folders(&["*/*/*/c.xml", "o?t/d.*"], &["out/d.txt", "out/deep/er/c.xml"])]
#[case::hidden(&[".env", ".env.*"], &[".env", ".env.local"])]
#[case::a_folder_is_no_file(&["out", "out/deep"], &[])]
#[case::what_is_not_there(&["no/such.xml", "no/**/x"], &[])]
#[case::no_pattern(&["[", ""], &[])]
fn patterns_stand_for_files(#[case] patterns: &[&str], #[case] expected: &[&str]) {
    let root = project();
    let found = search(root.path(), patterns);
    let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
    assert_eq!(found.files, expected);
    assert!(!found.is_cut && found.links.is_empty(), "{found:?}");
}

#[test]
fn links_are_told_and_not_followed() {
    let (root, elsewhere) = (project(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("x.xml"), "").unwrap();
    symlink(elsewhere.path(), root.path().join("linked")).unwrap();
    symlink("..", root.path().join("out/loop")).unwrap();
    symlink(elsewhere.path().join("x.xml"), root.path().join("out/x.xml")).unwrap();
    let found = search(root.path(), &["**/x.xml", "linked/x.xml"]);
    assert_eq!(found.files, Vec::<PathBuf>::new());
    assert_eq!(found.links, [PathBuf::from("linked"), PathBuf::from("out/x.xml")]);
    for path in ["linked/x.xml", "out/x.xml", "out/loop/a.xml", "out", "no"] {
        assert!(open_below(root.path(), Path::new(path)).is_err(), "{path}");
    }
    assert!(open_below(root.path(), Path::new("out/b.xml")).is_ok());
}

#[test]
fn the_root_itself_may_be_a_link_and_have_a_strange_name() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("a[b]*");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("x.xml"), "").unwrap();
    symlink(&root, scratch.path().join("link")).unwrap();
    assert_eq!(search(&scratch.path().join("link"), &["*.xml"]).files, [PathBuf::from("x.xml")]);
}

#[test]
fn limits_and_a_stop_end_the_search() {
    let root = project();
    let patterns = ["**/*.xml".to_owned()];
    let run = |limits, stop: bool| files_matching(root.path(), &patterns, limits, &AtomicBool::new(stop));
    let few = SearchLimits { entries: 2, ..SearchLimits::default() };
    assert!(run(few, false).is_cut);
    assert!(run(SearchLimits { files: 1, ..SearchLimits::default() }, false).is_cut);
    assert!(run(SearchLimits { depth: 1, ..SearchLimits::default() }, false).is_cut);
    let stopped = run(SearchLimits::default(), true);
    assert!(stopped.is_cut && stopped.files.is_empty());
    assert!(!run(SearchLimits::default(), false).is_cut);
}

#[test]
fn a_named_pipe_is_no_file() {
    let root = project();
    rustix::fs::mkfifoat(CWD, root.path().join("out/pipe.xml"), Mode::from_raw_mode(0o600)).unwrap();
    assert_eq!(search(root.path(), &["out/*.xml"]).files, [PathBuf::from("out/b.xml")]);
    assert!(open_below(root.path(), Path::new("out/pipe.xml")).is_err());
}
