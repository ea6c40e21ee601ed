//! [`Scratch`]: a home with a Codex home and a repository in it, for one scenario, gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::scenario::Scenario;
use crate::process::{command, workspace_root};

#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) home: PathBuf,
    pub(crate) codex_home: PathBuf,
    pub(crate) work: PathBuf,
    _folder: TempDir,
}

impl Scratch {
    pub(crate) fn new(scenario: &Scenario) -> Result<Self> {
        // Codex complains on stderr of a home below the temporary folder, and sandboxed commands may write there.
        // But only there a folder is in no repository at all.
        let parent = if scenario.setup.no_repository {
            std::env::temp_dir()
        } else {
            workspace_root().join("target").join("recordings")
        };
        fs::create_dir_all(&parent)?;
        let folder = tempfile::Builder::new().prefix(&format!("{}-", scenario.name)).tempdir_in(&parent)?;
        let home = folder.path().to_owned();
        let (work, codex_home) = (home.join("project"), home.join(".codex"));
        fs::create_dir(&codex_home)?;
        fs::create_dir(&work)?;
        let scratch = Self { home, codex_home, work, _folder: folder };
        scratch.fill(scenario)?;
        Ok(scratch)
    }

    /// The rollout of the scenario's first thread.
    pub(crate) fn rollout(&self) -> Result<String> {
        let path = oldest(&self.codex_home.join("sessions")).context("codex has left no rollout")?;
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn fill(&self, scenario: &Scenario) -> Result<()> {
        let Self { codex_home, work, .. } = self;
        for (folder, files) in [(work, &scenario.setup.files), (codex_home, &scenario.setup.home)] {
            for (name, text) in files {
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap_or(folder))?;
                fs::write(path, text)?;
            }
        }
        if scenario.setup.no_repository {
            return Ok(());
        }
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--allow-empty", "--message=start"],
        ] {
            let status = command("git")
                .args([
                    "-c",
                    "user.name=user",
                    "-c",
                    "user.email=user@example.com",
                    "-c",
                    "commit.gpgsign=false",
                ])
                .args(arguments)
                .current_dir(work)
                .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
                .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
                .stdin(Stdio::null())
                .status()
                .context("cannot start git")?;
            ensure!(status.success(), "git {} failed", arguments.join(" "));
        }
        Ok(())
    }
}

/// The oldest file below the folder: its name begins with its time.
fn oldest(folder: &Path) -> Option<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().next()
}
