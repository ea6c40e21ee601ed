//! What a record costs, from its claim to its place, where 10, 1,000 and 10,000 are; and a stat of every file of them.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_ledger::values::{LEDGER_ROOT, sha256_hex};
use codex_ledger::{
    FileLedger, GitCli, GitMode, RecordEnd, RedactionRules, TaskHeader, TurnBegin, TurnEnd, TurnHeader,
};
use codex_protocol::{EventLine, TransportEnd, TurnSummary, Verdict};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use tempfile::TempDir;

#[expect(clippy::disallowed_methods, reason = "prepares the repository")]
fn run(root: &Path, args: &[&str], stdin: &str) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(args).current_dir(root);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

fn ledger(root: &Path) -> FileLedger {
    let builder = GitCli::builder().env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    FileLedger::builder(root, RedactionRules::none())
        .vcs(Arc::new(builder.discover(root).unwrap()))
        .open()
        .unwrap()
}

fn turn(ledger: &FileLedger, root: &Path) {
    let header = TurnHeader::new(TaskHeader::named("bench"), "codex@1.0.0", "bench@1.0.0");
    let mut log = ledger.open_turn(header.git_mode(GitMode::Record)).unwrap();
    log.begin_turn(TurnBegin::new("Do it."));
    log.record(&EventLine::new(1, *br#"{"type":"turn.completed"}"#));
    fs::write(root.join("README.md"), format!("{}\n", log.turn_id())).unwrap();
    let end = TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_secs(1));
    log.end_turn(end, &TurnSummary::new());
    let recorded = log.finish(RecordEnd::new()).unwrap();
    assert!(recorded.warnings.is_empty(), "{:?}", recorded.warnings);
}

/// A repository with so many records, each a copy of a real one with its own number and parent.
fn repository(records: u64) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    run(&root, &["init", "-q"], "");
    fs::write(root.join("README.md"), "hello\n").unwrap();
    run(&root, &["add", "-A"], "");
    run(&root, &["commit", "-q", "-m", "first"], "");
    let ledger = ledger(&root);
    ledger.init().unwrap();
    turn(&ledger, &root);
    let first = ledger.places().turn("1".parse().unwrap());
    let manifest: Value = serde_json::from_slice(&fs::read(first.join("manifest.json")).unwrap()).unwrap();
    let row = fs::read_to_string(ledger.places().index()).unwrap().lines().nth(1).unwrap().to_owned();
    let mut parent = sha256_hex(&fs::read(first.join("manifest.json")).unwrap());
    let (mut refs, mut rows) = (String::new(), String::new());
    let blob = ledger.vcs().write_blob(b"claim\n").unwrap();
    for number in 2..=records {
        let folder = ledger.places().turn(number.to_string().parse().unwrap());
        fs::create_dir_all(folder.join("logs")).unwrap();
        for entry in fs::read_dir(&first).unwrap().chain(fs::read_dir(first.join("logs")).unwrap()) {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.join(path.strip_prefix(&first).unwrap())).unwrap();
            }
        }
        let mut manifest = manifest.clone();
        manifest["turnId"] = number.into();
        manifest["ledger"]["uid"] = format!("uid-{number}").into();
        let uid = if number == 2 {
            manifest["ledger"]["uid"].clone()
        } else {
            format!("uid-{}", number - 1).into()
        };
        manifest["ledger"]["parents"] = json!([{"turnId": number - 1, "uid": uid, "manifestSha256": parent}]);
        let bytes = serde_json::to_vec_pretty(&manifest).unwrap();
        parent = sha256_hex(&bytes);
        fs::write(folder.join("manifest.json"), bytes).unwrap();
        writeln!(refs, "create refs/turns/{number} {blob}\ncreate refs/turns-seal/{number} {blob}").unwrap();
        writeln!(rows, "{number}{}", &row[1..]).unwrap();
    }
    let index = ledger.places().index();
    fs::write(&index, format!("{}{rows}", fs::read_to_string(&index).unwrap())).unwrap();
    run(&root, &["update-ref", "--stdin"], &refs);
    run(&root, &["pack-refs", "--all"], "");
    // The first turn fills the caches, as the first turn after a clone does.
    turn(&ledger, &root);
    (scratch, root)
}

fn stat(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let count = |entry: fs::DirEntry| {
        let metadata = entry.path().symlink_metadata().unwrap();
        if metadata.is_dir() { stat(&entry.path()) } else { 1 }
    };
    entries.map(count).sum()
}

fn records(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    group.sample_size(10);
    for count in [10_u64, 1000, 10_000] {
        let (_scratch, root) = repository(count);
        let ledger = ledger(&root);
        group.bench_function(BenchmarkId::new("claim and seal", count), |bencher| {
            bencher.iter(|| turn(&ledger, &root));
        });
        group.bench_function(BenchmarkId::new("stat of every file", count), |bencher| {
            bencher.iter(|| stat(&root.join(LEDGER_ROOT)));
        });
    }
    group.finish();
}

criterion_group!(benches, records);
criterion_main!(benches);
