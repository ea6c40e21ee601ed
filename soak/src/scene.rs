//! [`Scene`]: a scratch repository with a worktree for each lane, and folders for all that a turn writes elsewhere.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use codex_exec::{ApiKey, CodexEnvironment, ExecOptions, ParentDeath, Program, StateDir};
use codex_fixtures::{ModelServer, pinned_codex};
use codex_ledger::{FileLedger, RedactionRules};
use codex_runner::{Project, SettingFlag};
use codex_turn::{Codex, Sandbox, ThreadOptions};

use crate::process::command;

/// A scratch repository with a worktree for each lane, and folders for all that a turn writes elsewhere.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: PathBuf,
    lanes: usize,
    mark: String,
    codex: PathBuf,
}

impl Scene {
    /// Makes it in an empty folder.
    pub(crate) fn create(folder: &Path, lanes: usize) -> Result<Self> {
        let scene = Self::at(folder, lanes, format!("CODEX_SOAK_{}", std::process::id()))?;
        for name in ["home", "user", "tmp", "state", "repository"] {
            let folder = folder.join(name);
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        fs::write(folder.join("repository/README.md"), "# A project\n").context("cannot write a file")?;
        scene.git(&["init", "--quiet"])?;
        scene.git(&["add", "."])?;
        scene.git(&["commit", "--quiet", "--message", "a project"])?;
        for lane in 0..lanes {
            let path = scene.lane(lane);
            let path = path.to_str().context("the folder of the soak is no UTF-8")?;
            scene.git(&["worktree", "add", "--quiet", "--detach", path])?;
            FileLedger::open(path, RedactionRules::none())?.init()?;
        }
        Ok(scene)
    }

    /// One that another process has made.
    pub(crate) fn at(folder: &Path, lanes: usize, mark: String) -> Result<Self> {
        let codex = pinned_codex().map_err(|missing| anyhow::anyhow!("{missing}"))?;
        Ok(Self { folder: folder.to_owned(), lanes, mark, codex })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A variable that all processes of the soak but its own have in their environment.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// The same for the processes of one lane.
    pub(crate) fn mark_of(&self, lane: usize) -> String {
        format!("{}_LANE_{lane}", self.mark)
    }

    pub(crate) fn lanes(&self) -> usize {
        self.lanes
    }

    /// The worktree of a lane.
    pub(crate) fn lane(&self, lane: usize) -> PathBuf {
        self.folder.join(format!("lane-{lane}"))
    }

    /// The folders in which files come and go with each turn: Codex's temporary folder, our state, and what the ledger
    /// keeps below the git directory.
    pub(crate) fn passing_folders(&self) -> Vec<PathBuf> {
        ["tmp", "state", "repository/.git/turns", "repository/.git/worktrees"]
            .map(|name| self.folder.join(name))
            .to_vec()
    }

    /// Puts back the clock of what a host has left as it died: after a day that is forgotten.
    pub(crate) fn let_a_day_pass(&self) -> Result<()> {
        let shared = ["state/starts", "state/threads", "repository/.git/turns"].map(str::to_owned);
        let of_lanes = (0..self.lanes).flat_map(|lane| {
            let turns = format!("repository/.git/worktrees/lane-{lane}/turns");
            [format!("{turns}/index"), turns]
        });
        for folder in shared.into_iter().chain(of_lanes) {
            let entries = fs::read_dir(self.folder.join(&folder)).with_context(|| format!("no {folder}"))?;
            for entry in entries.flatten().filter(|entry| !is_cache(&entry.file_name())) {
                // A start that has just ended takes its files with it.
                let Ok(file) = fs::OpenOptions::new().append(true).open(entry.path()) else { continue };
                file.set_modified(SystemTime::now() - Duration::from_hours(48))
                    .context("cannot set a time")?;
            }
        }
        Ok(())
    }

    /// A Codex that asks this server.
    pub(crate) fn codex(&self, server: &ModelServer, lane: usize) -> Result<Codex> {
        let at = |name: &str| self.folder.join(name);
        let environment = CodexEnvironment::inherit()
            .set("HOME", at("user"))
            .set("TMPDIR", at("tmp"))
            .set(&self.mark, "1")
            .set(self.mark_of(lane), "1");
        let options = ExecOptions::default().state_dir(StateDir::at(at("state")));
        let codex = Codex::builder()
            .program(Program::at(&self.codex)?)
            .options(options.parent_death(ParentDeath::Interrupt))
            .codex_home(at("home"))
            .api_key(ApiKey::new("scripted-key"))
            .base_url(server.base_url())
            .environment(environment)
            .with(|invocation| invocation.disable("plugins").total_limit(Duration::from_mins(2)))
            .build()?;
        Ok(codex)
    }

    /// The project of a lane, whose turns are all recorded.
    pub(crate) fn project(&self, lane: usize) -> Result<Project> {
        let environment = codex_runner::Environment::empty().state(self.folder.join("state"));
        let required = SettingFlag::new("ledger.required", "the soak", "true");
        Ok(Project::builder(self.lane(lane), environment).set(required).without_program().open()?)
    }

    /// How a turn of a lane runs. The commands are ours, so they need no sandbox.
    pub(crate) fn options(&self, lane: usize) -> ThreadOptions {
        ThreadOptions::new(self.lane(lane)).model("gpt-5.5").sandbox(Sandbox::DangerFullAccess)
    }

    /// Whoever runs this may have no name for git yet, or hooks and signatures that it must not ask for.
    fn git(&self, arguments: &[&str]) -> Result<()> {
        let settings = [
            "user.name=soak",
            "user.email=soak@localhost",
            "commit.gpgsign=false",
            "core.hooksPath=/dev/null",
        ];
        let mut git = command("git");
        git.current_dir(self.folder.join("repository"));
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(variable);
        }
        for setting in settings {
            git.args(["-c", setting]);
        }
        let output = git.args(arguments).output().context("cannot start git: install it")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "git {} failed: {}", arguments.join(" "), complaint.trim());
        Ok(())
    }
}

/// Whether a file is made once the ledger is long enough for it, and stays: one for each worktree.
pub(crate) fn is_cache(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"kept-")
}
