//! [`DemoProject`]: a scratch repository, and the folders of somebody who works in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use codex_fixtures::CodexSettings;

use crate::process::command;

/// Lies below one folder, which each demo makes anew.
pub(crate) struct DemoProject {
    folder: PathBuf,
    codex_home: PathBuf,
}

impl DemoProject {
    /// Makes the repository with these files in one commit.
    pub(crate) fn create(folder: &Path, files: &[(&str, &str)], commit: &str) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let project = Self { folder: folder.to_owned(), codex_home: folder.join("codex-home") };
        for folder in [&project.repository(), &project.codex_home, &project.state_home(), &project.home()] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        for (name, text) in files {
            fs::write(project.repository().join(name), text)
                .with_context(|| format!("cannot write {name}"))?;
        }
        project.git(&["init", "--quiet"])?;
        project.git(&["add", "."])?;
        project.git(&["commit", "--quiet", "--message", commit])?;
        Ok(project)
    }

    /// Points Codex at the scripted model, as a user's own configuration would point it elsewhere.
    pub(crate) fn configure(&self, settings: &CodexSettings) -> Result<()> {
        let model = format!("model = \"{}\"", settings.model);
        let others = settings.config.iter().map(|(key, value)| format!("{key} = {value}"));
        // Current models get the tool for plans only on request.
        let plans = "tools.update_plan.enabled = true".to_owned();
        let config: Vec<String> =
            std::iter::once(model).chain(others).chain([plans, String::new()]).collect();
        let path = self.codex_home.join("config.toml");
        fs::write(&path, config.join("\n")).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.join("project")
    }

    pub(crate) fn codex_home(&self) -> &Path {
        &self.codex_home
    }

    pub(crate) fn state_home(&self) -> PathBuf {
        self.folder.join("state")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub(crate) fn result_file(&self) -> PathBuf {
        self.folder.join("result.json")
    }

    pub(crate) fn diff(&self) -> Result<String> {
        self.git(&["diff"])
    }

    /// Whoever runs this may have no name for git yet, or hooks and signatures that it must not ask for.
    fn git(&self, arguments: &[&str]) -> Result<String> {
        let settings = [
            "user.name=demo",
            "user.email=demo@localhost",
            "commit.gpgsign=false",
            "core.hooksPath=/dev/null",
        ];
        let mut git = command("git");
        git.current_dir(self.repository()).env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        for setting in settings {
            git.args(["-c", setting]);
        }
        let output = git.args(arguments).output().context("cannot start git: install it")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "git {} failed: {}", arguments.join(" "), complaint.trim());
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
