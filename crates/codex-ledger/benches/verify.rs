//! What it costs to prove 1,000 and 10,000 records by their files, and 100 by git; and to read them all.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_ledger::prove::verify_files;
use codex_ledger::read::rebuild_index;
use codex_ledger::values::sha256_hex;
use codex_ledger::{
    FileLedger, GitCli, GitMode, Manifest, Reader, RecordEnd, RedactionRules, TaskHeader, TurnBegin, TurnEnd,
    TurnHeader, TurnId, VerifyLevel, verify,
};
use codex_protocol::{TransportEnd, TurnSummary, Verdict};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use tempfile::TempDir;

fn git_cli(root: &Path) -> GitCli {
    let builder = GitCli::builder().env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    builder.discover(root).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "prepares the repository")]
fn run(root: &Path, args: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(args).current_dir(root);
    assert!(command.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
}

/// A repository with so many records, of which each writes one file.
fn repository(records: u64, mode: GitMode) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    run(&root, &["init", "-q"]);
    fs::write(root.join("README.md"), "hello\n").unwrap();
    run(&root, &["add", "-A"]);
    run(&root, &["commit", "-q", "-m", "first"]);
    let ledger =
        FileLedger::builder(&root, RedactionRules::none()).vcs(Arc::new(git_cli(&root))).open().unwrap();
    ledger.init().unwrap();
    for number in 1..=records {
        let header = TurnHeader::new(TaskHeader::named("bench"), "codex@1.0.0", "bench@1.0.0").git_mode(mode);
        let mut log = ledger.open_turn(header).unwrap();
        log.begin_turn(TurnBegin::new("Do it."));
        fs::write(root.join(format!("file{number}.txt")), "x\n".repeat(40)).unwrap();
        let end = TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_secs(1));
        log.end_turn(end, &TurnSummary::new());
        log.finish(RecordEnd::new()).unwrap();
    }
    (scratch, root)
}

/// So many copies of one record, each with its own number and the one before as parent.
fn copies(records: u64) -> (TempDir, PathBuf) {
    let (scratch, root) = repository(1, GitMode::Record);
    let reader = Reader::at(&root);
    let first = reader.record(TurnId::FIRST).unwrap().unwrap();
    let changelog = String::from_utf8(first.read_file("changelog.md").unwrap().unwrap()).unwrap();
    let mut manifests: Vec<Manifest> = vec![first.manifest().clone()];
    for number in 2..=records {
        let before = manifests.last().unwrap();
        let mut manifest = first.manifest().clone();
        manifest.turn_id = TurnId::new(number).unwrap();
        let part = manifest.ledger.as_mut().unwrap();
        part.uid = format!("00000000-0000-7000-8000-{number:012}");
        let parent = json!({
            "turnId": before.turn_id,
            "uid": before.ledger.as_ref().unwrap().uid,
            "manifestSha256": sha256_hex(&before.to_bytes()),
        });
        part.parents = vec![serde_json::from_value(parent).unwrap()];
        let folder = reader.places().turn(manifest.turn_id);
        fs::create_dir_all(folder.join("logs")).unwrap();
        for artifact in &mut part.artifacts {
            let bytes = if artifact.path == "changelog.md" {
                changelog.replace("turns/1/", &format!("turns/{number}/")).into_bytes()
            } else {
                first.read_file(&artifact.path).unwrap().unwrap()
            };
            (artifact.sha256, artifact.bytes) = (sha256_hex(&bytes), bytes.len() as u64);
            fs::write(folder.join(&artifact.path), bytes).unwrap();
        }
        fs::write(folder.join("manifest.json"), manifest.to_bytes()).unwrap();
        manifests.push(manifest);
    }
    fs::write(reader.places().index(), rebuild_index(&manifests)).unwrap();
    (scratch, root)
}

fn files(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("by files");
    group.sample_size(10);
    for records in [1_000, 10_000] {
        let (_scratch, root) = copies(records);
        let reader = Reader::at(&root);
        assert_eq!(verify_files(&reader).unwrap().findings, []);
        group.throughput(Throughput::Elements(records));
        group.bench_function(BenchmarkId::new("verify", records), |bencher| {
            bencher.iter(|| assert!(verify_files(&reader).unwrap().is_clean()));
        });
        group.bench_function(BenchmarkId::new("heads", records), |bencher| {
            bencher.iter(|| assert_eq!(reader.heads().unwrap().len(), 1));
        });
    }
    group.finish();
}

fn git(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("by git");
    group.sample_size(10);
    for (name, mode) in [("record", GitMode::Record), ("commit", GitMode::Commit)] {
        let records = 100;
        let (_scratch, root) = repository(records, mode);
        let (reader, cli) = (Reader::at(&root), git_cli(&root));
        assert_eq!(verify(&reader, &cli, &VerifyLevel::Git).unwrap().findings, []);
        group.throughput(Throughput::Elements(records));
        group.bench_function(BenchmarkId::new("verify", name), |bencher| {
            bencher.iter(|| assert!(verify(&reader, &cli, &VerifyLevel::Git).unwrap().is_clean()));
        });
    }
    group.finish();
}

criterion_group!(benches, files, git);
criterion_main!(benches);
