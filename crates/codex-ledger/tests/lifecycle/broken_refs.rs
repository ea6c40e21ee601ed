//! A crash of the machine leaves refs broken: recovery writes them again, and looks whether they are there.

use std::fs;
use std::path::PathBuf;

use codex_ledger::record::Stage;
use codex_ledger::{GitMode, LedgerError};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::World;

/// What is left of the file of a ref.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Empty,
    Nul,
    Torn,
    ObjectMissing,
}

impl Damage {
    fn bytes(self, whole: &[u8]) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Nul => vec![0; whole.len()],
            Self::Torn => whole[..17].to_vec(),
            Self::ObjectMissing => [&[b'1'; 40][..], b"\n"].concat(),
        }
    }
}

fn file_of(world: &World, name: &str) -> PathBuf {
    world.root().join(".git").join(name)
}

/// The effects of an undisturbed turn.
fn effects(base: &World) -> Vec<String> {
    let (world, fate) = (base.copy(), Fate::new(Blow::None));
    world.turn(&world.fated(&fate), 2).unwrap();
    fate.effects()
}

fn damage(world: &World, name: &str, damage: Damage) {
    let path = file_of(world, name);
    let whole = fs::read(&path).unwrap();
    fs::write(path, damage.bytes(&whole)).unwrap();
}

#[rstest]
fn a_broken_ref_of_a_record_is_made_again_as_it_was(
    #[values(
        (GitMode::Record, "refs/turns/1"),
        (GitMode::Record, "refs/turns-seal/1"),
        (GitMode::Commit, "refs/turns/1"),
        (GitMode::Commit, "refs/tags/turn/1"),
        (GitMode::Branch, "refs/tags/turn/1")
    )]
    place: (GitMode, &str),
    #[values(Damage::Empty, Damage::Nul, Damage::Torn, Damage::ObjectMissing)] kind: Damage,
) {
    let (mode, name) = place;
    let world = World::new(mode);
    let refs = world.refs();
    damage(&world, name, kind);
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(world.refs(), refs);
    world.verify("recovered");
    assert_eq!(world.leftovers(), Vec::<PathBuf>::new());
    let told: Vec<_> = recovered.iter().map(|found| (found.found, found.record.refs.clone())).collect();
    let stage = if mode.commits() { Stage::Committed } else { Stage::Indexed };
    let expected =
        if name.starts_with("refs/turns/") { vec![] } else { vec![(stage, vec![name.to_owned()])] };
    assert_eq!(told, expected);
    assert_eq!(recovered.iter().flat_map(|found| &found.record.warnings).count(), 0);
    assert_eq!(world.ledger().recover().unwrap(), []);
    assert_eq!(world.turn(&world.ledger(), 2).unwrap().turn_id.get(), 2);
}

#[rstest]
fn refs_that_broke_before_the_journal_was_deleted_are_made_again(
    #[values(GitMode::Record, GitMode::Commit)] mode: GitMode,
    #[values(Damage::Empty, Damage::ObjectMissing)] kind: Damage,
) {
    let base = World::new(mode);
    let golden = base.copy();
    golden.turn(&golden.ledger(), 2).unwrap();
    let deletion = 1 + effects(&base).iter().rposition(|effect| effect.starts_with("rename")).unwrap();
    let guard = if mode.commits() { "refs/tags/turn/2" } else { "refs/turns-seal/2" };
    for name in ["refs/turns/2", guard] {
        let world = base.copy();
        world.turn(&world.fated(&Fate::new(Blow::KillBefore(deletion))), 2).unwrap();
        damage(&world, name, kind);
        assert_eq!(world.ledger().recover().unwrap().len(), 1, "{name}");
        assert_eq!(world.refs(), golden.refs(), "{name}");
        assert_eq!(world.leftovers(), Vec::<PathBuf>::new(), "{name}");
    }
}

#[test]
fn a_broken_claim_of_a_turn_that_got_no_further_is_a_record() {
    let base = World::new(GitMode::Record);
    let claim = 1 + effects(&base).iter().position(|effect| effect == "git create_ref").unwrap();
    let world = base.copy();
    world.turn(&world.fated(&Fate::new(Blow::KillAfter(claim))), 2).unwrap_err();
    damage(&world, "refs/turns/2", Damage::Empty);
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered.iter().map(|found| found.found).collect::<Vec<_>>(), [Stage::Claimed]);
    assert_eq!(world.manifest(2)["task"]["name"], "make-tests-pass");
    world.verify("recovered");
    assert_eq!(world.turn(&world.ledger(), 3).unwrap().turn_id.get(), 3);
}

#[test]
fn a_broken_claim_that_nothing_knows_keeps_its_number() {
    let world = World::new(GitMode::Record);
    fs::write(file_of(&world, "refs/turns/2"), "").unwrap();
    assert_eq!(world.turn(&world.ledger(), 3).unwrap().turn_id.get(), 3);
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered.iter().map(|found| found.record.turn_id.get()).collect::<Vec<_>>(), [2]);
    assert_eq!(world.manifest(2)["ledger"]["state"], "interrupted");
    world.verify("recovered");
}

#[test]
fn a_broken_tag_whose_commit_is_elsewhere_is_an_error_that_says_so() {
    let world = World::new(GitMode::Commit);
    world.git(&["branch", "-q", "elsewhere"]);
    world.git(&["reset", "-q", "--soft", "HEAD^^"]);
    damage(&world, "refs/tags/turn/1", Damage::Empty);
    let error = world.ledger().recover().unwrap_err();
    assert!(matches!(error, LedgerError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("refs/tags/turn/1 is broken"), "{error}");
    assert_eq!(world.leftovers(), Vec::<PathBuf>::new());
}

/// A disk that loses what it was given must not make recovery say that the record is finished.
#[test]
fn recovery_does_not_say_that_a_row_is_there_that_is_not() {
    let base = World::new(GitMode::Record);
    let row = 1 + effects(&base).iter().position(|effect| effect == "append turns_index.csv").unwrap();
    let world = base.copy();
    world.turn(&world.fated(&Fate::new(Blow::KillBefore(row))), 2).unwrap();
    let index = world.root().join("ai/agentic-pipeline/turns_index.csv");
    fs::write(index, &base.files()["turns_index.csv"]).unwrap();
    let recovered = world.fated(&Fate::new(Blow::LoseAppends)).recover().unwrap();
    let warnings: Vec<&String> = recovered.iter().flat_map(|found| &found.record.warnings).collect();
    assert!(
        matches!(warnings[..], [warning] if warning.contains("the row of the record is not there")),
        "{warnings:?}"
    );
    assert_eq!(world.ledger().recover().unwrap().len(), 1);
    assert_eq!(world.leftovers(), Vec::<PathBuf>::new());
    world.verify("recovered on a disk that keeps what it is given");
}
