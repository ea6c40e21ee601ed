//! Tests: at no time has a thread two holders, and nothing is left behind.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::SystemTime;

use tempfile::{TempDir, tempdir};

use super::*;

fn state() -> (TempDir, StateDir) {
    let scratch = tempdir().unwrap();
    let state = StateDir::at(scratch.path().join("state"));
    (scratch, state)
}

fn id() -> ThreadId {
    ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a53").unwrap()
}

#[test]
fn a_busy_thread_names_its_holder() {
    let (_scratch, state) = state();
    let held = ThreadLock::acquire(&state, &id()).unwrap();
    let since = SystemTime::now() - Duration::from_secs(90);
    held.file.set_modified(since).unwrap();
    let busy = ThreadLock::acquire(&state, &id()).unwrap_err();
    let ThreadLockError::Busy { holder: Some(holder), .. } = &busy else { panic!("{busy:?}") };
    assert_eq!((holder.pid, holder.since), (process::id(), Some(since)));
    let expected = format!("the thread {} is in use by process {}, for 9", id(), process::id());
    assert!(busy.to_string().starts_with(&expected), "{busy}");
}

#[test]
fn another_thread_of_codex_is_free() {
    let (_scratch, state) = state();
    let other = ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a54").unwrap();
    let _held = ThreadLock::acquire(&state, &id()).unwrap();
    assert!(ThreadLock::acquire(&state, &other).is_ok());
}

#[test]
fn a_released_lock_leaves_no_file() {
    let (_scratch, state) = state();
    drop(ThreadLock::acquire(&state, &id()).unwrap());
    assert_eq!(fs::read_dir(state.threads().unwrap()).unwrap().count(), 0);
}

#[test]
fn the_file_of_a_holder_that_died_is_no_obstacle() {
    let (_scratch, state) = state();
    fs::write(state.threads().unwrap().join(file_name(id().as_str())), "4194304").unwrap();
    assert!(ThreadLock::acquire(&state, &id()).is_ok());
}

#[test]
fn a_lock_on_a_file_that_was_removed_does_not_count() {
    let (_scratch, state) = state();
    let path = state.threads().unwrap().join(file_name(id().as_str()));
    let before = ThreadLock::acquire(&state, &id()).unwrap();
    let opened = open(&path).unwrap();
    drop(before);
    assert!(matches!(locked(&opened, &path).unwrap(), Locked::Removed), "there is no file");
    let _held = ThreadLock::acquire(&state, &id()).unwrap();
    assert!(matches!(locked(&opened, &path).unwrap(), Locked::Removed), "there is another file");
}

#[test]
fn contended_turns_have_one_holder_at_a_time() {
    let (_scratch, state) = state();
    let (holders, turns) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while turns.load(Ordering::SeqCst) < 100 {
                    let held = match ThreadLock::acquire(&state, &id()) {
                        Ok(held) => held,
                        Err(ThreadLockError::Busy { .. }) => continue,
                        Err(error) => panic!("{error:?}"),
                    };
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                    turns.fetch_add(1, Ordering::SeqCst);
                    // Gives the others every chance to come in.
                    (0..3).for_each(|_| thread::yield_now());
                    holders.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                }
            });
        }
    });
}

#[test]
fn an_id_cannot_leave_the_folder() {
    assert_eq!(file_name("../x y"), "%2e%2e%2fx%20y.lock");
    assert_eq!(file_name(id().as_str()), format!("{}.lock", id()));
}
