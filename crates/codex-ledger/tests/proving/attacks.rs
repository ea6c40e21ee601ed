//! A table of what somebody can do to records, each with the level that finds it and the code it is found by.

#[path = "attacks/hidden.rs"]
mod hidden;
#[path = "attacks/removed.rs"]
mod removed;
#[path = "attacks/rewritten.rs"]
mod rewritten;
#[path = "attacks/witnesses.rs"]
mod witnesses;
#[path = "attacks/words.rs"]
mod words;

use codex_ledger::GitMode;
use codex_ledger::prove::FindingCode as Code;
use rstest::rstest;

use crate::site::{Site, View};

/// What somebody does, who finds it at least, and by which code; a level above a level finds it, too.
type Attack = (&'static str, GitMode, fn(&Site), &'static [(View, Code)]);

const RECORD: GitMode = GitMode::Record;
const COMMIT: GitMode = GitMode::Commit;

fn attacks() -> impl Iterator<Item = &'static Attack> {
    let tables = [hidden::ATTACKS, removed::ATTACKS, words::ATTACKS, rewritten::ATTACKS, witnesses::ATTACKS];
    tables.into_iter().flatten()
}

#[test]
fn the_table_is_long_enough() {
    assert!(attacks().count() >= 60, "{}", attacks().count());
}

#[rstest]
fn every_attack_is_found(#[values(0, 1, 2, 3, 4, 5, 6, 7)] part: usize) {
    let mut wrong = Vec::new();
    for (name, mode, attack, found) in attacks().skip(part).step_by(8) {
        let site = Site::new(*mode);
        attack(&site);
        for (view, code) in *found {
            let errors = site.errors(*view);
            if !errors.contains(&code.as_str()) {
                wrong.push(format!("{name}: {view:?} found {errors:?} instead of {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
