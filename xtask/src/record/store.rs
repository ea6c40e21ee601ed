//! [`Store`]: the recordings of one release on disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use codex_fixtures::StreamMeta;

use super::play::{PlayedProcess, PlayedTurn};

#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    pub(crate) fn write(&self, scenario: &str, recorded: &PlayedTurn) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        for PlayedProcess { name, stream, meta } in &recorded.recordings {
            self.write_file(&format!("{name}.jsonl"), stream)?;
            self.write_file(&format!("{name}.meta.toml"), &toml::to_string_pretty(meta)?)?;
        }
        if let Some(rollout) = &recorded.rollout {
            self.write_file(&format!("{scenario}.rollout.jsonl"), rollout)?;
        }
        Ok(())
    }

    pub(crate) fn read(&self, name: &str) -> Result<(String, StreamMeta)> {
        let path = self.folder.join(format!("{name}.jsonl"));
        let stream = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let path = self.folder.join(format!("{name}.meta.toml"));
        let meta = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((stream, toml::from_str(&meta).with_context(|| format!("no meta data in {}", path.display()))?))
    }

    /// The names of all streams that are stored.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return BTreeSet::new() };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter_map(|name| name.strip_suffix(".meta.toml").map(str::to_owned)).collect()
    }

    fn write_file(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}
