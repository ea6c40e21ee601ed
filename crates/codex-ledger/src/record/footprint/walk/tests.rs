//! A pass that does not list folders again finds the same as one that does.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{CWD, Listings, Sum, Walk, open, statat};
use crate::record::footprint::{FootprintPart, PartMark};

/// Nothing counts as fresh.
const NEVER: Duration = Duration::MAX;
const PATIENCE: Duration = Duration::from_secs(30);

type Marks = BTreeMap<String, PartMark>;

fn ledger() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for record in 1..=3 {
        let folder = scratch.path().join(format!("turns/{record}/logs"));
        fs::create_dir_all(folder.join("empty")).unwrap();
        fs::write(folder.join("task.log"), format!("{record}\n")).unwrap();
        fs::write(folder.join("../manifest.json"), "{}\n").unwrap();
    }
    fs::write(scratch.path().join("turns_index.csv"), "turnId\n").unwrap();
    scratch
}

fn parts(root: &Path, marks: &Marks) -> BTreeMap<String, FootprintPart> {
    Walk { fresh_since: NEVER, marks: &|name| marks.get(name) }.ledger(root).unwrap().0
}

fn marks(parts: &BTreeMap<String, FootprintPart>) -> Marks {
    parts.iter().map(|(name, part)| (name.clone(), part.mark().unwrap())).collect()
}

/// Waits until the clock of the file system has gone on: two changes of one tick look like one.
fn next_tick(root: &Path) {
    let probe = root.with_extension("probe");
    let now = || {
        fs::write(&probe, "").unwrap();
        let found = fs::metadata(&probe).unwrap();
        fs::remove_file(&probe).unwrap();
        (found.ctime(), found.ctime_nsec())
    };
    let (before, start) = (now(), Instant::now());
    while now() == before {
        assert!(start.elapsed() < PATIENCE, "the clock stands still");
    }
}

fn check(story: &str, change: impl FnOnce(&Path)) {
    let scratch = ledger();
    let root = scratch.path();
    let before = marks(&parts(root, &Marks::new()));
    let again = marks(&parts(root, &before));
    assert_eq!(again, before, "{story}: nothing has changed yet");
    next_tick(root);
    change(root);
    let (quick, whole) = (parts(root, &before), parts(root, &Marks::new()));
    assert_eq!(marks(&quick), marks(&whole), "{story}");
    let entries = |parts: &BTreeMap<String, FootprintPart>| {
        parts.values().map(|part| part.entries.clone()).collect::<Vec<_>>()
    };
    assert_eq!(entries(&quick), entries(&whole), "{story}");
    let is_same =
        |(name, part): (&String, &FootprintPart)| before.get(name).is_some_and(|mark| part.is_as(mark));
    assert!(quick.len() != before.len() || !quick.iter().all(is_same), "{story}: it is found");
}

#[test]
fn whatever_was_done_to_a_part_is_found() {
    check("a file is added", |root| fs::write(root.join("turns/2/new"), "").unwrap());
    check("a file is added further down", |root| fs::write(root.join("turns/2/logs/empty/new"), "").unwrap());
    check("a file is gone", |root| fs::remove_file(root.join("turns/2/logs/task.log")).unwrap());
    check("a file is renamed", |root| {
        fs::rename(root.join("turns/2/manifest.json"), root.join("turns/2/manifest")).unwrap();
    });
    check("a file has other bytes of the same length", |root| {
        fs::write(root.join("turns/2/logs/task.log"), "x\n").unwrap();
    });
    check("a file can be run", |root| {
        let path = root.join("turns/2/manifest.json");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    });
    check("a folder is locked", |root| {
        fs::set_permissions(root.join("turns/2/logs/empty"), fs::Permissions::from_mode(0o700)).unwrap();
    });
    check("a folder is a link to what it was", |root| {
        fs::rename(root.join("turns/2/logs"), root.join("turns/2/old")).unwrap();
        symlink("old", root.join("turns/2/logs")).unwrap();
    });
    check("a record is a link to what it was", |root| {
        fs::rename(root.join("turns/2"), root.join("old")).unwrap();
        symlink("../old", root.join("turns/2")).unwrap();
    });
    check("a record is gone", |root| fs::remove_dir_all(root.join("turns/2")).unwrap());
    check("two records are exchanged", |root| {
        fs::rename(root.join("turns/2"), root.join("turns/4")).unwrap();
        fs::rename(root.join("turns/3"), root.join("turns/2")).unwrap();
        fs::rename(root.join("turns/4"), root.join("turns/3")).unwrap();
    });
}

#[test]
fn the_names_of_a_part_are_known_while_its_folders_are_as_they_were() {
    let scratch = ledger();
    let root = scratch.path();
    let found = parts(root, &Marks::new());
    let (part, mark) = (&found["turns/1"], found["turns/1"].mark().unwrap());
    let again = |fresh_since| {
        let folder = open(CWD, root.join("turns")).unwrap();
        let stat = statat(folder.fd().unwrap(), c"1", super::AtFlags::SYMLINK_NOFOLLOW).unwrap();
        let walk = Walk { fresh_since, marks: &|_| None };
        let steps = &part.entries.listing;
        walk.again(folder.fd().unwrap(), c"1", &stat, steps, mark.folders.as_deref().unwrap()).is_some()
    };
    assert!(again(NEVER));
    assert!(!again(Duration::ZERO), "what has just changed may change again without a trace");
    next_tick(root);
    fs::write(root.join("turns/1/logs/new"), "").unwrap();
    assert!(!again(NEVER));
}

#[test]
fn one_listing_is_kept_for_all_parts_with_the_same_names() {
    let mut listings = Listings::default();
    let scratch = ledger();
    let found = parts(scratch.path(), &Marks::new());
    let steps = |name: &str| found[name].entries.listing.to_vec();
    let (one, other) = (listings.share(steps("turns/1")), listings.share(steps("turns/2")));
    assert!(std::sync::Arc::ptr_eq(&one, &other));
    let found = listings.find(|steps| (steps.len() == one.len()).then(|| Sum::new(NEVER)));
    assert!(found.is_some_and(|(listing, _)| std::sync::Arc::ptr_eq(&listing, &one)));
}
