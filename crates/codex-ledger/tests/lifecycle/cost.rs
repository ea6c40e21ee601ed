//! How often a recorded turn starts git and waits for the disk.

use std::process::Command;
use std::sync::{Arc, Mutex};

use codex_ledger::git::{PrivateDirs, Worktree as _};
use codex_ledger::system::{DiskRoot, RealDisk};
use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{FileLedger, GitCli, GitMode};

use crate::fate::{Blow, Fate, FatedDisk};
use crate::world::{World, options, rules};

/// What a turn has cost.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    /// The commands of git, in order.
    commands: Vec<String>,
    /// How often the ledger itself waited until something was on the disk.
    syncs: usize,
}

/// The command among the arguments, after the settings.
fn command_of(command: &Command) -> String {
    let mut arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    loop {
        match arguments.next() {
            Some(setting) if setting == "-c" => drop(arguments.next()),
            Some(option) if option.starts_with("--") => {}
            command => return command.unwrap_or_default(),
        }
    }
}

fn is_synced(effect: &str) -> bool {
    ["write_new ", "append ", "sync_dir ", "sync_files ", "sync the lines"]
        .iter()
        .any(|verb| effect.starts_with(verb))
}

/// Records a second turn in a ledger that was opened once.
fn second_turn(mode: GitMode) -> Cost {
    let world = World::new(mode);
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let kept = seen.clone();
    let vcs = GitCli::builder()
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .prepare(move |command| kept.lock().unwrap().push(command_of(command)))
        .discover(&world.root())
        .unwrap();
    let fate = Fate::new(Blow::None);
    let ledger_root = DiskRoot::below(vcs.worktree_root(), LEDGER_ROOT);
    let roots = PrivateDirs::disk_roots(&vcs).into_iter().chain([ledger_root]);
    let disk = FatedDisk { fate: fate.clone(), disk: RealDisk::within(roots) };
    let ledger = FileLedger::builder(world.root(), rules())
        .vcs(Arc::new(vcs))
        .disk(Arc::new(disk))
        .options(options())
        .open()
        .unwrap();
    seen.lock().unwrap().clear();
    let recorded = world.turn(&ledger, 2).unwrap();
    assert_eq!(recorded.warnings, Vec::<String>::new());
    let commands = seen.lock().unwrap().clone();
    Cost { commands, syncs: fate.effects().iter().filter(|effect| is_synced(effect)).count() }
}

#[test]
fn a_turn_that_commits_nothing_costs_this() {
    let Cost { commands, syncs } = second_turn(GitMode::Record);
    let before = ["status", "update-index", "write-tree", "hash-object", "update-ref"];
    let after = ["diff-index", "status", "update-index", "write-tree"];
    let changes = ["diff-tree", "patch-id", "cat-file"];
    let seal = ["fast-import"];
    assert_eq!(commands, [&before[..], &after, &changes, &seal].concat());
    assert_eq!(syncs, 20);
}
