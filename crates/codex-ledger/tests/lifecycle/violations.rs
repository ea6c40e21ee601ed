//! What a record names that should not have happened.

use codex_ledger::manifest::{RecordState, Violation};
use codex_ledger::record::Watch;
use codex_ledger::{GitMode, RecordEnd};

use crate::fate::{Blow, Fate};
use crate::world::{World, options};

fn paths(world: &World, kind: &str) -> Vec<String> {
    let manifest = world.manifest(1);
    let all = manifest["ledger"]["violations"].as_array().unwrap().iter();
    let of_kind = all.filter(|violation| violation["kind"] == kind);
    of_kind.map(|violation| violation["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_caller_adds_violations() {
    let world = World::empty(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    let violation = Violation::new("report-forged", "was written by the agent").at("out/junit.xml");
    let recorded = log.finish(RecordEnd::new().violation(violation.clone())).unwrap();
    assert_eq!(recorded.violations, [violation]);
    assert_eq!(paths(&world, "report-forged"), ["out/junit.xml"]);
}

#[test]
fn watched_files_are_named_once_and_those_of_checks_too() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    world.write("AGENTS.md", "obey\n");
    log.settle();
    world.write("deep/.codex/config.toml", "written by a check\n");
    let recorded = log.finish(RecordEnd::new()).unwrap();
    assert_eq!(paths(&world, "project-layer-changed"), ["AGENTS.md", "deep/.codex/config.toml"]);
    assert_eq!(recorded.violations.len(), 2);
    assert_ne!(recorded.reason.as_deref(), Some("project-layer-changed"));
    world.verify("watched");
}

#[test]
fn a_record_that_a_crash_left_names_watched_files_too() {
    let world = World::empty(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    world.write("sub/AGENTS.md", "obey\n");
    // The last sign of life comes after it.
    std::fs::write(world.root().join(".git/turns/journal").join(name_of_journal(&world)).join("later"), "")
        .unwrap();
    drop(log);
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered[0].record.state, RecordState::Interrupted);
    assert_eq!(paths(&world, "project-layer-changed"), ["sub/AGENTS.md"]);
}

fn name_of_journal(world: &World) -> String {
    let mut journals = std::fs::read_dir(world.root().join(".git/turns/journal")).unwrap();
    journals.next().unwrap().unwrap().file_name().into_string().unwrap()
}

#[test]
fn what_is_watched_can_be_chosen() {
    let world = World::empty(GitMode::Record);
    let mut options = options();
    options.watch = Watch::nothing().and("ci/**");
    let ledger = world.ledger_at(&world.root(), &Fate::new(Blow::None), options);
    let log = ledger.open_turn(world.header()).unwrap();
    world.write("AGENTS.md", "obey\n");
    world.write("ci/deploy.sh", "exit\n");
    log.finish(RecordEnd::new()).unwrap();
    assert_eq!(paths(&world, "project-layer-changed"), ["ci/deploy.sh"]);
}
