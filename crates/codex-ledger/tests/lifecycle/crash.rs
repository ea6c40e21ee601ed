//! The process dies at every side effect, one after the other, and everything is made good again.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use codex_ledger::record::{LockFile, Recovered};
use codex_ledger::system::Waiter;
use codex_ledger::values::sha256_hex;
use codex_ledger::{FileLedger, GitMode, LedgerError, RecordEnd, Recorded};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::{World, rules};

/// What an undisturbed turn leaves.
struct Golden {
    files: BTreeMap<String, Vec<u8>>,
    refs: String,
    effects: usize,
}

fn golden(base: &World) -> Golden {
    let world = base.copy();
    let fate = Fate::new(Blow::None);
    let recorded = world.turn(&world.fated(&fate), 2).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    world.verify("undisturbed");
    Golden { files: world.files(), refs: world.refs(), effects: fate.effects().len() }
}

/// Holds whatever happened: nothing old is touched, and the turn is whole, closed as interrupted, or never was.
fn check(world: &World, base: &World, golden: &Golden, acknowledged: Option<&Recorded>, story: &str) {
    assert_eq!(world.leftovers(), Vec::<PathBuf>::new(), "{story}");
    let mut files = world.files();
    let has_half = files.keys().any(|name| name.ends_with(".half.tmp"));
    // Half of a temporary file is all that a dead process can leave beside the records.
    files.retain(|name, _| !name.ends_with(".half.tmp"));
    for (name, bytes) in base.files() {
        let now = files.get(&name).unwrap_or_else(|| panic!("{story}: {name} is gone"));
        assert!(now.starts_with(&bytes), "{story}: {name} has changed");
    }
    let claimed = world.refs().contains("refs/turns/2 ");
    if !files.contains_key("turns/2/manifest.json") {
        assert!(!claimed, "{story}: a claim without a record");
        assert_eq!(acknowledged, None, "{story}");
        assert_eq!(files, base.files(), "{story}");
        return;
    }
    let manifest = world.manifest(2);
    let state = manifest["ledger"]["state"].as_str().unwrap();
    if let Some(recorded) = acknowledged {
        assert_eq!(recorded.manifest_sha256, sha256_hex(&files["turns/2/manifest.json"]), "{story}");
        assert_eq!(state, "completed", "{story}");
    }
    match state {
        "completed" => {
            assert_eq!(files, golden.files, "{story}");
            assert_eq!(world.refs(), golden.refs, "{story}");
            if world.mode.commits() {
                assert_eq!(world.line(&["status", "--porcelain"]), "", "{story}");
            }
        }
        "interrupted" => {
            if !has_half {
                world.verify(story);
            }
            for artifact in manifest["ledger"]["artifacts"].as_array().unwrap() {
                let bytes = &files[&format!("turns/2/{}", artifact["path"].as_str().unwrap())];
                assert_eq!(sha256_hex(bytes), artifact["sha256"].as_str().unwrap(), "{story}");
            }
            let index = String::from_utf8(files["turns_index.csv"].clone()).unwrap();
            assert_eq!(index.lines().filter(|line| line.starts_with("2,")).count(), 1, "{story}: {index}");
            assert_eq!(manifest["ledger"]["parents"][0]["turnId"], 1, "{story}");
        }
        other => panic!("{story}: {other}"),
    }
}

/// A turn that the blow hits, and what the caller heard of it.
fn struck(base: &World, blow: Blow) -> (World, Result<Recorded, LedgerError>) {
    let world = base.copy();
    let outcome = world.turn(&world.fated(&Fate::new(blow)), 2);
    (world, outcome)
}

/// Recovers twice; the second time there is nothing to do.
fn recover_twice(world: &World, story: &str) -> Vec<Recovered> {
    let recovered = world.ledger().recover().unwrap_or_else(|error| panic!("{story}: {error}"));
    let (files, refs) = (world.files(), world.refs());
    assert_eq!(world.ledger().recover().unwrap(), [], "{story}");
    assert_eq!((files, refs), (world.files(), world.refs()), "{story}");
    recovered
}

/// Runs a check for each number on both cores.
fn for_each(numbers: usize, check: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(1);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number > numbers {
                        break;
                    }
                    check(number);
                }
            });
        }
    });
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
#[case::branch(GitMode::Branch)]
fn killed_at_any_effect_a_turn_is_recorded_interrupted_or_never_was(#[case] mode: GitMode) {
    let base = World::new(mode);
    let golden = golden(&base);
    // Dying right after an effect is dying before the next one, unless that one can be done by halves; one mode is
    // enough to show it.
    let blows: &[fn(usize) -> Blow] =
        if mode == GitMode::Record { &[Blow::KillBefore, Blow::KillAfter] } else { &[Blow::KillBefore] };
    for_each(golden.effects, |at| {
        for blow in blows.iter().map(|blow| blow(at)) {
            let (world, outcome) = struck(&base, blow);
            let story = format!("{mode} {blow:?}");
            recover_twice(&world, &story);
            check(&world, &base, &golden, outcome.as_ref().ok(), &story);
        }
    });
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn killed_again_during_recovery_a_turn_comes_out_the_same(#[case] mode: GitMode) {
    let base = World::new(mode);
    let golden = golden(&base);
    // One crash for each stage that recovery can begin at.
    let mut crashes: BTreeMap<String, World> = BTreeMap::new();
    for at in 1..=golden.effects {
        let (world, _) = struck(&base, Blow::KillBefore(at));
        let found = world.copy().ledger().recover().unwrap();
        if let [recovered] = found.as_slice() {
            let key = format!("{:?} {}", recovered.found, recovered.record.state);
            crashes.entry(key).or_insert(world);
        }
    }
    assert!(crashes.len() >= 5, "{:?}", crashes.keys());
    for (stage, crashed) in &crashes {
        let fate = Fate::new(Blow::None);
        crashed.copy().fated(&fate).recover().unwrap();
        for_each(fate.effects().len(), |at| {
            let blow = if at % 2 == 0 { Blow::KillBefore(at) } else { Blow::KillAfter(at) };
            let world = crashed.copy();
            let _ = world.fated(&Fate::new(blow)).recover();
            let story = format!("{mode} from {stage}, {blow:?}");
            recover_twice(&world, &story);
            check(&world, &base, &golden, None, &story);
        });
    }
}

#[test]
fn the_next_turn_recovers_the_last_and_comes_after_it() {
    let world = World::new(GitMode::Record);
    drop(world.ledger().open_turn(world.header()).unwrap());
    assert_eq!(world.ledger().unfinished().unwrap(), 1);
    let recorded = world.turn(&world.ledger(), 3).unwrap();
    assert_eq!(recorded.turn_id.get(), 3);
    assert_eq!(world.manifest(2)["ledger"]["state"], "interrupted");
    assert_eq!(world.manifest(3)["ledger"]["parents"][0]["turnId"], 2);
    assert_eq!(world.manifest(3)["ledger"]["parents"].as_array().unwrap().len(), 1);
}

#[test]
fn a_turn_that_runs_is_neither_recovered_nor_joined() {
    let world = World::new(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    assert!(matches!(world.ledger().recover(), Err(LedgerError::Busy { .. })));
    assert!(matches!(world.ledger().open_turn(world.header()), Err(LedgerError::Busy { .. })));
    assert_eq!(log.finish(RecordEnd::new()).unwrap().turn_id.get(), 2);
}

/// Lets go of a lock when somebody waits, as a child does that becomes another program.
struct LettingGo(Mutex<Option<LockFile>>);

impl Waiter for LettingGo {
    fn wait(&self, _: Duration) {
        drop(self.0.lock().unwrap().take());
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

#[test]
fn a_lock_that_outlives_its_holder_by_a_moment_is_waited_for() {
    let world = World::new(GitMode::Record);
    let held = LockFile::try_acquire(&world.root().join(".git/turns/lock")).unwrap();
    assert!(held.is_some(), "this is the lock of the worktree");
    let ledger = FileLedger::builder(world.root(), rules())
        .waiter(Arc::new(LettingGo(Mutex::new(held))))
        .open()
        .unwrap();
    assert_eq!(ledger.open_turn(world.header()).unwrap().turn_id().get(), 2);
}

/// The system may end a writer between its temporary file and the name that this is to get.
#[test]
fn what_a_killed_writer_left_is_gone_after_the_next_turn() {
    let world = World::new(GitMode::Record);
    let git_dir = PathBuf::from(world.line(&["rev-parse", "--absolute-git-dir"]));
    let ledger = world.root().join("ai/agentic-pipeline");
    let halves = [
        git_dir.join("turns/.heads.json.0123456789abcdef.tmp"),
        ledger.join(".turns_index.csv.0123456789abcdef.tmp"),
        ledger.join("turns/.claim.0123456789abcdef.tmp"),
    ];
    for half in &halves {
        fs::write(half, "{").unwrap();
        let file = fs::File::options().append(true).open(half).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    }
    world.turn(&world.ledger(), 2).unwrap();
    assert_eq!(halves.map(|half| half.exists()), [false; 3]);
    world.verify("after the next turn");
}
