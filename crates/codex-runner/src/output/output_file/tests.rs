//! Where an output file lands.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

/// A folder of the agent, `work`, beside one that is not, `home`.
struct Folders {
    scratch: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        let folders = Self { scratch: tempfile::tempdir().unwrap() };
        for name in ["work/out", "home"] {
            fs::create_dir_all(folders.at(name)).unwrap();
        }
        folders
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn prepare(&self, name: &str) -> io::Result<WholeFile> {
        WholeFile::prepare(&self.at(name), &AgentFolders::of(&self.at("work"), &[]))
    }

    fn names(&self, folder: &str) -> Vec<OsString> {
        fs::read_dir(self.at(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }
}

#[test]
fn a_file_is_replaced_whole_and_is_its_users_alone() {
    let folders = Folders::new();
    let path = folders.at("work/answer");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let file = folders.prepare("work/answer").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old", "preparing keeps what is there");
    file.write(b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    file.clear().unwrap();
    file.clear().unwrap();
    assert_eq!(folders.names("work"), ["out"]);
}

#[test]
fn a_link_at_its_name_is_refused_wherever_it_is() {
    let folders = Folders::new();
    fs::write(folders.at("home/own"), "own").unwrap();
    for (link, target) in [("work/link", "../home/own"), ("work/new", "../home/new"), ("home/link", "own")] {
        symlink(target, folders.at(link)).unwrap();
        assert!(folders.prepare(link).is_err(), "{link}");
    }
    assert_eq!(folders.names("home").len(), 2);
}

#[test]
fn a_folder_that_is_replaced_during_the_turn_is_an_error() {
    let folders = Folders::new();
    let file = folders.prepare("work/out/answer").unwrap();
    fs::rename(folders.at("work/out"), folders.at("work/gone")).unwrap();
    assert!(file.write(b"x").is_err(), "it is gone");
    symlink("../home", folders.at("work/out")).unwrap();
    assert!(file.write(b"x").is_err(), "it is a link");
    fs::remove_file(folders.at("work/out")).unwrap();
    fs::create_dir(folders.at("work/out")).unwrap();
    let error = file.write(b"x").unwrap_err();
    assert_eq!(error.to_string(), "its folder was replaced during the turn");
    for folder in ["work/out", "work/gone", "home"] {
        assert!(folders.names(folder).is_empty(), "{folder}");
    }
}

#[test]
fn a_link_that_takes_its_name_during_the_turn_is_replaced() {
    let folders = Folders::new();
    fs::write(folders.at("home/own"), "own").unwrap();
    let file = folders.prepare("work/answer").unwrap();
    symlink("../home/own", folders.at("work/answer")).unwrap();
    file.write(b"x").unwrap();
    assert_eq!(fs::read(folders.at("home/own")).unwrap(), b"own");
    assert!(fs::symlink_metadata(folders.at("work/answer")).unwrap().is_file());
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    for device in ["/dev/null", "/dev/stderr"] {
        let file = WholeFile::prepare(Path::new(device), &AgentFolders::default()).unwrap();
        file.clear().unwrap();
        file.write(b"").unwrap();
    }
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_named_pipe_is_written_to_wherever_it_is() {
    let folders = Folders::new();
    for name in ["home/pipe", "work/pipe"] {
        let pipe = folders.at(name);
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let file = folders.prepare(name).unwrap();
        file.clear().unwrap();
        let reader = std::thread::spawn(move || fs::read(pipe).unwrap());
        let long = vec![b'x'; 300_000];
        file.write(&long).unwrap();
        assert_eq!(reader.join().unwrap(), long, "{name}");
    }
}

#[test]
fn a_file_that_takes_the_place_of_a_pipe_is_not_written_to() {
    let folders = Folders::new();
    let (pipe, fifo) = (folders.at("work/pipe"), rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, rustix::fs::Mode::from_raw_mode(0o600), 0).unwrap();
    let file = folders.prepare("work/pipe").unwrap();
    fs::write(folders.at("home/own"), "own").unwrap();
    fs::remove_file(&pipe).unwrap();
    fs::hard_link(folders.at("home/own"), &pipe).unwrap();
    assert_eq!(file.write(b"x").unwrap_err().to_string(), "the file was replaced during the turn");
    assert_eq!(fs::read(folders.at("home/own")).unwrap(), b"own");
}

#[test]
fn a_directory_and_a_missing_folder_are_refused() {
    let folders = Folders::new();
    for name in ["work", "work/out", "work/out/..", "work/none/answer", "work/out/answer/x"] {
        assert!(folders.prepare(name).is_err(), "{name}");
    }
}

#[test]
fn one_file_by_two_names_is_seen() {
    let folders = Folders::new();
    symlink("../work", folders.at("home/link")).unwrap();
    let one = folders.prepare("work/a").unwrap();
    for same in ["work/./a", "work/out/../a", "home/link/a"] {
        assert!(one.is_same(&folders.prepare(same).unwrap()), "{same}");
    }
    assert!(!one.is_same(&folders.prepare("work/b").unwrap()));
}
