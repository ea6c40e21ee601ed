//! [`World`]: a repository with a ledger and one record, and a turn to be recorded in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use codex_ledger::git::{PrivateDirs, Signing, Worktree as _};
use codex_ledger::record::EventsLog;
use codex_ledger::system::{DiskRoot, FixedClock, Identities, RealDisk, SkippingWaiter};
use codex_ledger::texts::ContextValue;
use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{
    CheckResult, CheckStatus, FileLedger, GitCli, GitMode, LedgerError, LedgerOptions, Reader, RecordEnd,
    Recorded, RedactionRules, ReportFile, TaskHeader, TurnBegin, TurnEnd, TurnHeader, VerifyLevel, verify,
};
use codex_protocol::{EventLine, TransportEnd, TurnSummary, TurnUsage, Usage, UsageSource, Verdict};
use tempfile::TempDir;

use crate::fate::{Blow, Fate, FatedDisk, FatedVcs};
use crate::scratch::run;

/// A repository with a ledger in it.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) mode: GitMode,
}

/// A value that no record may hold.
pub(crate) const SECRET: &str = "s3cr3t-v4lue-of-the-t3st";

pub(crate) const LINES: [&str; 6] = [
    r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#,
    r#"{"type":"turn.started"}"#,
    r#"{"type":"item.started","item":{"id":"item_0","type":"command_execution","command":"cargo test","aggregated_output":"","exit_code":null,"status":"in_progress"}}"#,
    r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"cargo test","aggregated_output":"token s3cr3t-v4lue-of-the-t3st\n","exit_code":0,"status":"completed"}}"#,
    r#"{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"Done: the test passes."}}"#,
    r#"{"type":"turn.completed","usage":{"input_tokens":600,"cached_input_tokens":100,"output_tokens":30}}"#,
];

impl World {
    /// A repository with one commit, an empty ledger, and nothing else.
    pub(crate) fn empty(mode: GitMode) -> Self {
        let world = Self::unborn(mode);
        world.write("README.md", "hello\n");
        world.write("src/old.rs", "fn old() {}\n");
        world.git(&["add", "-A"]);
        world.git(&["commit", "-q", "-m", "first"]);
        world
    }

    /// A repository without a commit, and an empty ledger.
    pub(crate) fn unborn(mode: GitMode) -> Self {
        let world = Self { folder: scratch_folder(), mode };
        fs::create_dir(world.root()).unwrap();
        world.git(&["init", "-q", "-b", "main"]);
        world.git(&["config", "user.name", "Ada"]);
        world.git(&["config", "user.email", "ada@example.com"]);
        world.ledger().init().unwrap();
        world
    }

    /// The same with one record.
    pub(crate) fn new(mode: GitMode) -> Self {
        let world = Self::empty(mode);
        world.turn(&world.ledger(), 1).unwrap();
        world.settle();
        world
    }

    /// Makes a worktree clean for the modes that need it so.
    fn settle(&self) {
        if self.mode.commits() {
            assert_eq!(self.line(&["status", "--porcelain"]), "");
        }
    }

    /// A copy that may be destroyed.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { folder: scratch_folder(), mode: self.mode };
        copy_folder(&self.root(), &copy.root());
        copy
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("main")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn git(&self, args: &[&str]) -> Vec<u8> {
        run(&self.root(), args, &[])
    }

    pub(crate) fn line(&self, args: &[&str]) -> String {
        String::from_utf8(self.git(args)).unwrap().trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn ledger(&self) -> FileLedger {
        self.fated(&Fate::new(Blow::None))
    }

    /// A fresh ledger under a fate.
    pub(crate) fn fated(&self, fate: &Arc<Fate>) -> FileLedger {
        self.ledger_at(&self.root(), fate, options())
    }

    pub(crate) fn ledger_at(&self, root: &Path, fate: &Arc<Fate>, options: LedgerOptions) -> FileLedger {
        let vcs = git_cli(root);
        let roots = PrivateDirs::disk_roots(&vcs).into_iter();
        let roots = roots.chain([DiskRoot::below(vcs.worktree_root(), LEDGER_ROOT)]);
        let disk = FatedDisk { fate: fate.clone(), disk: RealDisk::within(roots) };
        FileLedger::builder(root, rules())
            .vcs(Arc::new(FatedVcs { fate: fate.clone(), vcs }))
            .disk(Arc::new(disk))
            .clock(Arc::new(FixedClock::at("2025-09-05T17:42:10Z".parse().unwrap())))
            .identities(Arc::new(Names(AtomicU64::new(count(&self.root().join(LEDGER_ROOT).join("turns"))))))
            .waiter(Arc::new(SkippingWaiter::new()))
            .options(options)
            .open()
            .unwrap()
    }

    /// Records a turn that changes three files.
    pub(crate) fn turn(&self, ledger: &FileLedger, number: u32) -> Result<Recorded, LedgerError> {
        self.turn_with(ledger, number, |_| {})
    }

    /// The same, with something else that happens meanwhile.
    pub(crate) fn turn_with(
        &self,
        ledger: &FileLedger,
        number: u32,
        meanwhile: impl FnOnce(&Self),
    ) -> Result<Recorded, LedgerError> {
        let mut log = ledger.open_turn(self.header())?;
        log.begin_turn(TurnBegin::new(format!("Make test {number} pass. ```\n# Turn: 99")));
        for (line, text) in (1..).zip(LINES) {
            if line == 4 {
                self.write("README.md", format!("hello {number}\n"));
                self.write(&format!("src/new_{number}.rs"), "fn new() {}\n");
                let _ = fs::remove_file(self.root().join("src/old.rs"));
            }
            log.record(&EventLine::new(line, text.as_bytes()));
        }
        meanwhile(self);
        log.end_turn(
            TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_millis(1250)).usage(
                TurnUsage::default()
                    .with_thread(Usage::new(600, 30))
                    .with_turn(Usage::new(600, 30), UsageSource::Stream),
            ),
            &folded(&LINES),
        );
        let report = r#"<testsuite><testcase name="a"/><testcase name="b"/></testsuite>"#;
        let report = ReportFile::new("target/tests.xml", report, "2025-09-05T17:42:20Z".parse().unwrap());
        let coverage = "SF:a\nDA:1,1\nDA:2,0\nend_of_record\n";
        let coverage = ReportFile::new("lcov.info", coverage, "2025-09-05T17:42:20Z".parse().unwrap());
        log.finish(
            RecordEnd::new()
                .tests(CheckResult::new(CheckStatus::Passed).file(report))
                .coverage(CheckResult::new(CheckStatus::Passed).file(coverage)),
        )
    }

    pub(crate) fn header(&self) -> TurnHeader {
        let task = TaskHeader::named("make-tests-pass").input("src/old.rs").parameter("api_key", SECRET);
        TurnHeader::new(task, "codex@0.169.0", "codex-turns@0.1.0").git_mode(self.mode).context([
            ContextValue::global("TARGET_PROJECT", "/home/ada/shop", "the caller"),
            ContextValue::project("Name", "shop", "project_context.md"),
        ])
    }

    /// All files of the ledger and their bytes.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let root = self.root().join(LEDGER_ROOT);
        collect(&root, &root, &mut files);
        files
    }

    /// All refs but the claims, which are only there or not.
    pub(crate) fn refs(&self) -> String {
        self.line(&["for-each-ref", "--format=%(refname) %(objectname)"])
    }

    /// What is left in the private folders besides caches and locks.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let dirs = self.root().join(".git/turns");
        ["journal", "trash"].iter().flat_map(|name| entries(&dirs.join(name))).collect()
    }

    /// Verifies the ledger, git's part included.
    pub(crate) fn verify(&self, story: &str) {
        let reader = Reader::at(self.root());
        let found = verify(&reader, &git_cli(&self.root()), &VerifyLevel::Git).unwrap();
        assert!(found.is_clean(), "{story}: {:#?}", found.findings);
    }

    pub(crate) fn manifest(&self, turn: u64) -> serde_json::Value {
        let path = self.root().join(format!("{LEDGER_ROOT}/turns/{turn}/manifest.json"));
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }
}

pub(crate) fn options() -> LedgerOptions {
    let mut options = LedgerOptions::default();
    options.sign = Signing::Never;
    options.events = EventsLog::On;
    options
}

/// What the lines of a turn come to.
pub(crate) fn folded(lines: &[&str]) -> TurnSummary {
    let mut summary = TurnSummary::new();
    for (number, line) in (1..).zip(lines) {
        summary.observe(&EventLine::new(number, line.as_bytes()));
    }
    summary
}

/// The rules that know the one secret of the world.
pub(crate) fn rules() -> RedactionRules {
    RedactionRules::of_environment([("DEPLOY_TOKEN", SECRET)])
}

pub(crate) fn git_cli(root: &Path) -> GitCli {
    GitCli::builder()
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .discover(root)
        .unwrap()
}

/// A folder in memory where there is one: these tests sync thousands of files, and no machine crashes in them.
fn scratch_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Names that follow from the records that are there, so that they are the same in every run.
struct Names(AtomicU64);

impl Identities for Names {
    fn uid(&self) -> String {
        format!("00000000-0000-7000-8000-{:012x}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn nonce(&self) -> String {
        format!("{:032x}", self.0.load(Ordering::Relaxed))
    }
}

fn count(folder: &Path) -> u64 {
    entries(folder).len() as u64
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for path in entries(folder) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// Copies a folder with the times of its files, which git's index and recovery look at.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            let metadata = entry.metadata().unwrap();
            assert!(metadata.nlink() >= 1);
            fs::File::options()
                .write(true)
                .open(&target)
                .or_else(|_| fs::File::open(&target))
                .unwrap()
                .set_modified(metadata.modified().unwrap())
                .unwrap();
        }
    }
}
