//! What a claim costs where 1, 1,000 and 10,000 records are, and what git alone takes for its two steps; and how long clones
//! of one remote wait that claim at once. `cargo bench --bench claim -- clones` measures the clones alone.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use codex_ledger::GitCli;
use codex_ledger::claims::{ClaimMode, ClaimOptions, Claims, VisibleIds};
use codex_ledger::git::{PrivateDirs, Refs as _, Worktree as _, WriteObjects as _};
use codex_ledger::system::{RealDisk, SystemClock, SystemIdentities, SystemWaiter};
use criterion::{BenchmarkId, Criterion, criterion_group};
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

/// A bare repository, and clones of it.
fn clones(folder: &Path, count: usize) -> Vec<PathBuf> {
    run(folder, &["init", "-q", "--bare", "remote.git"], "");
    (0..count)
        .map(|number| {
            let name = format!("clone-{number}");
            run(folder, &["clone", "-q", "remote.git", &name], "");
            folder.join(name)
        })
        .collect()
}

/// Claims again and again, and returns how long each claim took.
fn claim_on_remote(folder: &Path, times: usize) -> Vec<(u64, Duration)> {
    let cli = git_cli(folder);
    let disk = RealDisk::within(PrivateDirs::disk_roots(&cli));
    let (clock, identities, waiter) = (SystemClock::new(), SystemIdentities::new(), SystemWaiter::new());
    let mut options = ClaimOptions::default();
    options.mode = ClaimMode::remote("origin");
    options.give_up = Duration::from_mins(5);
    options.remote_limit = Duration::from_mins(1);
    let claims = Claims::new(&cli, &disk, &clock, &identities, &waiter, &options);
    (0..times)
        .map(|_| {
            let start = Instant::now();
            let claim = claims.allocate(VisibleIds::none()).unwrap();
            (claim.turn_id.get(), start.elapsed())
        })
        .collect()
}

/// Clones that all claim on one remote at once: prints how long they waited, and how many numbers nobody got.
#[expect(clippy::print_stdout, reason = "criterion measures no distribution over writers")]
fn many_writers(count: usize, times: usize) {
    let scratch = tempfile::tempdir().unwrap();
    let folders = clones(&scratch.path().canonicalize().unwrap(), count);
    let claimed: Vec<(u64, Duration)> = thread::scope(|scope| {
        let threads: Vec<_> =
            folders.iter().map(|folder| scope.spawn(move || claim_on_remote(folder, times))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (mut numbers, mut waits): (Vec<u64>, Vec<Duration>) = claimed.into_iter().unzip();
    numbers.sort_unstable();
    waits.sort_unstable();
    let is_unique = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(is_unique, "a number was given twice: {numbers:?}");
    let gaps = numbers.last().unwrap() - numbers.len() as u64;
    println!(
        "{count} clones, {times} claims each: median {:.1?}, nine of ten {:.1?}, worst {:.1?}, {gaps} numbers left out",
        waits[waits.len() / 2],
        waits[waits.len() * 9 / 10],
        waits[waits.len() - 1],
    );
}

criterion_group!(benches, claims);

fn main() {
    many_writers(1, 10);
    many_writers(20, 5);
    if !std::env::args().any(|argument| argument == "clones") {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
}
