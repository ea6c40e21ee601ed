//! What a claim costs where 1, 1,000 and 10,000 records are, and what git alone takes for its two steps.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use codex_ledger::GitCli;
use codex_ledger::claims::{ClaimOptions, Claims, VisibleIds};
use codex_ledger::git::{PrivateDirs, Refs as _, Worktree as _, WriteObjects as _};
use codex_ledger::system::{RealDisk, SystemClock, SystemIdentities, SystemWaiter};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tempfile::TempDir;

const LEDGER: &str = "ai/agentic-pipeline";

fn git_cli(root: &Path) -> GitCli {
    let builder = GitCli::builder().env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    builder.discover(root).unwrap()
}

/// A repository with so many claims, folders of records and rows.
fn repository(records: u64) -> (TempDir, GitCli) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    run(&root, &["init", "-q"], "");
    let cli = git_cli(&root);
    let blob = cli.write_blob(b"claim\n").unwrap();
    let (mut refs, mut rows) = (String::new(), String::from("turnId,timestampUtc\n"));
    for number in 1..=records {
        writeln!(refs, "create refs/turns/{number} {blob}").unwrap();
        writeln!(rows, "{number},2025-01-01T00:00:00Z,a task of some length,main,turn/{number},,,,").unwrap();
        fs::create_dir_all(root.join(LEDGER).join("turns").join(number.to_string())).unwrap();
    }
    fs::write(root.join(LEDGER).join("turns_index.csv"), rows).unwrap();
    run(&root, &["update-ref", "--stdin"], &refs);
    run(&root, &["pack-refs", "--all"], "");
    (scratch, cli)
}

#[expect(clippy::disallowed_methods, reason = "prepares the repository")]
fn run(root: &Path, args: &[&str], stdin: &str) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("git");
    command.args(args).current_dir(root).env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

fn claim(cli: &GitCli) {
    let disk = RealDisk::within(PrivateDirs::disk_roots(cli));
    let (clock, identities, waiter) = (SystemClock::new(), SystemIdentities::new(), SystemWaiter::new());
    let options = ClaimOptions::default();
    let visible = VisibleIds::scan(&cli.worktree_root().join(LEDGER));
    Claims::new(cli, &disk, &clock, &identities, &waiter, &options).allocate(visible).unwrap();
}

fn claims(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("claim");
    group.sample_size(20);
    for records in [1, 1_000, 10_000] {
        let (_scratch, cli) = repository(records);
        group.bench_function(BenchmarkId::new("with the cache", records), |bencher| {
            bencher.iter(|| claim(&cli));
        });
        group.bench_function(BenchmarkId::new("without the cache", records), |bencher| {
            bencher.iter(|| {
                fs::remove_file(PrivateDirs::of(&cli).head_cache()).unwrap();
                claim(&cli);
            });
        });
        let mut number = 1_000_000_000;
        group.bench_function(BenchmarkId::new("git alone", records), |bencher| {
            bencher.iter(|| {
                number += 1;
                let blob = cli.write_blob(format!("{number}").as_bytes()).unwrap();
                cli.create_ref(&format!("refs/turns/{number}"), &blob, &[]).unwrap();
            });
        });
    }
    group.finish();
}

criterion_group!(benches, claims);
criterion_main!(benches);
