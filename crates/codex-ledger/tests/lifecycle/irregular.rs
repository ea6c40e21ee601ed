//! Pipes and links in the place of files of the ledger, left by a turn that nobody recorded.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{GitMode, LedgerError, RecordEnd, TurnBegin};
use rstest::rstest;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::world::World;

const LIMIT: Duration = Duration::from_mins(1);

const FROM_OUTSIDE: &str = "text of a file outside of the ledger\n";

/// Runs something that must not wait for the other end of a pipe.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(LIMIT).expect("nothing waits for a pipe")
}

fn place(world: &World, path: &str) -> std::path::PathBuf {
    world.root().join(LEDGER_ROOT).join(path)
}

fn put_pipe(world: &World, path: &str) {
    let place = place(world, path);
    let _ = fs::remove_file(&place);
    mknodat(CWD, &place, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Moves a file out of the ledger and leaves a link to it.
fn put_link(world: &World, path: &str) {
    let (place, outside) = (place(world, path), world.beside("outside"));
    fs::rename(&place, &outside).unwrap();
    symlink(outside, place).unwrap();
}

/// Records a turn that changes a file.
fn record(world: &World) -> Result<u64, LedgerError> {
    let mut log = world.ledger().open_turn(world.header())?;
    log.begin_turn(TurnBegin::new("go"));
    world.write("note", "written\n");
    Ok(log.finish(RecordEnd::new())?.turn_id.get())
}

#[rstest]
#[case::a_pipe(put_pipe)]
#[case::a_link(put_link)]
fn a_manifest_that_is_no_file_is_no_parent(#[case] put: fn(&World, &str)) {
    let world = World::new(GitMode::Record);
    put(&world, "turns/1/manifest.json");
    let (world, turn) = in_time(move || {
        let turn = record(&world);
        (world, turn)
    });
    assert_eq!(turn.unwrap(), 2);
    assert_eq!(world.manifest(2)["ledger"]["parents"], serde_json::json!([]));
}

#[test]
fn recovery_makes_an_index_again_that_is_a_pipe() {
    let world = World::new(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    put_pipe(&world, "turns_index.csv");
    drop(log);
    let (world, recovered) = in_time(move || {
        let recovered = world.ledger().recover();
        (world, recovered)
    });
    assert_eq!(recovered.unwrap().len(), 1);
    let index = place(&world, "turns_index.csv");
    assert!(fs::symlink_metadata(&index).unwrap().is_file());
    assert!(fs::read_to_string(&index).unwrap().contains("\n1,"));
}

#[test]
fn no_commit_has_what_a_link_in_the_ledger_leads_to() {
    let world = World::new(GitMode::Commit);
    put_link(&world, ".gitattributes");
    fs::write(world.beside("outside"), FROM_OUTSIDE).unwrap();
    assert_eq!(record(&world).unwrap(), 2);
    let committed = world.line(&["show", &format!("HEAD:{LEDGER_ROOT}/.gitattributes")]);
    assert_ne!(committed, FROM_OUTSIDE.trim_end());
}
