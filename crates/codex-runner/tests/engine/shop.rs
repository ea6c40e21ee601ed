//! [`Shop`]: a repository with a ledger and a pipeline of three tasks.

use std::fs;
use std::path::{Path, PathBuf};

use codex_ledger::Reader;
use codex_runner::{Environment, PipelineWork, Project, SettingFlag, Work, start_ledger};
use serde_json::Value;
use tempfile::TempDir;

const PATTERN: &str = "ai/context/application-implementation-patterns/shop";

/// A repository with a ledger and a pipeline of three tasks.
pub(crate) struct Shop {
    scratch: TempDir,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let shop = Self { scratch: tempfile::tempdir().unwrap() };
        fs::create_dir(shop.root()).unwrap();
        shop.git(&["init", "-q", "-b", "main"]);
        for setting in [["user.name", "Ada"], ["user.email", "ada@example.com"]] {
            shop.git(&["config", setting[0], setting[1]]);
        }
        shop.write("ai/context/session_context.md", "STORE = `src/store.txt`\n");
        shop.write(
            "ai/context/project_context.md",
            "# Project\n\n- Name: shop\n- Application Implementation Pattern: shop\n",
        );
        shop.write(&format!("{PATTERN}/pattern_context.md"), "# Shop\n");
        shop.write(
            &format!("{PATTERN}/task-pipeline.md"),
            "1. TASK 01 - Store\n2. TASK 02 - Report\n3. TASK 03 - Choose\n",
        );
        for task in ["01 - Store", "02 - Report", "03 - Choose"] {
            let title = task.split(" - ").nth(1).unwrap();
            shop.write(&format!("{PATTERN}/tasks/TASK {task}.task.md"), &format!("# {title}\n\nDo it.\n"));
        }
        shop.git(&["add", "-A"]);
        shop.git(&["commit", "-q", "-m", "stock"]);
        start_ledger(&shop.project(shop.environment()).open_ledger(None).unwrap()).unwrap();
        shop
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.path().join("shop")
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::empty().state(self.scratch.path().join("state"))
    }

    /// Opens the project, whose turns no program runs.
    pub(crate) fn project(&self, environment: Environment) -> Project {
        let required = SettingFlag::new("ledger.required", "the test", "true");
        Project::builder(self.root(), environment).set(required).without_program().open().unwrap()
    }

    pub(crate) fn work(&self) -> PipelineWork {
        PipelineWork::new(Work::new(self.root()))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn manifest(&self, number: u64) -> Value {
        let root = self.root();
        let record = Reader::at(&root).record(number.to_string().parse().unwrap()).unwrap().unwrap();
        serde_json::to_value(record.manifest()).unwrap()
    }

    /// All files of a record.
    pub(crate) fn record(&self, number: u64) -> Vec<u8> {
        let folder = self.path(&format!("{}/turns/{number}", codex_ledger::values::LEDGER_ROOT));
        let mut bytes = Vec::new();
        read_all(&folder, &mut bytes);
        assert!(!bytes.is_empty(), "there is a record in {}", folder.display());
        bytes
    }

    #[expect(clippy::disallowed_methods, reason = "the test makes a repository with git itself")]
    fn git(&self, words: &[&str]) {
        let mut command = std::process::Command::new("git");
        let command = command.current_dir(self.root()).args(words);
        let command = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        assert!(command.status().unwrap().success(), "{words:?}");
    }
}

fn read_all(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, bytes);
        } else {
            bytes.extend(fs::read(path).unwrap());
        }
    }
}
