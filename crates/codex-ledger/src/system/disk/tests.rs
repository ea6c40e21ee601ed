//! Writes below real folders.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use rstest::rstest;
use rustix::fs::{Mode, OFlags};
use tempfile::TempDir;

use super::{Disk, DiskRoot, RealDisk};

/// A disk that may write below `ledger`, which is not there yet, and `private`, which is.
struct Scene {
    _scratch: TempDir,
    root: PathBuf,
    disk: RealDisk,
}

impl Scene {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        fs::create_dir(root.join("private")).unwrap();
        let disk = RealDisk::within([DiskRoot::below(&root, "a/ledger"), DiskRoot::at(root.join("private"))]);
        Self { _scratch: scratch, root, disk }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Every file and folder that is there, links and their targets not followed.
    fn tree(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                found.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), root, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.root, &self.root, &mut found);
        found.sort();
        found
    }
}

#[test]
fn a_file_is_put_in_place_whole_and_replaces_another() {
    let scene = Scene::new();
    scene.disk.create_dir_all(&scene.at("a/ledger/turns")).unwrap();
    scene.disk.create_dir_all(&scene.at("a/ledger/turns")).unwrap();
    let file = scene.at("a/ledger/turns/file");
    scene.disk.write_new(&file, b"one").unwrap();
    scene.disk.write_new(&file, b"two").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two");
    scene.disk.sync_dir(&scene.at("a/ledger/turns")).unwrap();
    assert_eq!(scene.tree(), ["a", "a/ledger", "a/ledger/turns", "a/ledger/turns/file", "private"]);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0, "{mode:o}");
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    let scene = Scene::new();
    fs::create_dir(scene.at("private/folder")).unwrap();
    scene.disk.write_new(&scene.at("private/folder"), b"x").unwrap_err();
    scene.disk.write_new(&scene.at("private/missing/file"), b"x").unwrap_err();
    let long = format!("private/{}", "n".repeat(255));
    scene.disk.write_new(&scene.at(&long), b"x").unwrap();
    fs::remove_file(scene.at(&long)).unwrap();
    assert_eq!(scene.tree(), ["private", "private/folder"]);
}

#[rstest]
#[case("elsewhere")]
#[case("a/other")]
#[case("a/ledgers/x")]
#[case("a/ledger/../other")]
#[case("private/../elsewhere")]
#[case("private")]
#[case("/tmp/elsewhere")]
fn nothing_is_written_outside(#[case] path: &str) {
    let scene = Scene::new();
    scene.disk.create_dir_all(&scene.at("a/ledger")).unwrap();
    let before = scene.tree();
    let at = scene.at(path);
    let inside = scene.at("private/file");
    for error in [
        scene.disk.write_new(&at, b"x").unwrap_err(),
        scene.disk.append(&at, b"x").unwrap_err(),
        scene.disk.rename(&inside, &at).unwrap_err(),
        scene.disk.remove_file(&at).unwrap_err(),
        scene.disk.remove_dir_all(&at).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound), "{error}");
    }
    assert_eq!(scene.tree(), before);
}

#[test]
fn a_folder_that_was_replaced_by_a_link_leads_nowhere() {
    let scene = Scene::new();
    fs::create_dir_all(scene.at("elsewhere/5")).unwrap();
    fs::write(scene.at("elsewhere/file"), "theirs").unwrap();
    scene.disk.create_dir_all(&scene.at("a/ledger")).unwrap();
    symlink(scene.at("elsewhere"), scene.at("a/ledger/turns")).unwrap();
    let before = scene.tree();
    let file = scene.at("a/ledger/turns/file");
    for error in [
        scene.disk.write_new(&file, b"x").unwrap_err(),
        scene.disk.append(&file, b"x").unwrap_err(),
        scene.disk.create_dir_all(&scene.at("a/ledger/turns/6")).unwrap_err(),
        scene.disk.remove_file(&file).unwrap_err(),
        scene.disk.remove_dir_all(&scene.at("a/ledger/turns/5")).unwrap_err(),
        scene.disk.remove_dir_all(&scene.at("a/ledger/turns")).unwrap_err(),
        scene.disk.sync_dir(&scene.at("a/ledger/turns")).unwrap_err(),
        scene.disk.open_append(&file).err().unwrap(),
    ] {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    }
    assert_eq!(scene.tree(), before);
    assert_eq!(fs::read(scene.at("elsewhere/file")).unwrap(), b"theirs");
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let scene = Scene::new();
    fs::write(scene.at("theirs"), "theirs").unwrap();
    symlink(scene.at("theirs"), scene.at("private/link")).unwrap();
    scene.disk.append(&scene.at("private/link"), b"x").unwrap_err();
    scene.disk.write_new(&scene.at("private/link"), b"x").unwrap();
    assert!(
        !fs::symlink_metadata(scene.at("private/link")).unwrap().is_symlink(),
        "the link itself is replaced"
    );
    assert_eq!(fs::read(scene.at("theirs")).unwrap(), b"theirs");
}

#[test]
fn a_pipe_in_the_place_of_a_file_holds_nobody_up() {
    let scene = Scene::new();
    let mode = Mode::from_raw_mode(0o644);
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, scene.at("private/pipe"), kind, mode, 0).unwrap();
    scene.disk.append(&scene.at("private/pipe"), b"x").unwrap_err();
}

#[test]
fn what_is_appended_at_the_same_time_is_not_mixed() {
    let scene = Scene::new();
    let path = scene.at("private/log");
    thread::scope(|scope| {
        for writer in 0..8_u8 {
            let (disk, path) = (&scene.disk, &path);
            scope.spawn(move || (0..20).for_each(|_| disk.append(path, &[b'a' + writer; 1000]).unwrap()));
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len(), 8 * 20 * 1000);
    assert!(bytes.chunks(1000).all(|row| row.iter().all(|byte| *byte == row[0])));
}

#[test]
fn a_log_grows_piece_by_piece() {
    let scene = Scene::new();
    let path = scene.at("private/log");
    scene.disk.append(&path, b"one\n").unwrap();
    let mut file = scene.disk.open_append(&path).unwrap();
    file.write(b"two\n").unwrap();
    file.write(b"three\n").unwrap();
    file.sync().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\nthree\n");
}

#[test]
fn a_rename_publishes_a_folder_and_never_replaces_one() {
    let scene = Scene::new();
    for folder in ["a/ledger/turns", "private/one", "private/two"] {
        scene.disk.create_dir_all(&scene.at(folder)).unwrap();
    }
    scene.disk.write_new(&scene.at("private/one/file"), b"x").unwrap();
    scene.disk.rename(&scene.at("private/one"), &scene.at("a/ledger/turns/1")).unwrap();
    let error = scene.disk.rename(&scene.at("private/two"), &scene.at("a/ledger/turns/1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    scene.disk.create_dir_all(&scene.at("a/ledger/turns/2")).unwrap();
    scene.disk.rename(&scene.at("private/two"), &scene.at("a/ledger/turns/2")).unwrap_err();
    scene.disk.write_new(&scene.at("private/file"), b"x").unwrap();
    scene.disk.rename(&scene.at("private/file"), &scene.at("a/ledger/turns/2")).unwrap_err();
    assert!(scene.at("a/ledger/turns/1/file").exists() && scene.at("private/two").exists());
}

#[test]
fn a_folder_is_removed_with_all_in_it_but_not_what_its_links_name() {
    let scene = Scene::new();
    fs::create_dir_all(scene.at("theirs/deep")).unwrap();
    scene.disk.create_dir_all(&scene.at("private/old/deep")).unwrap();
    scene.disk.write_new(&scene.at("private/old/deep/file"), b"x").unwrap();
    symlink(scene.at("theirs"), scene.at("private/old/link")).unwrap();
    scene.disk.remove_dir_all(&scene.at("private/old")).unwrap();
    assert_eq!(scene.tree(), ["private", "theirs", "theirs/deep"]);
    assert_eq!(scene.disk.remove_dir_all(&scene.at("private/old")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_folder_of_any_depth_and_with_locked_ones_is_removed() {
    let scene = Scene::new();
    scene.disk.create_dir_all(&scene.at("private/old")).unwrap();
    let mut folder = fs::File::open(scene.at("private/old")).unwrap();
    // More levels than a process has descriptors.
    for level in 0..1200 {
        rustix::fs::mkdirat(&folder, "d", Mode::RWXU).unwrap();
        if level % 400 == 0 {
            rustix::fs::mkdirat(&folder, "locked", Mode::RUSR).unwrap();
        }
        folder = rustix::fs::openat(&folder, "d", OFlags::DIRECTORY, Mode::empty()).unwrap().into();
    }
    scene.disk.remove_dir_all(&scene.at("private/old")).unwrap();
    assert_eq!(scene.tree(), ["private"]);
}

#[test]
fn a_file_that_nobody_waited_for_is_whole_and_can_be_waited_for() {
    let scene = Scene::new();
    let files: Vec<_> = (0..9).map(|number| scene.at(&format!("private/file{number}"))).collect();
    for file in &files {
        scene.disk.write_unsynced(file, b"one").unwrap();
        scene.disk.write_unsynced(file, b"two").unwrap();
        assert_eq!(fs::read(file).unwrap(), b"two");
    }
    scene.disk.sync_files(&files).unwrap();
    scene.disk.sync_files(&[]).unwrap();
    assert_eq!(fs::read_dir(scene.at("private")).unwrap().count(), files.len(), "nothing else is left");
}

#[rstest]
#[case::missing("private/missing", ErrorKind::NotFound)]
#[case::elsewhere("elsewhere", ErrorKind::PermissionDenied)]
fn what_cannot_be_waited_for_is_an_error(
    #[case] path: &str,
    #[case] kind: ErrorKind,
    #[values(0, 3, 5)] place: usize,
) {
    let scene = Scene::new();
    let mut files: Vec<_> = (0..6).map(|number| scene.at(&format!("private/file{number}"))).collect();
    for file in &files {
        scene.disk.write_unsynced(file, b"x").unwrap();
    }
    files[place] = scene.at(path);
    assert_eq!(scene.disk.sync_files(&files).unwrap_err().kind(), kind);
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_waited_for() {
    let scene = Scene::new();
    fs::write(scene.at("outside"), "x").unwrap();
    symlink(scene.at("outside"), scene.at("private/link")).unwrap();
    assert!(scene.disk.sync_files(&[scene.at("private/link")]).is_err());
}
