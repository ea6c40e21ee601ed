//! How a folder is reached, and what is done in it.

use std::os::unix::fs::symlink;

use super::*;

struct Tree {
    scratch: tempfile::TempDir,
}

impl Tree {
    /// `work` is a folder of the agent, with `deep` in it; `home` is none.
    fn new() -> Self {
        let tree = Self { scratch: tempfile::tempdir().unwrap() };
        for folder in ["work/deep", "home/inner"] {
            fs::create_dir_all(tree.at(folder)).unwrap();
        }
        tree
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn open(&self, name: &str) -> Result<PathBuf, String> {
        let theirs = AgentFolders::of(&self.at("work"), &[]);
        let opened = OpenFolder::open(&self.at(name), &theirs);
        opened.map(|folder| folder.real).map_err(|error| error.to_string())
    }

    fn real(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.scratch.path()).unwrap().join(name)
    }
}

#[test]
fn a_link_is_followed_only_outside_of_the_worktree() {
    let tree = Tree::new();
    symlink(tree.at("home"), tree.at("work/out")).unwrap();
    symlink("out", tree.at("work/again")).unwrap();
    symlink("../work", tree.at("home/work")).unwrap();
    symlink(tree.at("home/inner"), tree.at("home/own")).unwrap();
    symlink("loop", tree.at("home/loop")).unwrap();
    for name in ["work/out", "work/out/inner", "work/again", "work/deep/../out", "home/work/out"] {
        let error = tree.open(name).unwrap_err();
        assert!(error.contains("is a symbolic link, which is not followed here"), "{name}: {error}");
    }
    assert_eq!(tree.open("home/own").unwrap(), tree.real("home/inner"));
    assert_eq!(tree.open("home/work/deep").unwrap(), tree.real("work/deep"));
    assert_eq!(tree.open("home/inner/../own/..").unwrap(), tree.real("home"));
    assert!(tree.open("home/loop").is_err());
    assert!(tree.open("home/none").is_err());
}

#[test]
fn a_link_where_everybody_may_write_is_not_followed() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::new();
    let shared = tree.at("home/shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    symlink(tree.at("home/inner"), shared.join("link")).unwrap();
    assert!(tree.open("home/shared/link").is_err());
    assert!(tree.open("home/shared").is_ok());
}

#[test]
fn a_folder_that_may_be_passed_and_not_read_is_passed() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::new();
    fs::set_permissions(tree.at("home"), fs::Permissions::from_mode(0o711)).unwrap();
    assert!(tree.open("home/inner").is_ok());
}

#[test]
fn a_file_is_replaced_and_not_what_a_link_leads_to() {
    let tree = Tree::new();
    let folder = OpenFolder::open(&tree.at("work"), &AgentFolders::default()).unwrap();
    fs::write(tree.at("home/own"), "own").unwrap();
    symlink(tree.at("home/own"), tree.at("work/file")).unwrap();
    folder.replace("file".as_ref(), b"new", 0o600).unwrap();
    assert_eq!(fs::read(tree.at("home/own")).unwrap(), b"own");
    assert_eq!(fs::read(tree.at("work/file")).unwrap(), b"new");
    fs::hard_link(tree.at("home/own"), tree.at("work/hard")).unwrap();
    folder.replace("hard".as_ref(), b"new", 0o600).unwrap();
    assert_eq!(fs::read(tree.at("home/own")).unwrap(), b"own");
    let long = "x".repeat(255);
    folder.replace(long.as_ref(), b"long", 0o600).unwrap();
    assert!(folder.replace("deep".as_ref(), b"", 0o600).is_err(), "a folder stays");
    let mut names: Vec<_> = fs::read_dir(tree.at("work")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["deep".into(), "file".into(), "hard".into(), OsString::from(long)]);
}

#[test]
fn it_stays_the_same_folder() {
    let tree = Tree::new();
    let folder = OpenFolder::open(&tree.at("work/deep"), &AgentFolders::default()).unwrap();
    fs::rename(tree.at("work/deep"), tree.at("work/moved")).unwrap();
    symlink(tree.at("home"), tree.at("work/deep")).unwrap();
    folder.replace("file".as_ref(), b"x", 0o600).unwrap();
    assert!(tree.at("work/moved/file").exists() && !tree.at("home/file").exists());
}

#[test]
fn folders_are_made_and_links_among_them_refused() {
    let tree = Tree::new();
    let folder = OpenFolder::open(&tree.at("work"), &AgentFolders::default()).unwrap();
    folder.make_below(Path::new("a/b")).unwrap().create_new("file".as_ref(), 0o666).unwrap();
    assert!(tree.at("work/a/b/file").exists());
    assert!(folder.make_below(Path::new("a/b")).is_ok());
    symlink(tree.at("home"), tree.at("work/link")).unwrap();
    assert!(folder.make_below(Path::new("link/x")).is_err());
    assert!(!tree.at("home/x").exists());
    let inner = folder.make_below(Path::new("a")).unwrap();
    symlink("nowhere", tree.at("work/a/link")).unwrap();
    let error = inner.create_new("link".as_ref(), 0o666).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
}
