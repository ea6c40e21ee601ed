//! What a record costs, from its claim to its place, beside 10, 1,000 and 10,000 committed records, and beside 50,000 for a report;
//! and what a stat of every file of them costs, and the starts of git that a record cannot do without.
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

fn run(root: &Path, args: &[&str], stdin: &[u8]) {
    start(root, args, stdin, None);
}

/// The same with an index that is empty.
fn run_beside(root: &Path, args: &[&str]) {
    start(root, args, b"", Some(&root.join(".git/no-index")));
}

#[expect(clippy::disallowed_methods, reason = "prepares the repository, and is the floor")]
fn start(root: &Path, args: &[&str], stdin: &[u8], index: Option<&Path>) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(args).current_dir(root);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::piped()).stdout(Stdio::null());
    command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
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

/// The files of one record, from its folder, with what they hold.
fn files_of(record: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(record).unwrap().chain(fs::read_dir(record.join("logs")).unwrap());
    let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| (path.strip_prefix(record).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

/// A repository with so many committed records, each a copy of a real one with its own number and parent.
fn repository(records: u64) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    run(&root, &["init", "-q", "-b", "main"], b"");
    fs::write(root.join("README.md"), "hello\n").unwrap();
    run(&root, &["add", "-A"], b"");
    run(&root, &["commit", "-q", "-m", "first"], b"");
    let ledger = ledger(&root);
    ledger.init().unwrap();
    turn(&ledger, &root);
    let first = ledger.places().turn("1".parse().unwrap());
    let mut files = files_of(&first);
    files.retain(|(path, _)| path != Path::new("manifest.json"));
    let manifest = fs::read(first.join("manifest.json")).unwrap();
    let mut parent = sha256_hex(&manifest);
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let row = fs::read_to_string(ledger.places().index()).unwrap().lines().nth(1).unwrap().to_owned();
    let (mut refs, mut rows) = (String::new(), String::new());
    let mut import = Import::default();
    let shared: Vec<usize> = files.iter().map(|(_, bytes)| import.blob(bytes)).collect();
    let blob = ledger.vcs().write_blob(b"claim\n").unwrap();
    for number in 2..=records {
        let folder = ledger.places().turn(number.to_string().parse().unwrap());
        fs::create_dir_all(folder.join("logs")).unwrap();
        for ((path, bytes), mark) in files.iter().zip(&shared) {
            fs::write(folder.join(path), bytes).unwrap();
            import.put(&root, &folder.join(path), *mark);
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
        let mark = import.blob(&bytes);
        import.put(&root, &folder.join("manifest.json"), mark);
        fs::write(folder.join("manifest.json"), bytes).unwrap();
        writeln!(refs, "create refs/turns/{number} {blob}\ncreate refs/turns-seal/{number} {blob}").unwrap();
        writeln!(rows, "{number}{}", &row[1..]).unwrap();
    }
    let index = ledger.places().index();
    fs::write(&index, format!("{}{rows}", fs::read_to_string(&index).unwrap())).unwrap();
    run(&root, &["update-ref", "--stdin"], refs.as_bytes());
    run(&root, &["pack-refs", "--all"], b"");
    run(&root, &["fast-import", "--quiet"], &import.commit());
    run(&root, &["read-tree", "main"], b"");
    // The first turn fills the caches, as the first turn after a clone does.
    turn(&ledger, &root);
    (scratch, root)
}

/// Files that become a commit at once, without git reading each of them from the worktree.
#[derive(Default)]
struct Import {
    blobs: Vec<u8>,
    marks: usize,
    entries: String,
}

impl Import {
    fn blob(&mut self, bytes: &[u8]) -> usize {
        self.marks += 1;
        self.blobs
            .extend_from_slice(format!("blob\nmark :{}\ndata {}\n", self.marks, bytes.len()).as_bytes());
        self.blobs.extend_from_slice(bytes);
        self.blobs.push(b'\n');
        self.marks
    }

    fn put(&mut self, root: &Path, file: &Path, mark: usize) {
        writeln!(self.entries, "M 100644 :{mark} {}", file.strip_prefix(root).unwrap().display()).unwrap();
    }

    /// A commit on top of what is there.
    fn commit(mut self) -> Vec<u8> {
        let header = "commit refs/heads/main\ncommitter A <a@example.com> 1757000000 +0000\ndata 8\nrecords\n\
                      from refs/heads/main^0\n";
        self.blobs.extend_from_slice(header.as_bytes());
        self.blobs.extend_from_slice(self.entries.as_bytes());
        self.blobs
    }
}

/// The starts of git that a record cannot do without, each with next to nothing to do: look at the worktree twice and write it as a
/// tree, claim a number, compare, name the patch, and write and name the seal.
fn git_alone(root: &Path) {
    for command in [
        "status --porcelain=v2 --untracked-files=no -- README.md",
        "write-tree",
        "hash-object -w --stdin",
        "update-ref --stdin",
        "status --porcelain=v2 --untracked-files=no -- README.md",
        "write-tree",
        "diff-tree -r HEAD HEAD",
        "patch-id",
        "cat-file --batch",
        "mktree",
        "update-ref --stdin",
    ] {
        run_beside(root, &command.split(' ').collect::<Vec<_>>());
    }
}

fn stat(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let count = |entry: fs::DirEntry| {
        let metadata = entry.path().symlink_metadata().unwrap();
        if metadata.is_dir() { stat(&entry.path()) } else { 1 }
    };
    entries.map(count).sum()
}

/// The CPU time of this process and of all that it has started and that has ended.
fn cpu() -> Duration {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(4);
    Duration::from_secs_f64(fields.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_SECOND)
}

/// What so many iterations take of CPU time, measured over so many that the clock's ticks do not show.
fn cpu_of(iterations: u64, least: u32, work: impl Fn()) -> Duration {
    let iterations = u32::try_from(iterations).unwrap();
    let times = iterations.max(least);
    let before = cpu();
    (0..times).for_each(|_| work());
    cpu().saturating_sub(before) * iterations / times
}

fn records(criterion: &mut Criterion) {
    // With this argument `cargo xtask bench --report` measures.
    let is_report = std::env::args().any(|argument| argument == "--noplot");
    for (count, least) in [(10_u64, 5_u32), (1000, 5), (10_000, 2), (50_000, 1)] {
        if count > 10_000 && !is_report {
            continue;
        }
        let (_scratch, root) = repository(count);
        let ledger = ledger(&root);
        // Each turn that is measured adds a record, so few are, and these first.
        let mut group = criterion.benchmark_group("record_cpu");
        group.sample_size(10);
        let works: [(&str, u32, &dyn Fn()); 3] = [
            ("claim and seal", least, &|| turn(&ledger, &root)),
            ("stat of every file", least, &|| assert!(stat(&root.join(LEDGER_ROOT)) > count)),
            ("git alone", 20, &|| git_alone(&root)),
        ];
        for (name, least, work) in works {
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_custom(|iterations| cpu_of(iterations, least, work));
            });
        }
        group.finish();
        let mut group = criterion.benchmark_group("record");
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("claim and seal", count), |bencher| {
            bencher.iter(|| turn(&ledger, &root));
        });
        group.bench_function(BenchmarkId::new("git alone", count), |bencher| {
            bencher.iter(|| git_alone(&root));
        });
        group.finish();
    }
}

criterion_group!(benches, records);
criterion_main!(benches);
