//! With a fixed clock and fixed names a record is the same, byte for byte.

use codex_ledger::GitMode;
use codex_ledger::manifest::RecordState;

use crate::world::{SECRET, World};

#[test]
fn a_record_is_the_same_every_time() {
    let (one, other) = (World::new(GitMode::Record), World::new(GitMode::Record));
    assert_eq!(one.files(), other.files());
    assert_eq!(one.refs(), other.refs());
}

#[test]
fn what_a_record_holds() {
    let world = World::empty(GitMode::Record);
    let recorded = world.turn(&world.ledger(), 1).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    assert_eq!(recorded.state, RecordState::Completed);
    assert_eq!(world.leftovers(), Vec::<std::path::PathBuf>::new());
    let files = world.files();
    let listing: Vec<String> = files
        .iter()
        .map(|(name, bytes)| format!("{name} {} {}", bytes.len(), codex_ledger::values::sha256_hex(bytes)))
        .collect();
    insta::assert_snapshot!("listing", listing.join("\n"));
    for name in
        ["manifest.json", "changelog.md", "adr.md", "diff.patch", "logs/task.log", "logs/events.jsonl"]
    {
        let bytes = &files[&format!("turns/1/{name}")];
        insta::assert_snapshot!(name.replace('/', "_"), String::from_utf8_lossy(bytes));
    }
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{name} holds the secret");
    }
}
